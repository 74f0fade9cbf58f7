"""Throttling of guessed codes, per account. Failures are stored, so they outlive a restart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.claims import lock
from storage.errors import TooMany
from storage.tables import Attempt

FAILURES: Final = 10
WINDOW: Final = timedelta(hours=1)


def check(session: Session, telegram_id: int, now: datetime) -> None:
    """Raise TooMany when an account failed ten times in the past hour."""
    lock(session, telegram_id)
    since = Attempt.telegram_id == telegram_id, Attempt.at > now - WINDOW
    failures = session.scalars(select(Attempt.at).where(*since).order_by(Attempt.at)).all()
    if len(failures) >= FAILURES:
        raise TooMany(failures[-FAILURES] + WINDOW)


def failed(session: Session, telegram_id: int, now: datetime) -> None:
    """Remember a failure; the operation must return, not raise, or this is rolled back."""
    session.add(Attempt(telegram_id=telegram_id, at=now))
    session.execute(delete(Attempt).where(Attempt.at <= now - WINDOW))
