"""The roster has a version, so that it is read and opened again only after it changed.

The database itself sets another one with every change, whoever makes it: an operation, the command
line, another replica or somebody at the database. A version is a random word and no number: one
that was rolled back never comes again, nor does one from before a backup was put back.

``staff.buzzed_at`` is left out, which changes with the reports and which no view of the staff
shows; of the classes only what the posts show counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEEN = {
    "staff": "id, code, name_sealed, telegram_id, claimed_telegram_id, claimed_at, confirmed_at,"
    " revoked_at, left_at, unreachable_since, absent_from, absent_until, stand_in_id",
    "posts": "id, class_id, staff_id, role, rank",
    "classes": "id, label",
}
"""Which columns show in a view of the staff, for each table."""
SQLITE_NEW = "lower(hex(randomblob(16)))"
POSTGRESQL_NEW = "replace(gen_random_uuid()::text, '-', '')"


def upgrade() -> None:
    """Add the version, and let the database keep it."""
    op.create_table(
        "roster_version",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.String(32), nullable=False),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    new = SQLITE_NEW if sqlite else POSTGRESQL_NEW
    op.execute(f"INSERT INTO roster_version (id, version) VALUES (1, {new})")  # noqa: S608
    for statement in _sqlite() if sqlite else _postgresql():
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    for table, columns in SEEN.items():
        for name, event in _events(columns):
            yield f"""CREATE TRIGGER {table}_version_{name} AFTER {event} ON {table}
            BEGIN UPDATE roster_version SET version = {SQLITE_NEW}; END"""  # noqa: S608


def _postgresql() -> Iterator[str]:
    yield f"""CREATE FUNCTION roster_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN UPDATE roster_version SET version = {POSTGRESQL_NEW}; RETURN NULL; END $$"""  # noqa: S608
    for table, columns in SEEN.items():
        for name, event in _events(columns):
            yield f"""CREATE TRIGGER {table}_version_{name} AFTER {event} ON {table}
            FOR EACH ROW EXECUTE FUNCTION roster_changed()"""
        yield f"""CREATE TRIGGER {table}_version_truncate AFTER TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION roster_changed()"""


def _events(columns: str) -> tuple[tuple[str, str], ...]:
    """Return (name, event) of the triggers of a table; per row: what changes none is no change."""
    return ("insert", "INSERT"), ("delete", "DELETE"), ("update", f"UPDATE OF {columns}")
