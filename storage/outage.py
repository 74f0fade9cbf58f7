"""An honest word after a long outage: Telegram keeps updates for 24 hours, older ones are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import orders
from storage.authority import OPEN
from storage.claims import insert
from storage.tables import Job, Person, Report

LONG: Final = timedelta(hours=24)
BEAT: Final = "last-poll"


def beat(session: Session, now: datetime) -> timedelta:
    """Note that Telegram answered at ``now``; return how long it had been silent before."""
    session.execute(insert(session, Job).values(name=BEAT, ran_at=now).on_conflict_do_nothing())
    row = session.get(Job, BEAT, with_for_update=True, populate_existing=True)
    if row is None or row.ran_at is None:
        return timedelta(0)
    silent = now - row.ran_at
    row.ran_at = max(now, row.ran_at)
    return silent


def tell_reporters(session: Session, silent: timedelta, now: datetime) -> int:
    """Order a word to each pupil with an open report when the silence was long; return how many."""
    if silent <= LONG:
        return 0
    query = (
        select(Report)
        .join(Person, Person.id == Report.person_id)
        .where(Report.state.in_(OPEN), Person.unreachable_since.is_(None))
        .order_by(Report.created_at.desc())
    )
    told: set[str] = set()
    for report in session.scalars(query):
        if report.person_id not in told:
            told.add(report.person_id)
            orders.to_pupil(session, report, "outage", now)
    return len(told)


def after_poll(session: Session, now: datetime) -> int:
    """Note a poll and, after a long silence, tell those who wait; once, in one transaction."""
    return tell_reporters(session, beat(session, now), now)
