"""What the breaker holds is counted by an index: else every look reads all that waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HELD = sa.text("lease_by = 'held' AND done_at IS NULL")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_outbox_held", "outbox", ["due_at"], postgresql_where=HELD, sqlite_where=HELD
    )
