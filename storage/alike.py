"""Reports that may be about the same incident: a hint to staff who have both of them.

Only numbers leave this module, and only of reports that the reader holds too; reporters are never
shown to each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import authority, dossier
from storage.snapshot import accused_of
from storage.tables import Recipient, Report

NEAR: Final = timedelta(days=7)
ENOUGH: Final = 55.0
"""How alike two accounts must be (RapidFuzz token_set_ratio, 0 to 100)."""
MOST: Final = 100


def numbers(session: Session, telegram_id: int, report_id: str) -> tuple[str, ...]:
    """Return the numbers of reports that resemble this one, oldest first; raises NotAllowed."""
    grant = authority.require(session, telegram_id, report_id, "see")
    report, staff = grant.report, grant.actor
    text = dossier.read(session, report, "what") or ""
    return tuple(
        other.number
        for other in _others(session, report, staff.id, report.created_at)
        if staff.id not in accused_of(session, other.id)
        and fuzz.token_set_ratio(text, dossier.read(session, other, "what") or "") >= ENOUGH
    )


def _others(session: Session, report: Report, staff_id: str, at: datetime) -> list[Report]:
    query = (
        select(Report)
        .join(Recipient, Recipient.report_id == Report.id)
        .where(
            Recipient.staff_id == staff_id,
            Recipient.is_over.is_(None),
            Recipient.ended_at.is_(None),
            Recipient.failed_at.is_(None),
            Report.id != report.id,
            Report.person_id != report.person_id,
            Report.state.in_(authority.OPEN),
            Report.created_at.between(at - NEAR, at + NEAR),
        )
        .order_by(Report.created_at, Report.number)
        .limit(MOST)
    )
    return list(session.scalars(query))
