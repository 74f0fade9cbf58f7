"""What follows when Telegram will never bring an order: the next person, or a word to the owner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import dispatch, events, orders
from storage.authority import OPEN
from storage.policy import Policy
from storage.tables import Order, Person, Recipient, Report, Staff


def of_addressee(
    session: Session, order: Order, report: Report | None, policy: Policy, now: datetime
) -> None:
    """Act on a chat that takes nothing any more: blocked, gone, or never begun."""
    if order.staff_id is None:
        person = session.scalar(select(Person).where(Person.telegram_id == order.chat_id))
        if person is not None:
            person.unreachable_since = person.unreachable_since or now
        _pupil_missed(session, order, report, policy, now)
        return
    staff = session.get_one(Staff, order.staff_id)
    staff.unreachable_since = staff.unreachable_since or now
    session.flush()
    _holder_lost(session, order, report, policy, now)


def of_message(
    session: Session, order: Order, report: Report | None, policy: Policy, now: datetime
) -> None:
    """Act on a message that Telegram keeps rejecting; its addressee gets others all the same.

    The administrators hear of it once a report: something is wrong with the message itself.
    """
    if report is None or order.kind in {"tombstone", "admin_alarm"}:
        return
    if events.last_of(session, report.id, "rejected") is None:
        orders.alarm(session, report, policy, "rejected", now)
    events.record(session, report.id, "rejected", now, actor_id=order.staff_id)
    if order.staff_id is None:
        _pupil_missed(session, order, report, policy, now)
    elif order.kind in orders.BRINGS:
        _holder_lost(session, order, report, policy, now)


def holder(session: Session, order: Order) -> Recipient | None:
    """Return who should have got the report with an order."""
    if order.report_id is None or order.staff_id is None:
        return None
    return session.scalar(
        select(Recipient).where(
            Recipient.report_id == order.report_id,
            Recipient.staff_id == order.staff_id,
            Recipient.ended_at.is_(None),
        )
    )


def _holder_lost(
    session: Session, order: Order, report: Report | None, policy: Policy, now: datetime
) -> None:
    lost = holder(session, order)
    if report is None or lost is None or report.state not in OPEN:
        return
    lost.failed_at = now
    owner_lost = report.owner_id == lost.staff_id
    if owner_lost:
        dispatch.disown(report)
    session.flush()
    events.record(session, report.id, "refused", now, actor_id=lost.staff_id)
    dispatch.settle_loss(session, report, policy, now, owner_lost=owner_lost)
    if owner_lost and orders.live(session, report.id):
        orders.tell_status(session, report, "handed", now)


def _pupil_missed(
    session: Session, order: Order, report: Report | None, policy: Policy, now: datetime
) -> None:
    if report is None or session.get_one(Person, report.person_id).telegram_id != order.chat_id:
        return
    events.record(session, report.id, "pupil_refused", now)
    if order.kind == "reply" and report.owner_id is not None:
        detail = {"state": "pupil_unreachable"}
        orders.to_staff(session, report, report.owner_id, "status", policy, now, detail=detail)
