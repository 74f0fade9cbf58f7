"""What staff do with a report that they have.

Each step goes through ``authority``, writes its event and its orders, and has no second effect for
the same update: then the report is returned as it is, or None when it is no longer theirs.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import authority, cards, claims, dispatch, dossier, events, orders, routing
from storage.authority import UNREAD, Action, Grant
from storage.dossier import ReportView
from storage.errors import NotAllowed
from storage.policy import Policy
from storage.receivers import ReceiverView, named
from storage.snapshot import case_of, roster_for
from storage.tables import Recipient, Report, Staff


def open_report(
    session: Session,
    telegram_id: int,
    report_id: str,
    policy: Policy,
    now: datetime,
) -> ReportView:
    """Show a report to staff who have it: the fact "gelezen", told to the pupil once.

    Raises NotAllowed; NotNow when it is closed.
    """
    grant = authority.require(session, telegram_id, report_id, "open")
    report, staff = grant.report, grant.actor
    holder = _holder(session, report, staff)
    if holder.read_at is None:
        holder.read_at = now
        events.record(session, report.id, "read", now, actor="staff", actor_id=staff.id)
        report.touched_at = now
        colleagues = (each.read_at for each in orders.live(session, report.id) if each != holder)
        met = any(read_at and read_at >= holder.added_at for read_at in colleagues)
        if report.owner_id in {None, staff.id} and not met:  # the owner, when it was handed over
            report.due_at = policy.terms.ends("answered", urgent=report.urgent, now=now)
    if report.state in UNREAD:
        report.state, report.read_at = "read", now
        session.flush()
        orders.tell_status(session, report, "read", now)
    return dossier.view(session, grant)


def take(
    session: Session,
    telegram_id: int,
    report_id: str,
    policy: Policy,
    now: datetime,
    update_id: int | None = None,
) -> ReportView | None:
    """Take a report in hand. Colleagues who have it too can still see it.

    Raises NotAllowed; NotNow when a colleague was first or it is closed.
    """
    if not claims.claim(session, update_id, now):
        return _again(session, telegram_id, report_id)
    grant = authority.require(session, telegram_id, report_id, "take")
    fresh = _own(session, grant, now)
    if fresh and grant.report.due_at is not None:  # tapping again buys no more time
        urgent = grant.report.urgent
        grant.report.due_at = policy.terms.ends("answered", urgent=urgent, now=now)
    return _shown(session, telegram_id, report_id)


def reply(
    session: Session,
    telegram_id: int,
    report_id: str,
    text: str,
    now: datetime,
    update_id: int | None = None,
) -> ReportView | None:
    """Send the pupil a word; who replies owns the report from then on and the term is met.

    Raises NotAllowed, NotNow, and ValueError when ``text`` is empty.
    """
    if not claims.claim(session, update_id, now):
        return _again(session, telegram_id, report_id)
    grant = authority.require(session, telegram_id, report_id, "reply")
    report, staff = grant.report, grant.actor
    _own(session, grant, now)
    message_id = dossier.say(session, report, text, now, staff.id)
    events.record(session, report.id, "replied", now, actor="staff", actor_id=staff.id)
    orders.to_pupil(session, report, "reply", now, message_id=message_id)
    report.due_at = None
    return _shown(session, telegram_id, report_id)


def colleagues(
    session: Session, telegram_id: int, report_id: str, now: datetime
) -> tuple[ReceiverView, ...]:
    """Return to whom this member of staff may hand the report over; raises NotAllowed, NotNow."""
    grant = authority.require(session, telegram_id, report_id, "hand_over")
    return named(session, _candidates(session, grant, now))


def hand_over(
    session: Session,
    telegram_id: int,
    report_id: str,
    to_staff_id: str,
    policy: Policy,
    now: datetime,
    update_id: int | None = None,
) -> ReceiverView | None:
    """Hand a report over to one of ``colleagues``, who owns it then; the giver's cards end.

    Returns who has it now; None for a repeat. Raises NotAllowed also when that colleague may not
    have it, NotNow.
    """
    if not claims.claim(session, update_id, now):
        return None
    grant = authority.require(session, telegram_id, report_id, "hand_over")
    report, staff = grant.report, grant.actor
    chosen = [c for c in _candidates(session, grant, now) if c.staff_id == to_staff_id]
    if not chosen:
        raise NotAllowed("this colleague may not have the report")
    events.record(
        session,
        report.id,
        "handed_over",
        now,
        actor="staff",
        actor_id=staff.id,
        detail=chosen[0].role,
    )
    dispatch.retire(session, report, staff.id, now, "handed")
    dispatch.hand_out(session, report, chosen, policy, now, kind="handed")
    report.owner_id = to_staff_id
    session.flush()
    orders.tell_status(session, report, "handed", now)
    return named(session, chosen)[0]


def close(
    session: Session,
    telegram_id: int,
    report_id: str,
    sentence: str,
    now: datetime,
    update_id: int | None = None,
) -> ReportView | None:
    """Close a report with a sentence to the pupil; staff cards become tombstones.

    Raises NotAllowed, NotNow, and ValueError when ``sentence`` is empty.
    """
    if not claims.claim(session, update_id, now):
        return _again(session, telegram_id, report_id)
    grant = authority.require(session, telegram_id, report_id, "close")
    report, staff = grant.report, grant.actor
    message_id = dossier.say(session, report, sentence, now, staff.id)
    report.owner_id, report.read_at = staff.id, report.read_at or now
    report.state, report.closed_at, report.due_at = "closed", now, None
    session.flush()
    events.record(session, report.id, "closed", now, actor="staff", actor_id=staff.id)
    orders.drop(session, report.id, now)
    orders.tell_status(session, report, "closed", now, message_id)
    cards.bury(session, report.id, now)
    return _shown(session, telegram_id, report_id)


def _own(session: Session, grant: Grant, now: datetime) -> bool:
    """Make the actor the owner and the report in hand; False when it is so already."""
    report, staff = grant.report, grant.actor
    if report.owner_id == staff.id and report.state == "working":
        return False
    holder = _holder(session, report, staff)
    holder.read_at = holder.read_at or now
    report.read_at = report.read_at or now
    report.owner_id, report.state, report.touched_at = staff.id, "working", now
    session.flush()
    events.record(session, report.id, "taken", now, actor="staff", actor_id=staff.id)
    orders.tell_status(session, report, "working", now)
    for other in orders.live(session, report.id):
        if other.staff_id != staff.id:  # nobody is reminded of what a colleague has in hand
            orders.drop(session, report.id, now, staff_id=other.staff_id)
    return True


def _candidates(session: Session, grant: Grant, now: datetime) -> tuple[routing.Receiver, ...]:
    case = case_of(session, grant.report)
    every = routing.candidates(roster_for(session, case), case, now)
    return tuple(each for each in every if each.staff_id != grant.actor.id)


def _holder(session: Session, report: Report, staff: Staff) -> Recipient:
    query = select(Recipient).where(
        Recipient.report_id == report.id, Recipient.staff_id == staff.id
    )
    return session.scalars(query).one()


def _shown(
    session: Session, telegram_id: int, report_id: str, action: Action = "see"
) -> ReportView:
    session.flush()
    return dossier.view(session, authority.require(session, telegram_id, report_id, action))


def _again(session: Session, telegram_id: int, report_id: str) -> ReportView | None:
    try:
        return _shown(session, telegram_id, report_id)
    except NotAllowed:
        return None
