"""Writing delivery orders; what becomes of them is in ``outbox``.

An order holds no words: the bot renders it at the moment of sending.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage import counters
from storage.errors import NotAllowed
from storage.policy import Policy
from storage.tables import Accused, Order, Person, Recipient, Report, Staff, new_id

Kind = Literal[
    "notice",
    "handed",
    "escalated",
    "addition",
    "reply",
    "status",
    "unreachable",
    "tombstone",
    "admin_alarm",
    "invite_opened",
    "retention_notice",
    "draft_wiped",
    "class_quiz",
    "quiz_closed",
    "quiz_reminder",
    "outage",
]
NOBODY: Final = 0
"""The chat of a warning for which no administrator is set."""
BRINGS: Final = frozenset({"notice", "handed", "escalated"})  # kinds that bring a report


def order(
    session: Session,
    chat_id: int,
    kind: Kind,
    now: datetime,
    *,
    report_id: str | None = None,
    message_id: str | None = None,
    staff_id: str | None = None,
    detail: dict[str, Any] | None = None,
    urgent: bool = False,
    due_at: datetime | None = None,
) -> str:
    """Order one thing to be sent and return the order's id.

    Raises NotAllowed when the addressee is somebody whom the report is about.
    """
    if staff_id and report_id and session.get(Accused, (report_id, staff_id)):
        raise NotAllowed("a report never goes to whom it is about")
    row = Order(
        id=new_id(),
        seq=counters.next_value(session, "outbox"),
        chat_id=chat_id,
        kind=kind,
        report_id=report_id,
        message_id=message_id,
        staff_id=staff_id,
        detail=detail,
        urgent=urgent,
        created_at=now,
        due_at=due_at or now,
    )
    session.add(row)
    session.flush()
    return row.id


def to_staff(
    session: Session,
    report: Report,
    staff_id: str,
    kind: Kind,
    policy: Policy,
    now: datetime,
    *,
    message_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Order something about ``report`` for a member of staff; at night only when urgent."""
    staff = session.get_one(Staff, staff_id)
    if staff.telegram_id is None:
        return
    order(
        session,
        staff.telegram_id,
        kind,
        now,
        report_id=report.id,
        message_id=message_id,
        staff_id=staff_id,
        detail=detail,
        urgent=report.urgent,
        due_at=policy.terms.buzz_at(urgent=report.urgent, now=now),
    )


def to_pupil(
    session: Session,
    report: Report,
    kind: Kind,
    now: datetime,
    *,
    message_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Order something about ``report`` for the pupil who made it."""
    person = session.get_one(Person, report.person_id)
    order(
        session,
        person.telegram_id,
        kind,
        now,
        report_id=report.id,
        message_id=message_id,
        detail=detail,
        urgent=report.urgent,
    )


def tell_status(
    session: Session, report: Report, state: str, now: datetime, message_id: str | None = None
) -> None:
    """Order a status notice for the pupil."""
    to_pupil(session, report, "status", now, message_id=message_id, detail={"state": state})


def alarm(session: Session, report: Report, policy: Policy, reason: str, now: datetime) -> None:
    """Warn the administrators about a report, by number alone.

    An administrator whom the report is about is not warned.
    """
    accused = select(Staff.telegram_id).join(Accused, Accused.staff_id == Staff.id)
    about = set(session.scalars(accused.where(Accused.report_id == report.id)))
    told = [admin for admin in policy.admins or (NOBODY,) if admin not in about]
    warn(session, told, {"reason": reason}, now, report_id=report.id, urgent=True)


def warn(
    session: Session,
    admins: Iterable[int],
    detail: dict[str, Any],
    now: datetime,
    *,
    report_id: str | None = None,
    urgent: bool = False,
    due_at: datetime | None = None,
) -> None:
    """Order a warning for each of ``admins``; one for NOBODY counts as refused from the start."""
    for admin in admins:
        order_id = order(
            session,
            admin,
            "admin_alarm",
            now,
            report_id=report_id,
            detail=detail,
            urgent=urgent,
            due_at=due_at,
        )
        if admin == NOBODY:
            lost = session.get_one(Order, order_id)
            lost.done_at, lost.outcome = now, "refused"
            session.flush()


def drop(
    session: Session,
    report_id: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    pupil_too: bool = False,
) -> None:
    """Drop what is not yet sent to staff about a report: to one of them, or to all.

    Tombstones and alarms still go. ``pupil_too``: also what the pupil was to hear of it.
    """
    waiting = update(Order).where(
        Order.report_id == report_id, Order.done_at.is_(None), Order.kind != "tombstone"
    )
    whom = Order.staff_id == staff_id if staff_id else Order.staff_id.is_not(None)
    if pupil_too:
        whom = or_(whom, Order.kind.in_(("status", "unreachable")))
    session.execute(waiting.where(whom).values(done_at=now, outcome="dropped"))


def live(session: Session, report_id: str) -> list[Recipient]:
    """Return those who have the report now, in the order in which they got it."""
    query = select(Recipient).where(
        Recipient.report_id == report_id,
        Recipient.ended_at.is_(None),
        Recipient.failed_at.is_(None),
    )
    return list(session.scalars(query.order_by(Recipient.added_at, Recipient.id)))


def underway(session: Session, report_id: str, staff_id: str) -> bool:
    """Tell whether an order that brings the report to this person is not yet sent."""
    query = select(Order.id).where(
        Order.report_id == report_id,
        Order.staff_id == staff_id,
        Order.kind.in_(BRINGS),
        Order.done_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None


def hasten(session: Session, report: Report, now: datetime) -> None:
    """Make everything that waits about a report, which turned out to be urgent, go at once."""
    waiting = update(Order).where(Order.report_id == report.id, Order.done_at.is_(None))
    session.execute(waiting.values(urgent=True))
    session.execute(waiting.where(Order.due_at > now).values(due_at=now))
