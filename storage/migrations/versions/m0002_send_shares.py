"""The shares of Telegram's limit that replicas lease."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "send_shares",
        sa.Column("holder", sa.String(64), primary_key=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
    )
