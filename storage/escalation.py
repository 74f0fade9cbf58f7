"""Missed terms: each miss moves a report one step further, exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import dispatch, events, orders, routing
from storage.authority import OPEN
from storage.policy import Policy
from storage.receivers import ReceiverView, named
from storage.snapshot import case_of, roster_for
from storage.tables import Recipient, Report


@dataclass(frozen=True, slots=True)
class Escalated:
    """A step taken: who got the report too. Nobody: there is nobody further."""

    report_id: str
    number: str
    urgent: bool
    receivers: tuple[ReceiverView, ...]


def due(session: Session, now: datetime, limit: int = 100) -> tuple[str, ...]:
    """Return the ids of open reports whose term has passed, urgent ones first."""
    query = select(Report.id).where(Report.state.in_(OPEN), Report.due_at <= now)
    return tuple(session.scalars(query.order_by(Report.urgent.desc(), Report.due_at).limit(limit)))


def step(session: Session, report_id: str, policy: Policy, now: datetime) -> Escalated | None:
    """Take the next step of one report; None when its term has not passed (any more).

    The next in line and the coordinators get it too; nobody owns it until somebody takes it. When
    nobody is further the administrators are warned, once until somebody has it anew.
    """
    query = select(Report).where(Report.id == report_id).with_for_update()
    report = session.scalar(query.execution_options(populate_existing=True))
    if report is None or report.state not in OPEN or report.due_at is None or report.due_at > now:
        return None
    dispatch.drop_gone(session, report, now)
    known = set(session.scalars(select(Recipient.staff_id).where(Recipient.report_id == report_id)))
    case = case_of(session, report)
    further = routing.escalated(roster_for(session, case), case, now, known)
    report.escalations += 1
    report.due_at = policy.terms.ends("seen", urgent=report.urgent, now=now)
    session.flush()
    if further:
        dispatch.disown(report)
        events.record(session, report.id, "escalated", now, detail=further[0].role)
        dispatch.hand_out(session, report, further, policy, now, kind="escalated")
        orders.tell_status(session, report, "escalated", now)
    elif not orders.live(session, report.id):
        dispatch.move_on(session, report, policy, now)
    elif events.last_of(session, report.id, "exhausted", "routed") != "exhausted":
        events.record(session, report.id, "exhausted", now)
        orders.alarm(session, report, policy, "exhausted", now)
    return Escalated(report.id, report.number, report.urgent, named(session, further))
