"""Which alarms were told outside Telegram: one alarm and one all-clear over all replicas.

It outlives a restart, so that a bot that comes back in the middle of an outage tells nothing twice,
and still tells when all is well again. Kept as rows of ``jobs``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import jobs
from storage.jobs import Lease
from storage.tables import Job

PREFIX: Final = "alarm:"
SENDING: Final = timedelta(minutes=2)
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


def standing(session: Session) -> frozenset[str]:
    """Return the reasons that were told and not cleared."""
    query = select(Job.name).where(Job.name.startswith(PREFIX), Job.ran_at.is_not(None))
    return frozenset(name.removeprefix(PREFIX) for name in session.scalars(query))


def take(session: Session, reason: str, now: datetime) -> Lease | None:
    """Take it upon oneself to tell a reason; None when it stands already or another is at it.

    Given back with ``jobs.done`` when it went, ``jobs.failed`` when it did not.
    """
    return jobs.lease(session, PREFIX + reason, NEVER, now, SENDING)


def clear(session: Session) -> frozenset[str]:
    """Let nothing stand any more; return what did. Of several at once one gets an answer."""
    told = update(Job).where(Job.name.startswith(PREFIX), Job.ran_at.is_not(None))
    names = session.scalars(told.values(ran_at=None).returning(Job.name)).all()
    return frozenset(name.removeprefix(PREFIX) for name in names)


def restore(session: Session, reasons: Iterable[str], now: datetime) -> None:
    """Let reasons stand again whose all-clear did not go."""
    names = [PREFIX + reason for reason in reasons]
    session.execute(update(Job).where(Job.name.in_(names)).values(ran_at=now))
