"""The steps of a report, without words or names. The database refuses to change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.tables import Event, ordered_id

Actor = Literal["pupil", "staff", "admin", "system"]


@dataclass(frozen=True, slots=True)
class EventView:
    """One step; ``detail`` is a role, a state or a reason code."""

    what: str
    actor: str
    actor_id: str | None
    detail: str | None
    at: datetime


def record(
    session: Session,
    report_id: str,
    what: str,
    now: datetime,
    *,
    actor: Actor = "system",
    actor_id: str | None = None,
    detail: str | None = None,
) -> None:
    """Write one step; the caller holds the lock of the report's row."""
    count = session.scalar(select(func.count()).where(Event.report_id == report_id)) or 0
    session.add(
        Event(
            id=ordered_id(count),  # ids of one report sort in the order of its steps
            report_id=report_id,
            what=what,
            actor=actor,
            actor_id=actor_id,
            detail=detail,
            at=now,
        )
    )
    session.flush()


def history(session: Session, report_id: str) -> tuple[EventView, ...]:
    """Return the steps of a report, oldest first."""
    found = session.scalars(select(Event).where(Event.report_id == report_id).order_by(Event.id))
    return tuple(EventView(e.what, e.actor, e.actor_id, e.detail, e.at) for e in found)


def last_of(session: Session, report_id: str, *kinds: str) -> str | None:
    """Return which of ``kinds`` happened last to a report."""
    query = select(Event.what).where(Event.report_id == report_id, Event.what.in_(kinds))
    return session.scalar(query.order_by(Event.id.desc()).limit(1))


def actors_of(session: Session, report_id: str, what: str) -> frozenset[str]:
    """Return who is named in the steps ``what`` of a report."""
    query = select(Event.actor_id).where(Event.report_id == report_id, Event.what == what)
    return frozenset(each for each in session.scalars(query) if each)
