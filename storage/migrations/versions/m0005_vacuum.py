"""On PostgreSQL, dead rows of tables with sealed words are cleared soon, not at a fifth of a table.

Their long values stand in a table beside it (TOAST), which is told the same.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEALED = ("drafts", "exports", "inbox", "kept_questions", "messages", "people", "reports", "staff")
SOON = ("autovacuum_vacuum_scale_factor = 0.01", "autovacuum_vacuum_threshold = 100")


def upgrade() -> None:
    """Set it, where there is something to set."""
    if op.get_bind().dialect.name != "postgresql":
        return
    options = ", ".join([*SOON, *(f"toast.{each}" for each in SOON)])
    for table in SEALED:
        op.execute(f"ALTER TABLE {table} SET ({options})")
