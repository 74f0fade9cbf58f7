"""How often one pupil can report. Urgent reports are never refused, only marked."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import people
from storage.errors import TooMany
from storage.policy import Policy
from storage.tables import Report


def until(session: Session, telegram_id: int, policy: Policy, now: datetime) -> datetime | None:
    """Return until when an account may not report; None when it may now."""
    person = people.row(session, telegram_id)
    if person is None:
        return None
    recent = select(Report.created_at).where(Report.person_id == person.id)
    times = list(
        session.scalars(
            recent.where(Report.created_at > now - timedelta(days=1)).order_by(
                Report.created_at.desc()
            )
        )
    )
    ends = [
        times[most - 1] + span
        for most, span in (
            (policy.per_hour, timedelta(hours=1)),
            (policy.per_day, timedelta(days=1)),
        )
        if len(times) >= most
    ]
    latest = max(ends, default=now)
    return latest if latest > now else None


def check(
    session: Session, telegram_id: int, policy: Policy, now: datetime, *, urgent: bool
) -> bool:
    """Return whether an urgent report is over the limit; raises TooMany for any other that is.

    The caller holds ``claims.lock`` of the account, so that two at once count each other.
    """
    blocked = until(session, telegram_id, policy, now)
    if blocked is not None and not urgent:
        raise TooMany(blocked)
    return blocked is not None
