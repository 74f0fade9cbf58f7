"""How the database finds its rows: the plan of every statement that an operation runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import event, text

from tests.prove.growth_fill import TABLES
from tests.prove.growth_ops import World

SMALL: Final = frozenset({"classes", "counters"})
"""Tables that hold little, whatever the school."""
BIG: Final = frozenset(TABLES) - SMALL

WHOLE: Final[dict[str, set[str]]] = {
    # once a day, and of the school's staff or accounts rather than of its reports
    "dead ends, per class": {"staff", "posts"},
    # or, where many rows are over, as far as the first thousand of them
    "purge of the rest, per row": {"people", "claims", "outbox", "quiz_rounds", "staff"},
    "upkeep round": {"staff"},
    # once a start, and no more than a bounded part
    "start: keys": {"staff", "drafts", "kept_questions", "people", "reports", "messages"},
}
"""What may be read from end to end, by the name of the operation."""


@dataclass
class Plans:
    """``used``: "table by index"; ``full``: tables that were read from end to end."""

    used: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)


def unwanted_in(name: str, found: Plans) -> set[str]:
    """Return the tables that an operation of this name should not have read from end to end."""
    return found.full - WHOLE.get(name, set())


def plans_of(world: World, run: Callable[[World], Any], *, forced: bool = False) -> Plans:
    """Run an operation and return the plans of what it asked.

    ``forced``: PostgreSQL reads a whole table only where no index fits; for a small database, of
    which it would otherwise rightly read everything.
    """
    found = Plans()
    with _listening(world, found, forced=forced):
        run(world)
    return found


@contextmanager
def _listening(world: World, found: Plans, *, forced: bool) -> Iterator[None]:
    postgres = world.engine.dialect.name == "postgresql"
    explain = _explain_postgres if postgres else _explain_sqlite

    def look(
        _: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if re.match(r"\s*(SELECT|UPDATE|DELETE)\b", statement) and "pg_advisory" not in statement:
            with_own = cursor.connection.cursor()
            if forced and postgres:
                with_own.execute("SET LOCAL enable_seqscan = off")
            explain(with_own, statement, parameters[0] if many else parameters, found)
            with_own.close()

    event.listen(world.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(world.engine, "before_cursor_execute", look)


def _explain_postgres(cursor: Any, statement: str, parameters: Any, found: Plans) -> None:
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    for node in _nodes(cursor.fetchone()[0][0]["Plan"]):
        _note(node, found)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _note(node: dict[str, Any], found: Plans) -> None:
    kind, table = node["Node Type"], node.get("Relation Name")
    index = node.get("Index Name")
    if kind == "Seq Scan" and table in BIG:
        found.full.add(table)
    elif index and table:
        partial = index.endswith(PARTIAL)
        if "Index Cond" not in node and not partial and table in BIG:
            found.full.add(table)
        found.used.add(f"{table} by {index.removeprefix('ix_')}")
    elif index:  # a bitmap of one index
        found.used.add(f"bitmap of {index.removeprefix('ix_')}")


def _explain_sqlite(cursor: Any, statement: str, parameters: Any, found: Plans) -> None:
    cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    for *_, line in cursor.fetchall():
        read = re.match(
            r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?\b", line
        )
        if read is None:
            continue
        how, table, index = read.groups()
        if how == "SCAN" and table in BIG and not (index or "").endswith(PARTIAL):
            found.full.add(table)
        found.used.add(f"{table} by {(index or 'key').removeprefix('ix_')}")


PARTIAL: Final = ("_open", "_kept", "_told", "_alarm")
"""Indexes of few rows, by the ends of their names: what waits, stays, was announced or warned."""


def size_on_disk(world: World) -> int:
    """Return the size of a database, in bytes."""
    with world.engine.connect() as connection:
        if world.engine.dialect.name == "postgresql":
            found = connection.scalar(text("SELECT pg_database_size(current_database())"))
        else:
            pages = connection.scalar(text("SELECT page_count FROM pragma_page_count"))
            found = pages * connection.scalar(text("SELECT page_size FROM pragma_page_size"))
    return int(found or 0)
