"""What a pupil does with a report already sent: add, correct, withdraw, reopen.

Each step goes through ``authority``, writes its event and its orders, and has no second effect for
the same update: then the report is returned as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from storage import authority, cards, claims, dispatch, dossier, events, orders
from storage.dossier import ReportView
from storage.errors import NotNow
from storage.policy import Policy
from storage.reports import NewReport
from storage.snapshot import member_of
from storage.tables import Report


def add(
    session: Session,
    telegram_id: int,
    report_id: str,
    text: str,
    policy: Policy,
    now: datetime,
    *,
    accused: Collection[str] = (),
    confidential: bool = False,
    urgent: bool = False,
    update_id: int | None = None,
) -> ReportView:
    """Add a word to an open report; it goes to the owner, or to all who have it.

    ``accused``: staff whom the report turns out to be about; ``confidential``: it is a sexual
    offence by staff; ``urgent``: there is danger now. Whoever may no longer have the report loses
    it before the word goes. Raises NotAllowed, NotNow, and ValueError when ``text`` is empty.
    """
    if not claims.claim(session, update_id, now):
        return _shown(session, telegram_id, report_id)
    report = authority.require(session, telegram_id, report_id, "add").report
    message_id = dossier.say(session, report, text, now)
    events.record(session, report.id, "added", now, actor="pupil", actor_id=report.person_id)
    had_it = {each.staff_id for each in orders.live(session, report.id)}
    _learn(session, report, accused, confidential, urgent, policy, now)
    for each in orders.live(session, report.id):
        if each.staff_id in had_it and report.owner_id in {None, each.staff_id}:
            orders.to_staff(
                session, report, each.staff_id, "addition", policy, now, message_id=message_id
            )
    if report.due_at is None:
        report.due_at = policy.terms.ends("answered", urgent=report.urgent, now=now)
    return _shown(session, telegram_id, report_id)


def correct(
    session: Session,
    telegram_id: int,
    report_id: str,
    new: NewReport,
    policy: Policy,
    now: datetime,
    update_id: int | None = None,
) -> ReportView:
    """Replace the words of a report that nobody has read yet; class and choice of mentor stay.

    It can become urgent or confidential or be about more staff, never less. Raises NotAllowed;
    NotNow when it was read.
    """
    if not claims.claim(session, update_id, now):
        return _shown(session, telegram_id, report_id)
    report = authority.require(session, telegram_id, report_id, "correct").report
    for word in dossier.WORDS:
        dossier.write(session, report, word, getattr(new, word))
    report.rule, report.steps, report.touched_at = new.rule, new.steps, now
    if new.route == "staff" and report.route == "class":
        report.route = "staff"
    session.flush()
    events.record(session, report.id, "corrected", now, actor="pupil", actor_id=report.person_id)
    confidential, hurried = new.route == "confidential", new.urgent and not report.urgent
    _learn(session, report, new.accused, confidential, new.urgent, policy, now)
    for each in orders.live(session, report.id) if hurried else ():
        if not orders.underway(session, report.id, each.staff_id):  # they know of a calm one
            orders.to_staff(session, report, each.staff_id, "notice", policy, now)
    return _shown(session, telegram_id, report_id)


def withdraw(
    session: Session,
    telegram_id: int,
    report_id: str,
    now: datetime,
    update_id: int | None = None,
) -> ReportView:
    """Take back a report that nobody has read yet; raises NotAllowed, NotNow when it was read."""
    if not claims.claim(session, update_id, now):
        return _shown(session, telegram_id, report_id)
    report = authority.require(session, telegram_id, report_id, "withdraw").report
    report.state, report.closed_at, report.due_at = "withdrawn", now, None
    report.touched_at = now
    session.flush()
    events.record(session, report.id, "withdrawn", now, actor="pupil", actor_id=report.person_id)
    orders.drop(session, report.id, now, pupil_too=True)
    cards.bury(session, report.id, now)
    return _shown(session, telegram_id, report_id)


def reopen(
    session: Session,
    telegram_id: int,
    report_id: str,
    policy: Policy,
    now: datetime,
    update_id: int | None = None,
) -> ReportView:
    """Open a closed report again; its owner hears so, or whoever is next when that one is gone.

    Raises NotAllowed; NotNow when it is not closed, or was for longer than ``policy.reopen_for``.
    """
    if not claims.claim(session, update_id, now):
        return _shown(session, telegram_id, report_id)
    report = authority.require(session, telegram_id, report_id, "reopen").report
    if report.closed_at is None or now > report.closed_at + policy.reopen_for:
        raise NotNow("closed too long ago")
    report.state, report.closed_at, report.touched_at = "read", None, now
    report.retention_notice_at = None
    session.flush()
    events.record(session, report.id, "reopened", now, actor="pupil", actor_id=report.person_id)
    owner_id = report.owner_id
    dispatch.drop_gone(session, report, now)
    holders = orders.live(session, report.id)
    if all(member_of(session, each.staff_id).absent(now) for each in holders):
        dispatch.disown(report)  # away: somebody who is here gets it too
        dispatch.move_on(session, report, policy, now)
    elif owner_id and report.owner_id == owner_id and not member_of(session, owner_id).absent(now):
        report.state = "working"
        orders.to_staff(session, report, owner_id, "notice", policy, now)
        report.due_at = policy.terms.ends("answered", urgent=report.urgent, now=now)
    else:
        dispatch.disown(report)
        dispatch.settle_loss(session, report, policy, now, owner_lost=True)
    return _shown(session, telegram_id, report_id)


def _learn(
    session: Session,
    report: Report,
    accused: Collection[str],
    confidential: bool,
    urgent: bool,
    policy: Policy,
    now: datetime,
) -> None:
    """Act on what came out later: danger, and staff whom the report is about."""
    if urgent and not report.urgent:
        report.urgent = True
        session.flush()
        events.record(session, report.id, "urgent", now, actor="pupil")
        orders.hasten(session, report, now)
        report.due_at = policy.terms.ends("seen", urgent=True, now=now)
    dispatch.accuse(session, report, accused, policy, now, confidential=confidential)


def _shown(session: Session, telegram_id: int, report_id: str) -> ReportView:
    session.flush()
    return dossier.view(session, authority.require(session, telegram_id, report_id, "see_own"))
