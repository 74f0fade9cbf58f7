"""How the pupil of a report stood in the class when that class ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("reports", sa.Column("stood_as", sa.String(12)))
