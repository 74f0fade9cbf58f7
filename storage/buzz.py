"""How often a phone of staff may buzz: many reports of one incident are one buzz, not thirty.

A message that may not buzz is sent all the same, without sound. Urgent ones always buzz.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from storage.tables import Staff

GAP: Final = timedelta(minutes=20)  # at most three an hour (reports.md, requirement 14)


def take(session: Session, staff_id: str, now: datetime, *, urgent: bool) -> bool:
    """Tell whether a message to this member of staff may buzz now, and count it when it does."""
    if urgent:
        return True
    free = or_(Staff.buzzed_at.is_(None), Staff.buzzed_at <= now - GAP)
    statement = (
        update(Staff)
        .where(Staff.id == staff_id, free)
        .values(buzzed_at=now)
        .returning(Staff.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None
