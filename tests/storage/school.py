"""A small school for tests of reports: class H3b with all posts, two pupils, a plain clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import outbox, reports
from storage.database import Database
from storage.policy import Policy, Step
from storage.reports import NewReport, Submitted
from storage.tables import Order, Report, Staff
from tests.storage.rows import WHEN, add_class, add_person, add_staff

PUPIL: Final = 1001
OTHER_PUPIL: Final = 1002
MENTOR: Final = 2001
SECOND: Final = 2002
DEPUTY: Final = 2003
COORDINATOR: Final = 2004
CONFIDENTIAL: Final = 2005
BOARD: Final = 2006
STRANGER: Final = 2007
ADMIN: Final = 9001

CODES: Final = {
    MENTOR: "AAA",
    SECOND: "BBB",
    DEPUTY: "CCC",
    COORDINATOR: "DDD",
    CONFIDENTIAL: "EEE",
    BOARD: "FFF",
    STRANGER: "GGG",
}
WORDS: Final = "iemand heeft een filmpje van mij gemaakt"


@dataclass(frozen=True)
class PlainTerms:
    """A clock without weekends: seen in a day, answered in three, urgent in 15 minutes."""

    def ends(self, step: Step, *, urgent: bool, now: datetime) -> datetime:
        if urgent:
            return now + timedelta(minutes=15)
        return now + timedelta(days=1 if step == "seen" else 3)

    def buzz_at(self, *, urgent: bool, now: datetime) -> datetime:
        if urgent or 7 <= now.hour < 22:
            return now
        morning = datetime.combine(now.date(), time(7), now.tzinfo)
        return morning if now.hour < 7 else morning + timedelta(days=1)


POLICY: Final = Policy(PlainTerms(), (ADMIN,))
NEW: Final = NewReport(WORDS, class_id="id-H3b", rule="2", app="Snapchat")


def staff_id(account: int) -> str:
    """Return the staff id behind a test account."""
    return f"id-{CODES[account]}"


def found(session: Session) -> None:
    """Put the school in the database."""
    h3b = add_class(session, "H3b")
    add_class(session, "V5a")
    add_staff(session, "AAA", ("mentor", h3b), telegram_id=MENTOR)
    add_staff(session, "BBB", ("mentor", h3b), telegram_id=SECOND)
    add_staff(session, "CCC", ("deputy", h3b), telegram_id=DEPUTY)
    add_staff(session, "DDD", ("coordinator", h3b), telegram_id=COORDINATOR)
    add_staff(session, "EEE", ("confidential", None), telegram_id=CONFIDENTIAL)
    add_staff(session, "FFF", ("board", None), telegram_id=BOARD)
    add_staff(session, "GGG", ("mentor", "id-V5a"), telegram_id=STRANGER)
    add_person(session, PUPIL, "Noor de Vries", h3b)
    add_person(session, OTHER_PUPIL, "Sem Bakker", h3b)


def change_staff(session: Session, account: int, **columns: Any) -> None:
    """Change columns of a member of staff."""
    staff = session.get_one(Staff, staff_id(account))
    for column, value in columns.items():
        setattr(staff, column, value)


def gone(session: Session, *accounts: int) -> None:
    """Revoke the access of these accounts."""
    for account in accounts:
        change_staff(session, account, revoked_at=WHEN)


def send(
    session: Session, now: datetime, account: int = PUPIL, new: NewReport = NEW, **changes: Any
) -> Submitted:
    """Submit a report as a pupil; ``changes`` are fields of the report."""
    return reports.submit(session, account, replace(new, **changes), POLICY, now)


def waiting(session: Session) -> list[tuple[int, str]]:
    """Return (chat, kind) of all orders not yet done, in their order."""
    query = select(Order.chat_id, Order.kind).where(Order.done_at.is_(None)).order_by(Order.seq)
    return [(chat, kind) for chat, kind in session.execute(query)]


def row(session: Session, report_id: str) -> Report:
    """Return the row of a report, to look at."""
    return session.get_one(Report, report_id)


async def deliver(
    db: Database, rng: Any, now: datetime, refuse: frozenset[int] = frozenset()
) -> list[tuple[int, str]]:
    """Send all that is due, ``refuse`` being blocked chats; return what was sent."""
    sent = []
    while found_now := await db.run(outbox.claim, "w", now, 10):
        for order in found_now:
            outcome: outbox.Outcome = "refused" if order.chat_id in refuse else "sent"
            await db.run(outbox.settle, order.id, "w", outcome, POLICY, now, rng)
            if outcome == "sent":
                sent.append((order.chat_id, order.kind))
    return sent
