"""What is left when all is quiet again: reports, copies, order, jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.demo.state import State
from bot.upkeep import JOBS
from storage.tables import Order, Person, Report
from tests.prove.crowd import FIRST_MENTOR, FIRST_PUPIL, NUMBER, Pupil

JITTER: Final = 1.0


@dataclass(frozen=True)
class Left:
    """Counts; all but ``reports`` and ``unsure`` should be 0, ``copies`` at most ``unsure``."""

    reports: int
    lost: int
    doubled: int
    undelivered: int
    """Reports that no mentor was told of."""
    without_number: int
    copies: int
    """Of messages with a report's number, beyond the first."""
    most_copies: int
    """Of one message, beyond the first."""
    unsure: int
    """Sends whose outcome nobody knew."""
    disordered: int


def left(session: Session, state: State, pupils: Sequence[Pupil]) -> Left:
    """Compare what pupils sent with what is stored and what arrived."""
    query = select(Person.telegram_id, func.count(Report.id)).join(Report)
    rows = session.execute(query.group_by(Person.telegram_id)).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    sent = [counts.get(each.person.id, 0) for each in pupils if each.sent]
    arrived = _arrived(state)
    told = {number for chat, texts in arrived.items() if chat < FIRST_PUPIL for number in texts}
    numbers = set(session.scalars(select(Report.number)))
    again = [n - 1 for texts in arrived.values() for n in texts.values()]
    return Left(
        reports=len(sent),
        lost=sent.count(0),
        doubled=sum(max(0, count - 1) for count in sent),
        undelivered=len(numbers - told),
        without_number=sum(each.sent and each.number() is None for each in pupils),
        copies=sum(again),
        most_copies=max(again, default=0),
        unsure=session.scalar(select(func.coalesce(func.sum(Order.unsure), 0))) or 0,
        disordered=_disordered(session, arrived),
    )


def waiting(session: Session, now: datetime) -> int:
    """Return how many orders that are due are not done."""
    due = Order.done_at.is_(None), Order.due_at <= now
    return session.scalar(select(func.count()).select_from(Order).where(*due)) or 0


def doubled_jobs(runs: Sequence[tuple[str, float]]) -> int:
    """Count the runs of a job that came before its period was over."""
    every = {job.name: job.every.total_seconds() for job in JOBS}
    at: defaultdict[str, list[float]] = defaultdict(list)
    for name, when in runs:
        at[name].append(when)
    return sum(
        later - earlier < every[name] - JITTER
        for name, times in at.items()
        for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False)
    )


def _arrived(state: State) -> dict[int, Counter[str]]:
    """Return how often a notice with each number came to each mentor, in the order of arrival."""
    found: dict[int, Counter[str]] = {}
    for chat in state.chats.values():
        if not FIRST_MENTOR <= chat.id < FIRST_PUPIL:
            continue
        texts = (str(chat.messages[key].wire.get("text", "")) for key in sorted(chat.messages))
        notices = (NUMBER.search(text) for text in texts)
        found[chat.id] = Counter(match[0] for match in notices if match)
    return found


def _disordered(session: Session, arrived: dict[int, Counter[str]]) -> int:
    """Count the notices that came before an earlier one of the same chat."""
    query = select(Order.chat_id, Report.number).join(Report, Report.id == Order.report_id)
    rows = session.execute(query.where(Order.kind == "notice").order_by(Order.seq)).all()
    wrong = 0
    for chat, came in arrived.items():
        wanted = [number for chat_id, number in rows if chat_id == chat and number in came]
        wrong += sum(a != b for a, b in zip(wanted, came, strict=False))
    return wrong
