"""Dead rows of tables that hold sealed words: PostgreSQL keeps them until a vacuum.

A plain vacuum frees their room but leaves the bytes until something else is written there; a table
that is written anew leaves none. SQLite needs neither: it overwrites (``storage.database``).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.rekey import sealed_columns

SMALL_BYTES: Final = 64_000_000
"""A table up to this is written anew within a second."""


async def vacuum(db: Database, *, anew: bool = False) -> None:
    """Clear the dead rows of every table with a sealed column; ``anew``: write small ones anew.

    Nobody waits for it: a table that is locked just then is left for the next time.
    """
    if db.is_sqlite:
        return
    await db.maintain(f"VACUUM (SKIP_LOCKED) {', '.join(_tables())}")
    for table in await db.run(_small) if anew else ():
        await db.maintain(f"VACUUM (FULL, SKIP_LOCKED) {table}")


def _tables() -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(column.table.name) for column in sealed_columns()))


def _small(session: Session) -> tuple[str, ...]:
    sizes = {name: func.pg_total_relation_size(name) for name in _tables()}
    row = session.execute(select(*(size.label(name) for name, size in sizes.items()))).one()
    return tuple(name for name in sizes if getattr(row, name) <= SMALL_BYTES)
