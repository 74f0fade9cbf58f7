"""Sealing everything anew with the first key, in batches, while the bot runs.

What is sealed with the first key already is never looked at, so a run that was cut off is simply
started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Column, Select, func, select, update
from sqlalchemy.orm import Session

from storage.crypto import ID_BYTES
from storage.database import vault_of
from storage.errors import KeyProblem, SealBroken
from storage.tables import Base

LOOKED_AT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Position:
    """Where the next batch begins: after row ``after`` of the sealed column number ``column``."""

    column: int
    after: Any = None


START = Position(0)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did; ``next`` is null at the end. Broken values stay as they are."""

    resealed: int
    broken: int
    next: Position | None


def batch(session: Session, position: Position = START, limit: int = 200) -> Batch:
    """Seal up to ``limit`` values anew and return where to go on."""
    columns = sealed_columns()
    column = columns[position.column]
    key = _key(column)
    query = _old(session, column, select(key, column)).order_by(key).limit(limit)
    if position.after is not None:
        query = query.where(key > position.after)
    rows = session.execute(query.with_for_update()).all()
    broken = sum(not _reseal(session, column, row, sealed) for row, sealed in rows)
    if len(rows) == limit:
        following: Position | None = Position(position.column, rows[-1][0])
    elif position.column + 1 < len(columns):
        following = Position(position.column + 1)
    else:
        following = None
    return Batch(len(rows) - broken, broken, following)


def remaining(session: Session) -> int:
    """Return how many values are not sealed with the first key: 0 when older keys can go.

    The oldest key also protects the codes of classes and staff links: they stop working without it.
    """
    counts = (
        session.scalar(_old(session, column, select(func.count()).select_from(column.table)))
        for column in sealed_columns()
    )
    return sum(count or 0 for count in counts)


def check_keys(session: Session) -> None:
    """Raise KeyProblem when values were sealed with a key that is not set.

    As when the old key is taken out before a rotation is done. A single value with an unknown key
    id may be a damaged one, and must not stop the whole school. Of a large table the rows are
    looked at that a rotation comes to last.
    """
    ids: Counter[bytes | None] = Counter()
    for _, group in groupby(sealed_columns(), key=lambda column: str(column.table.name)):
        columns = list(group)
        last = select(*columns).order_by(_key(columns[0]).desc()).limit(LOOKED_AT).subquery()
        named = [func.substr(each, 1, ID_BYTES) for each in last.columns]
        for *found, count in session.execute(select(*named, func.count()).group_by(*named)):
            for key_id in found:
                ids[key_id] += count
    knows = vault_of(session).knows
    if any(key_id and count > 1 and not knows(key_id) for key_id, count in ids.items()):
        raise KeyProblem("the data was sealed with a key that is not set")


def sealed_columns() -> tuple[Column[Any], ...]:
    """Return all sealed columns of all tables, in a fixed order."""
    return tuple(_sealed_columns())


def _sealed_columns() -> Iterator[Column[Any]]:
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if column.name.endswith("_sealed"))


def _old(session: Session, column: Column[Any], query: Select[Any]) -> Select[Any]:
    first = vault_of(session).current_id
    return query.where(column.is_not(None), func.substr(column, 1, ID_BYTES) != first)


def _reseal(session: Session, column: Column[Any], row: Any, sealed: bytes) -> bool:
    vault = vault_of(session)
    place = f"{column.table.name}.{column.name}:{row}"
    try:
        anew = vault.seal(vault.open(sealed, place), place)
    except (KeyProblem, SealBroken):
        return False
    table = column.table
    session.execute(update(table).where(_key(column) == row).values({column.name: anew}))
    return True


def _key(column: Column[Any]) -> Column[Any]:
    (key,) = column.table.primary_key.columns
    return key
