"""Periodic jobs: over all replicas each runs once when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from storage.claims import insert
from storage.tables import Job

AHEAD: Final = timedelta(minutes=5)
"""By so much the clocks of replicas may differ."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a job until a moment; given back with ``done`` or ``failed``."""

    name: str
    until: datetime


def lease(
    session: Session, name: str, due: datetime, now: datetime, last: timedelta
) -> Lease | None:
    """Take the job when it has not run since ``due`` and nobody else is running it.

    ``due`` is the latest moment at which it should have run: today at 03:00, or now minus the
    period. The lease ends after ``last``, so that a replica that died does not stop the job. A run
    or a lease of the future counts for nothing: a clock that was ahead must not stop the job, and
    with it every missed term, until that time has come.
    """
    if due > now:
        return None
    session.execute(insert(session, Job).values(name=name).on_conflict_do_nothing())
    free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
    statement = (
        update(Job)
        .where(Job.name == name)
        .where(or_(Job.ran_at.is_(None), Job.ran_at < due, Job.ran_at > now + AHEAD))
        .where(or_(free, Job.lease_until > now + last + AHEAD))
        .values(lease_until=now + last)
        .returning(Job.name)
        .execution_options(synchronize_session=False)
    )
    return None if session.scalar(statement) is None else Lease(name, now + last)


def done(session: Session, held: Lease, now: datetime) -> bool:
    """Say that the job ran; False when the lease had ended and another took over."""
    return _give_back(session, held, {"ran_at": now})


def failed(session: Session, held: Lease) -> bool:
    """Give the job back so that it is tried again at once."""
    return _give_back(session, held, {})


def release(session: Session) -> int:
    """End every lease and return how many there were: their holders are gone.

    Only for a database that one process uses, at its start; so a crash delays no job.
    """
    freed = update(Job).where(Job.lease_until.is_not(None)).values(lease_until=None)
    return len(session.scalars(freed.returning(Job.name)).all())


def ran_at(session: Session, name: str) -> datetime | None:
    """Return when a job last ran to its end."""
    job = session.get(Job, name)
    return None if job is None else job.ran_at


def _give_back(session: Session, held: Lease, values: dict[str, datetime]) -> bool:
    statement = (
        update(Job)
        .where(Job.name == held.name, Job.lease_until == held.until)
        .values(values | {"lease_until": None})
        .returning(Job.name)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None
