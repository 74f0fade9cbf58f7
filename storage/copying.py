"""Moving everything from one database to another, with the counts compared: whole or not at all.

Sealed values move as they are: their place (table, column, row) stays the same.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Connection, Table, func, insert, select, update

from storage.database import any_engine
from storage.errors import StorageError
from storage.migration import upgrade
from storage.tables import Base, Staff

BATCH: Final = 500


class CopyProblem(StorageError):
    """The copy was not made; the target is as it was."""


def copy(source: URL | str, target: URL | str) -> dict[str, int]:
    """Copy all rows into ``target``, which must hold none, and return how many per table.

    The tables of ``target`` are made first. Raises CopyProblem when it holds rows, or when the
    counts differ afterwards; then nothing is left there. Stop the bot before.
    """
    upgrade(target)
    reading, writing = any_engine(source), any_engine(target)
    try:
        with reading.connect() as old, writing.begin() as new:
            _refuse_full(new)
            counts = {table.name: _table(old, new, table) for table in _tables()}
            _stand_ins(old, new)
            _compare(new, counts)
            return counts
    finally:
        reading.dispose()
        writing.dispose()


def _tables() -> list[Table]:
    return list(Base.metadata.sorted_tables)


def _refuse_full(new: Connection) -> None:
    full = [table.name for table in _tables() if _count(new, table)]
    if full:
        raise CopyProblem(f"the target is not empty: {', '.join(full)}")


def _table(old: Connection, new: Connection, table: Table) -> int:
    copied = 0
    rows = old.execute(select(table)).mappings()
    while batch := rows.fetchmany(BATCH):
        new.execute(insert(table), [_row(table, row) for row in batch])
        copied += len(batch)
    return copied


def _row(table: Table, row: Any) -> dict[str, Any]:
    values = dict(row)
    if table.name == Staff.__tablename__:
        values["stand_in_id"] = None  # may name a row that comes later
    return values


def _stand_ins(old: Connection, new: Connection) -> None:
    query = select(Staff.id, Staff.stand_in_id).where(Staff.stand_in_id.is_not(None))
    for staff_id, stand_in_id in old.execute(query):
        new.execute(update(Staff).where(Staff.id == staff_id).values(stand_in_id=stand_in_id))


def _compare(new: Connection, counts: dict[str, int]) -> None:
    wrong = [table.name for table in _tables() if _count(new, table) != counts[table.name]]
    if wrong:
        raise CopyProblem(f"the counts differ: {', '.join(wrong)}")


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
