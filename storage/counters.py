"""Named counters that give each number once, over all replicas."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage.claims import insert
from storage.tables import Counter


def next_value(session: Session, name: str) -> int:
    """Raise counter ``name`` and return its new value, from 1 on.

    The row stays locked until the transaction ends: there are no gaps, and others wait, so an
    operation takes its number late.
    """
    return raise_by(session, name, 1)


def raise_by(session: Session, name: str, count: int) -> int:
    """Do as ``next_value`` for ``count`` values at once, and return the last of them."""
    statement = insert(session, Counter).values(name=name, value=count)
    raised = statement.on_conflict_do_update(
        index_elements=[Counter.name], set_={"value": Counter.value + count}
    )
    value: int = session.scalar(raised.returning(Counter.value))
    return value
