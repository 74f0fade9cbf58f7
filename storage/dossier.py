"""A report as it is shown: to the pupil who made it, or to staff who have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import authority, people
from storage.authority import Grant
from storage.sealing import seal, unseal, unseal_any
from storage.staff import NAME as STAFF_NAME
from storage.tables import Message, Person, Report, SchoolClass, Staff, ordered_id

BODY = "messages.body_sealed"
WORDS = ("what", "app", "when", "who")


@dataclass(frozen=True, slots=True)
class MessageView:
    """A relayed word; ``sender`` is the staff member's name, None for the pupil."""

    id: str
    sender: str | None = field(repr=False)
    body: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report with its words. ``relation``: reporter, recipient, owner or bystander.

    ``class_is_own`` is False when the pupil picked the class from the list instead of joining it.
    """

    id: str
    number: str
    state: str
    relation: str
    urgent: bool
    over_limit: bool
    rule: str | None
    steps: str
    route: str
    class_label: str | None
    class_is_own: bool
    confirmed: bool
    second_account: bool
    """For staff: another account, a confirmed one, bears the same name in this class."""
    pupil_reachable: bool
    pupil: str | None = field(repr=False)
    what: str = field(repr=False)
    app: str | None = field(repr=False)
    when: str | None = field(repr=False)
    who: str | None = field(repr=False)
    owner: str | None = field(repr=False)
    messages: tuple[MessageView, ...] = field(repr=False)
    created_at: datetime
    delivered_at: datetime | None
    read_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    escalations: int
    may: frozenset[str]
    """What the viewer may do now: the actions of ``authority``."""


def view(session: Session, grant: Grant) -> ReportView:
    """Return the report of ``grant`` with its words."""
    report = grant.report
    person = session.get_one(Person, report.person_id)
    label = session.get_one(SchoolClass, report.class_id).label if report.class_id else None
    words = {word: read(session, report, word) for word in WORDS}
    return ReportView(
        id=report.id,
        number=report.number,
        state=report.state,
        relation=grant.relation,
        urgent=report.urgent,
        over_limit=report.over_limit,
        rule=report.rule,
        steps=report.steps,
        route=report.route,
        class_label=label,
        class_is_own=report.class_id is not None
        and (report.class_id == person.class_id or report.stood_as is not None),
        confirmed=person.confirmed_at is not None or report.stood_as == "confirmed",
        second_account=grant.relation != "reporter" and people.has_namesake(session, person),
        pupil_reachable=person.unreachable_since is None,
        pupil=unseal_any(session, person.name_sealed, people.NAME, person.id),
        what=words["what"] or "",
        app=words["app"],
        when=words["when"],
        who=words["who"],
        owner=name_of(session, report.owner_id),
        messages=messages(session, report.id),
        created_at=report.created_at,
        delivered_at=report.delivered_at,
        read_at=report.read_at,
        closed_at=report.closed_at,
        due_at=report.due_at,
        escalations=report.escalations,
        may=authority.allowed(report, grant.relation),
    )


def read(session: Session, report: Report, word: str) -> str | None:
    """Return one of the sealed words of a report: what, app, when or who."""
    sealed: bytes | None = getattr(report, f"{word}_sealed")
    return unseal_any(session, sealed, f"reports.{word}_sealed", report.id)


def write(session: Session, report: Report, word: str, text: str | None) -> None:
    """Seal one of the words of a report."""
    sealed = seal(session, text, f"reports.{word}_sealed", report.id) if text else None
    setattr(report, f"{word}_sealed", sealed)


def say(
    session: Session, report: Report, text: str, now: datetime, staff_id: str | None = None
) -> str:
    """Store a relayed word (of the pupil without ``staff_id``) and return its id.

    Raises ValueError when there is nothing in it.
    """
    if not text.strip():
        raise ValueError("an empty message")
    count = session.scalar(select(func.count()).where(Message.report_id == report.id)) or 0
    row_id = ordered_id(count)
    sealed = seal(session, text, BODY, row_id)
    session.add(
        Message(id=row_id, report_id=report.id, from_staff_id=staff_id, body_sealed=sealed, at=now)
    )
    report.touched_at = now
    session.flush()
    return row_id


def messages(session: Session, report_id: str) -> tuple[MessageView, ...]:
    """Return the relayed words of a report, oldest first."""
    query = select(Message).where(Message.report_id == report_id).order_by(Message.at, Message.id)
    return tuple(message(session, each) for each in session.scalars(query))


def message(session: Session, row: Message) -> MessageView:
    """Return one relayed word."""
    body = unseal(session, row.body_sealed, BODY, row.id)
    return MessageView(row.id, name_of(session, row.from_staff_id), body, row.at)


def name_of(session: Session, staff_id: str | None) -> str | None:
    """Return the name of a member of staff."""
    if staff_id is None:
        return None
    return unseal(session, session.get_one(Staff, staff_id).name_sealed, STAFF_NAME, staff_id)
