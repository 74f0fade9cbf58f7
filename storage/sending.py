"""What an order says at the moment of sending: read then, so that it is true and still allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import cards, classquiz, dossier, outbox, people, reminders
from storage.authority import OPEN
from storage.cards import CardView
from storage.outbox import OrderView
from storage.sealing import unseal_any
from storage.snapshot import accused_of, is_active
from storage.tables import Draft, Message, Order, Person, Recipient, Report, Staff

HOLD_WORDS: Final = frozenset({"report", "words"})
"""Kinds of dialogue in which a pupil writes what goes to school."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that the bot needs to render one order. Report fields are None without a report.

    ``sender``: the staff member's name, or the pupil's for staff. ``body``: the relayed words.
    ``owner``: the name of who has the report in hand.
    """

    order: OrderView
    lang: str | None
    number: str | None
    state: str | None
    urgent: bool
    rule: str | None
    sender: str | None = field(repr=False)
    body: str | None = field(repr=False)
    owner: str | None = field(repr=False)
    card: CardView | None

    @property
    def to_staff(self) -> bool:
        """Tell whether this goes to a member of staff."""
        return self.order.staff_id is not None


def content_of(session: Session, order_id: str) -> Content | None:
    """Return what an order says now; None when it must not or need not go (settle: "dropped").

    To staff nothing goes of a report that they no longer have, that is about them, or that was
    withdrawn; tombstones always go. To pupils no quiz that was closed, no reminder called off,
    nor that a draft is gone once they went on.
    """
    order = session.get(Order, order_id)
    if order is None or order.done_at is not None:
        return None
    report = session.get(Report, order.report_id) if order.report_id else None
    if order.staff_id and report and not _may_get(session, order, report):
        return None
    if not _wanted(session, order):
        return None
    message = session.get(Message, order.message_id) if order.message_id else None
    shown = dossier.message(session, message) if message else None
    sender = shown.sender if shown else None
    if report and message and message.from_staff_id is None:
        sender = _pupil(session, report)
    card_id = (order.detail or {}).get("card")
    return Content(
        order=outbox.view(order),
        lang=session.scalar(select(Person.lang).where(Person.telegram_id == order.chat_id)),
        number=report.number if report else None,
        state=report.state if report else None,
        urgent=report.urgent if report else order.urgent,
        rule=report.rule if report else None,
        sender=sender,
        body=shown.body if shown else None,
        owner=dossier.name_of(session, report.owner_id) if report else None,
        card=cards.find(session, card_id) if card_id else None,
    )


def _may_get(session: Session, order: Order, report: Report) -> bool:
    staff = session.get_one(Staff, order.staff_id)
    if not is_active(staff) or staff.telegram_id != order.chat_id:
        return False
    if staff.id in accused_of(session, report.id):
        return False
    query = select(Recipient.id).where(
        Recipient.report_id == report.id,
        Recipient.staff_id == staff.id,
        Recipient.ended_at.is_(None),
        Recipient.failed_at.is_(None),
    )
    if session.scalar(query) is None:
        return False
    return report.state in OPEN or order.kind == "retention_notice"


def _wanted(session: Session, order: Order) -> bool:
    if order.kind == "quiz_closed":
        setter = session.get_one(Staff, order.staff_id)
        return is_active(setter) and setter.telegram_id == order.chat_id
    if order.kind == "class_quiz":
        return classquiz.invites(session, (order.detail or {})["quiz"], order.chat_id)
    if order.kind == "draft_wiped":
        return not _went_on(session, order)
    return order.kind != "quiz_reminder" or reminders.of(session, order.chat_id) is not None


def _went_on(session: Session, order: Order) -> bool:
    """Tell whether an account began a report anew, or sent something, after its draft was wiped.

    "Nothing was sent" would then be read as being about that.
    """
    after, theirs = order.created_at, Person.telegram_id == order.chat_id
    begun = select(Draft.telegram_id).where(
        Draft.telegram_id == order.chat_id, Draft.kind.in_(HOLD_WORDS)
    )
    reports = select(Report.id).join(Person, Person.id == Report.person_id).where(theirs)
    added = reports.join(Message, Message.report_id == Report.id).where(
        Message.from_staff_id.is_(None), Message.at > after
    )
    since = (begun, reports.where(Report.created_at > after), added)
    return any(session.scalar(each.limit(1)) is not None for each in since)


def _pupil(session: Session, report: Report) -> str | None:
    person = session.get_one(Person, report.person_id)
    return unseal_any(session, person.name_sealed, people.NAME, person.id)
