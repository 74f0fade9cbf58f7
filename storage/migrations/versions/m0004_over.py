"""What is over leaves the lists' index: a list costs what is open, however long its history.

The database itself keeps ``recipients.is_over`` in step with the report's state, so that no
operation can forget to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = "('sent', 'delivered', 'read', 'working')"
CHANGED = f"(OLD.state IN {OPEN}) <> (NEW.state IN {OPEN})"
FOLLOW = f"""UPDATE recipients SET is_over = CASE WHEN NEW.state IN {OPEN} THEN NULL ELSE TRUE END
    WHERE report_id = NEW.id;"""  # noqa: S608 (fixed words alone)
SQLITE = (
    f"""CREATE TRIGGER reports_over AFTER UPDATE OF state ON reports WHEN {CHANGED}
    BEGIN {FOLLOW} END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION reports_over() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {FOLLOW} RETURN NULL; END $$""",
    f"""CREATE TRIGGER reports_over AFTER UPDATE OF state ON reports
    FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION reports_over()""",
)
LISTED = "is_over IS NULL AND ended_at IS NULL AND failed_at IS NULL"


def upgrade() -> None:
    """Add the column, fill it, and let the database keep it."""
    op.add_column("recipients", sa.Column("is_over", sa.Boolean()))
    ended = f"SELECT id FROM reports WHERE state NOT IN {OPEN}"  # noqa: S608
    op.execute(f"UPDATE recipients SET is_over = TRUE WHERE report_id IN ({ended})")  # noqa: S608
    only = sa.text(LISTED)
    op.create_index(
        "ix_recipients_staff_open",
        "recipients",
        ["staff_id", "report_id"],
        postgresql_where=only,
        sqlite_where=only,
    )
    op.drop_index("ix_recipients_staff_id", "recipients")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)
