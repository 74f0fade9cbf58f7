"""Getting a report to somebody: first, next, and away from those who may not have it.

Every function here works on a report whose row the caller has locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import cards, events, orders, routing
from storage.orders import Kind
from storage.policy import Policy
from storage.snapshot import case_of, member_of, roster_for
from storage.tables import Accused, Recipient, Report, ordered_id


def hand_out(
    session: Session,
    report: Report,
    receivers: Iterable[routing.Receiver],
    policy: Policy,
    now: datetime,
    kind: Kind = "notice",
) -> None:
    """Make ``receivers`` the holders of a report, order their notices, start the term."""
    for each in receivers:
        _add_recipient(session, report.id, each, now)
        orders.to_staff(session, report, each.staff_id, kind, policy, now)
        events.record(session, report.id, "routed", now, actor_id=each.staff_id, detail=each.role)
    report.due_at = policy.terms.ends("seen", urgent=report.urgent, now=now)
    report.touched_at = now
    session.flush()


def move_on(session: Session, report: Report, policy: Policy, now: datetime) -> bool:
    """Give a report that nobody holds to the next person; False when nobody is left.

    Then the administrators are warned and the pupil is told, once until somebody has it again.
    """
    case = case_of(session, report)
    roster = roster_for(session, case)
    known = session.scalars(select(Recipient.staff_id).where(Recipient.report_id == report.id))
    rejected = events.actors_of(session, report.id, "rejected")  # it would not arrive again either
    following = routing.first(roster, case, now, set(known))
    following = following or routing.first(roster, case, now, rejected)
    if following:
        hand_out(session, report, following, policy, now)
        return True
    if events.last_of(session, report.id, "nobody", "routed") != "nobody":
        nobody(session, report, policy, now)
        orders.to_pupil(session, report, "unreachable", now)
    return False


def nobody(session: Session, report: Report, policy: Policy, now: datetime) -> None:
    """Write down that nobody can be reached and warn the administrators."""
    events.record(session, report.id, "nobody", now)
    orders.alarm(session, report, policy, "nobody", now)
    report.due_at = policy.terms.ends("seen", urgent=report.urgent, now=now)
    session.flush()


def retire(session: Session, report: Report, staff_id: str, now: datetime, why: str) -> None:
    """Take a report away from a member of staff: no more orders, cards to tombstones."""
    holder = _recipient(session, report.id, staff_id)
    if holder is None or holder.ended_at is not None:
        return
    holder.ended_at = now
    if report.owner_id == staff_id:
        disown(report)
    session.flush()
    orders.drop(session, report.id, now, staff_id=staff_id)
    cards.bury(session, report.id, now, staff_id=staff_id)
    events.record(session, report.id, "retired", now, actor_id=staff_id, detail=why)


def disown(report: Report) -> None:
    """Note that nobody owns a report any more: then it is not in anybody's hands either."""
    report.owner_id = None
    if report.state == "working":
        report.state = "read"


def settle_loss(
    session: Session, report: Report, policy: Policy, now: datetime, *, owner_lost: bool
) -> None:
    """See to it that a report which somebody lost is in somebody's hands.

    Who is left keeps it, and hears so when the owner is gone; when nobody is, the next gets it.
    """
    holders = orders.live(session, report.id)
    if not holders:
        move_on(session, report, policy, now)
    elif owner_lost:
        for each in holders:
            if not orders.underway(session, report.id, each.staff_id):
                orders.to_staff(session, report, each.staff_id, "notice", policy, now)
        report.due_at = policy.terms.ends("seen", urgent=report.urgent, now=now)


def drop_gone(session: Session, report: Report, now: datetime) -> bool:
    """Take a report from holders who lost access or cannot be reached; tell whether any were."""
    gone = [
        each.staff_id
        for each in orders.live(session, report.id)
        if not member_of(session, each.staff_id).reachable
    ]
    for staff_id in gone:
        retire(session, report, staff_id, now, "gone")
    return bool(gone)


def accuse(
    session: Session,
    report: Report,
    staff_ids: Iterable[str],
    policy: Policy,
    now: datetime,
    *,
    confidential: bool = False,
) -> bool:
    """Note that a report is (also) about these people and take it from who may not have it.

    ``confidential``: from now on it is for the confidential person or the board alone. Return
    whether somebody lost it.
    """
    for staff_id in staff_ids:
        if session.get(Accused, (report.id, staff_id)) is None:
            session.add(Accused(report_id=report.id, staff_id=staff_id))
            session.flush()
            events.record(session, report.id, "accused", now, actor="pupil")
    if confidential:
        report.route = "confidential"
    case = case_of(session, report)
    roster = roster_for(session, case)
    shunned = routing.skipped(roster, case)
    owner_id = report.owner_id
    holding = session.scalars(
        select(Recipient).where(Recipient.report_id == report.id, Recipient.ended_at.is_(None))
    )
    lost = [
        each.staff_id
        for each in holding  # also who could not be reached: an order may still wait
        if each.staff_id in shunned
        or routing.stands_in(roster, case, each.staff_id, each.role)
        or (confidential and each.role not in routing.CONFIDENTIAL)
    ]
    for staff_id in lost:
        retire(session, report, staff_id, now, "about")
    if lost:
        settle_loss(session, report, policy, now, owner_lost=owner_id in lost)
    return bool(lost)


def _add_recipient(
    session: Session, report_id: str, receiver: routing.Receiver, now: datetime
) -> None:
    holder = _recipient(session, report_id, receiver.staff_id)
    if holder is None:
        query = select(func.count()).where(Recipient.report_id == report_id)
        position = session.scalar(query) or 0
        holder = Recipient(id=ordered_id(position), report_id=report_id, staff_id=receiver.staff_id)
        session.add(holder)
    holder.role = receiver.role
    holder.added_at = now
    holder.delivered_at = holder.read_at = holder.failed_at = holder.ended_at = None
    session.flush()


def _recipient(session: Session, report_id: str, staff_id: str) -> Recipient | None:
    return session.scalar(
        select(Recipient).where(Recipient.report_id == report_id, Recipient.staff_id == staff_id)
    )
