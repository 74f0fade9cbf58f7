"""Open reports in the hands of staff who are gone, or of nobody: they find the next person.

One report a transaction. A run after every change of staff, and one now and then, is enough:
what a crash left half-way is found again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from storage import dispatch, orders
from storage.authority import OPEN
from storage.policy import Policy
from storage.tables import Recipient, Report, Staff

URGENT_FIRST: Final = (Report.urgent.desc(), Report.created_at)


def waiting(session: Session, limit: int = 1000) -> tuple[str, ...]:
    """Return the ids of open reports that somebody has who is gone, or that nobody has."""
    holding = and_(
        Recipient.report_id == Report.id,
        Recipient.is_over.is_(None),
        Recipient.ended_at.is_(None),
        Recipient.failed_at.is_(None),
    )
    gone = or_(
        Staff.revoked_at.is_not(None),
        Staff.left_at.is_not(None),
        Staff.unreachable_since.is_not(None),
        Staff.confirmed_at.is_(None),
        Staff.telegram_id.is_(None),
    )
    of_open = select(Report.id, Report.urgent, Report.created_at).where(Report.state.in_(OPEN))
    lost = of_open.join(Recipient, holding).join(Staff, Staff.id == Recipient.staff_id).where(gone)
    nobodys = of_open.where(~exists().where(holding))
    found = {  # one after the other: for both in one the database would look at every receiver
        row
        for query in (lost, nobodys)
        for row in session.execute(query.order_by(*URGENT_FIRST).limit(limit))
    }
    ordered = sorted(found, key=lambda row: (not row[1], row[2]))
    return tuple(report_id for report_id, *_ in ordered[:limit])


def reroute(session: Session, report_id: str, policy: Policy, now: datetime) -> bool:
    """Take a report from who is gone and give it to the next; True when somebody new has it.

    The pupil hears that somebody else has it now. Does nothing when all is well.
    """
    query = select(Report).where(Report.id == report_id).with_for_update()
    report = session.scalar(query.execution_options(populate_existing=True))
    if report is None or report.state not in OPEN:
        return False
    owner_id = report.owner_id
    before = {each.staff_id for each in orders.live(session, report.id)}
    lost = dispatch.drop_gone(session, report, now)
    if not lost and before:
        return False
    owner_lost = owner_id is not None and report.owner_id is None
    dispatch.settle_loss(session, report, policy, now, owner_lost=owner_lost)
    after = {each.staff_id for each in orders.live(session, report.id)}
    if (after - before and before) or (owner_lost and after):
        orders.tell_status(session, report, "handed", now)
    return bool(after - before)
