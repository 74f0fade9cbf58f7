"""Messages in people's chats that show words of a report, and their end as tombstones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import orders
from storage.authority import OPEN
from storage.errors import NotAllowed
from storage.tables import Card, Report, Staff, new_id

NEWS: Final = "news"


@dataclass(frozen=True, slots=True)
class CardView:
    """Where a card stands; ``kind`` is notice, card, relay, news or receipt."""

    id: str
    report_id: str
    number: str
    state: str
    kind: str
    chat_id: int
    telegram_message_id: int
    staff_id: str | None
    buried: bool


def record(
    session: Session,
    report_id: str,
    chat_id: int,
    telegram_message_id: int,
    kind: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    message_id: str | None = None,
) -> str:
    """Remember a card that was just sent and return its id.

    When the report meanwhile closed, or left this member of staff, the card is buried at once.
    """
    report = _locked(session, report_id)
    card = Card(
        id=new_id(),
        report_id=report_id,
        chat_id=chat_id,
        telegram_message_id=telegram_message_id,
        kind=kind,
        staff_id=staff_id,
        message_id=message_id,
        at=now,
    )
    session.add(card)
    session.flush()
    if staff_id and not _may_stand(session, report, staff_id):
        _bury(session, card, now)
    return card.id


def bury(
    session: Session,
    report_id: str,
    now: datetime,
    *,
    staff_id: str | None = None,
    pupil_too: bool = False,
) -> int:
    """Order a tombstone for each card of a report and return how many.

    ``staff_id``: of one member of staff. Else of all staff, and with ``pupil_too`` of the pupil.
    """
    query = select(Card).where(Card.report_id == report_id, Card.buried_at.is_(None))
    if staff_id:
        query = query.where(Card.staff_id == staff_id)
    elif not pupil_too:
        query = query.where(Card.staff_id.is_not(None))
    found = list(session.scalars(query.order_by(Card.at, Card.id)))
    for card in found:
        _bury(session, card, now)
    return len(found)


def bury_of(session: Session, staff_id: str, now: datetime) -> int:
    """Order a tombstone for each card of a member of staff, whose account is another from now on.

    Return how many.
    """
    query = select(Card).where(Card.staff_id == staff_id, Card.buried_at.is_(None))
    found = list(session.scalars(query.order_by(Card.at, Card.id)))
    for card in found:
        _bury(session, card, now)
    return len(found)


def has_unopened_news(session: Session, report_id: str, chat_id: int, since: datetime) -> bool:
    """Tell whether "there is news" of this report came after ``since`` and stands there unopened.

    Unopened means: no other card came after it in that chat, and opening the report sends one.
    """
    query = select(Card).where(Card.chat_id == chat_id, Card.at >= since)
    found = list(session.scalars(query.order_by(Card.at)))
    return bool(found) and found[-1].kind == NEWS and found[-1].report_id == report_id


def find(session: Session, card_id: str) -> CardView | None:
    """Return a card, for the edit to a tombstone; None when it is gone."""
    card = session.get(Card, card_id)
    if card is None:
        return None
    report = session.get_one(Report, card.report_id)
    return CardView(
        card.id,
        report.id,
        report.number,
        report.state,
        card.kind,
        card.chat_id,
        card.telegram_message_id,
        card.staff_id,
        card.buried_at is not None,
    )


def _bury(session: Session, card: Card, now: datetime) -> None:
    card.buried_at = now
    orders.order(
        session,
        card.chat_id,
        "tombstone",
        now,
        report_id=card.report_id,
        detail={"card": card.id},
    )


def _may_stand(session: Session, report: Report, staff_id: str) -> bool:
    has_it = any(each.staff_id == staff_id for each in orders.live(session, report.id))
    here = session.get_one(Staff, staff_id).revoked_at is None
    return has_it and here and report.state in OPEN


def _locked(session: Session, report_id: str) -> Report:
    report = session.scalar(select(Report).where(Report.id == report_id).with_for_update())
    if report is None:
        raise NotAllowed("not for you")
    return report
