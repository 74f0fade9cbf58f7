"""Reminders that a pupil asked for: when, and whether there is something to repeat.

At most twice in any seven days: after one was sent the next comes four days later at the soonest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import orders, people
from storage.tables import Person, Progress, Reminder

Part = Literal["school", "evening", "weekend"]
GAP: Final = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class ReminderView:
    """A wish to be reminded; ``part``: of the day or week."""

    person_id: str
    part: str
    next_at: datetime
    last_at: datetime | None

    @property
    def earliest(self) -> datetime | None:
        """Return before when no other reminder may come."""
        return None if self.last_at is None else self.last_at + GAP


def ask(
    session: Session, telegram_id: int, part: Part, next_at: datetime, now: datetime
) -> ReminderView:
    """Remember the wish; another time replaces the one before, what was sent still counts."""
    person = people.ensure(session, telegram_id, now)
    row = session.get(Reminder, person.id, with_for_update=True)
    if row is None:
        row = Reminder(person_id=person.id, part=part, next_at=next_at)
        session.add(row)
    row.part, row.next_at = part, next_at
    session.flush()
    return _view(row)


def stop(session: Session, telegram_id: int) -> bool:
    """Forget the wish; False when there was none."""
    person = people.row(session, telegram_id)
    row = session.get(Reminder, person.id) if person else None
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def of(session: Session, telegram_id: int) -> ReminderView | None:
    """Return the wish of an account."""
    person = people.row(session, telegram_id)
    row = session.get(Reminder, person.id) if person else None
    return None if row is None else _view(row)


def due(session: Session, now: datetime, limit: int = 200) -> tuple[ReminderView, ...]:
    """Return the wishes whose time has come."""
    query = select(Reminder).where(Reminder.next_at <= now).order_by(Reminder.next_at).limit(limit)
    return tuple(_view(row) for row in session.scalars(query))


def step(
    session: Session,
    person_id: str,
    today: date,
    now: datetime,
    *,
    if_sent: datetime,
    if_not: datetime,
    on_time: bool = True,
) -> bool:
    """Order a reminder when a rule is due ``today``, and set the next time; tell whether it was.

    ``on_time``: whether now is still the time that the pupil chose.
    """
    row = session.get(Reminder, person_id, with_for_update=True, populate_existing=True)
    if row is None or row.next_at > now:
        return False
    person = session.get_one(Person, person_id)
    wanted = on_time and person.unreachable_since is None and _has_due(session, person_id, today)
    row.next_at = if_sent if wanted else if_not
    if wanted:
        row.last_at = now
        orders.order(session, person.telegram_id, "quiz_reminder", now)
    session.flush()
    return wanted


def _has_due(session: Session, person_id: str, today: date) -> bool:
    query = select(Progress.rule).where(Progress.person_id == person_id, Progress.due_on <= today)
    return session.scalar(query.limit(1)) is not None


def _view(row: Reminder) -> ReminderView:
    return ReminderView(row.person_id, row.part, row.next_at, row.last_at)
