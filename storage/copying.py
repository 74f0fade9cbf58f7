"""Moving everything to another database, counts and contents compared: whole or not at all.

Sealed values move as they are: their place (table, column, row) stays the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, Connection, RowMapping, Table, func, insert, select, update
from sqlalchemy.orm import Session

from storage.database import any_engine
from storage.errors import StorageError
from storage.migration import check, upgrade
from storage.tables import Base, RosterVersion, Staff

BATCH: Final = 500
Row = RowMapping


class CopyProblem(StorageError):
    """The copy was not made; the target is as it was."""


def copy(source: URL | str, target: URL | str) -> dict[str, int]:
    """Copy all rows into ``target``, which must hold none, and return how many per table.

    The tables of ``target`` are made first. Raises CopyProblem when it holds rows, or when what is
    read back from it is not what was written; then no row is left there. Raises SchemaTooOld or
    SchemaTooNew for a source of another version. Stop the bot before.
    """
    reading, writing = any_engine(source), any_engine(target)
    try:
        with reading.connect() as old:
            if old.dialect.name == "postgresql":  # one moment, whoever goes on writing
                old.execution_options(isolation_level="REPEATABLE READ")
            check(Session(old))
            upgrade(target)
            with writing.begin() as new:
                _refuse_full(new)
                copied = {table.name: _table(old, new, table) for table in _tables()}
                _stand_ins(old, new)
                _compare(new, copied)
            return {name: seen.count for name, seen in copied.items()}
    finally:
        reading.dispose()
        writing.dispose()


@dataclass(slots=True)
class _Seen:
    """How many rows, and a sum over what is in them, in whatever order they come."""

    count: int = 0
    total: int = 0

    def add(self, row: Row) -> None:
        plain = json.dumps(list(row.values()), default=_plain, sort_keys=True)
        self.count += 1
        self.total += int.from_bytes(hashlib.sha256(plain.encode()).digest(), "big")


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _tables() -> list[Table]:
    """Return what is copied: all but the version of the roster, which a database keeps itself."""
    own = RosterVersion.__tablename__
    return [table for table in Base.metadata.sorted_tables if table.name != own]


def _refuse_full(new: Connection) -> None:
    full = [table.name for table in _tables() if _count(new, table)]
    if full:
        raise CopyProblem(f"the target is not empty: {', '.join(full)}")


def _table(old: Connection, new: Connection, table: Table) -> _Seen:
    seen = _Seen()
    for batch in _batches(old, table):
        for row in batch:
            seen.add(row)
        new.execute(insert(table), [_row(table, row) for row in batch])
    return seen


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Row]]:
    """Read a table bit by bit: it need not fit in memory."""
    streamed = select(table).execution_options(stream_results=True)
    yield from connection.execute(streamed).mappings().partitions(BATCH)


def _row(table: Table, row: Any) -> dict[str, Any]:
    values = dict(row)
    if table.name == Staff.__tablename__:
        values["stand_in_id"] = None  # may name a row that comes later
    return values


def _stand_ins(old: Connection, new: Connection) -> None:
    query = select(Staff.id, Staff.stand_in_id).where(Staff.stand_in_id.is_not(None))
    for staff_id, stand_in_id in old.execute(query):
        new.execute(update(Staff).where(Staff.id == staff_id).values(stand_in_id=stand_in_id))


def _compare(new: Connection, copied: dict[str, _Seen]) -> None:
    wrong = [table.name for table in _tables() if _read_back(new, table) != copied[table.name]]
    if wrong:
        raise CopyProblem(f"what arrived differs: {', '.join(wrong)}")


def _read_back(new: Connection, table: Table) -> _Seen:
    seen = _Seen()
    for batch in _batches(new, table):
        for row in batch:
            seen.add(row)
    return seen


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
