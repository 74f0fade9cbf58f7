"""The quiz of a class: who may set, join and see it, and what is shown from how many on."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import classquiz, privacy, quiz, quizresults, retention
from storage.errors import NotAllowed, NotNow
from storage.quizresults import ItemResult
from storage.tables import ClassQuiz, Order, Person, QuizPoll, QuizRound, Staff
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_person, add_staff
from tests.storage.test_quiz import Learning
from tests.storage.test_retention import TERMS

ITEMS = ("photo-1", "phone-1")
PUPILS = range(1, 8)
SHOWN = (1, 0, 2)


def found(session: Session, now: datetime) -> None:
    """A class with a mentor, seven confirmed pupils and one unconfirmed; another class."""
    for label, code, account in (("H3b", "VOS", 901), ("V5a", "TIM", 902)):
        held = add_class(session, label)
        add_staff(session, code, ("mentor", held), telegram_id=account)
    for number in (*PUPILS, 50):
        add_person(session, number, f"Leerling {number}", "id-H3b")
        confirmed = None if number == 50 else now
        session.get_one(Person, f"id-{number}").confirmed_at = confirmed


@pytest.fixture
async def set_(run: Run, now: datetime) -> str:
    """A quiz that the mentor of H3b set."""
    await run(found, now)
    view = await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, now, now, 77)
    return str(view.id)


async def play(run: Run, quiz_id: str, who: int, options: tuple[int, ...], now: datetime) -> None:
    """Answer with the pack's options."""
    going = await run(classquiz.join, quiz_id, who, now)
    for position, option in enumerate(options):
        poll = f"{quiz_id}-{who}-{position}"
        await run(quiz.record_poll, going.id, position, poll, who, 1, 1, now, SHOWN)
        assert await run(quiz.answer, poll, who, SHOWN.index(option), now, Learning())


def rule_of(item: str) -> str | None:
    return Learning().rule_of(item)


async def test_invitations(run: Run, now: datetime, set_: str) -> None:
    """Every confirmed pupil is invited once; a repeated update returns the same quiz."""

    def invited(session: Session) -> set[int]:
        return set(session.scalars(select(Order.chat_id).where(Order.kind == "class_quiz")))

    assert await run(invited) == set(PUPILS)
    assert await run(classquiz.invites, set_, 1)
    assert not await run(classquiz.invites, set_, 50)
    with pytest.raises(NotNow):
        await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, now, now, 78)
    again = await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, now, now, 77)
    assert again.id == set_


@pytest.mark.parametrize("operation", [classquiz.by_id, classquiz.close])
async def test_others_see_nothing(run: Run, now: datetime, set_: str, operation: Any) -> None:
    """Another class's mentor can neither see, close nor set it."""
    more = (now,) if operation is classquiz.close else ()
    with pytest.raises(NotAllowed):
        await run(operation, "id-TIM", set_, *more)
    with pytest.raises(NotAllowed):
        await run(operation, "id-VOS", "x", *more)
    with pytest.raises(NotAllowed):
        await run(classquiz.start, "id-TIM", "id-H3b", ITEMS, None, now, now)


async def test_results_from_five_on(run: Run, now: datetime, set_: str) -> None:
    """Four participants show nothing; the fifth shows rules, items and chosen options."""
    for who, options in ((1, (0, 1)), (2, (0, 1)), (3, (2, 1)), (4, (0, 2))):
        await play(run, set_, who, options, now)
    few = await run(quizresults.of_quiz, set_, rule_of)
    assert (few.participants, few.rules, few.items) == (4, (), ())
    await play(run, set_, 5, (0,), now)
    some = await run(quizresults.of_quiz, set_, rule_of)
    assert [each.item for each in some.items] == ["photo-1"]
    assert some.items[0].misled is None
    await play(run, set_, 6, (0, 0), now)
    full = await run(quizresults.of_quiz, set_, rule_of)
    assert full.items[1] == ItemResult("phone-1", 5, 1, ((1, 3), (2, 1)))
    assert full.items[1].misled == 1
    assert [(each.rule, each.participants, each.right) for each in full.rules] == [
        ("2", 6, 5),
        ("6", 5, 1),
    ]
    _, live = await run(classquiz.live, set_)
    assert (live.begun, live.finished) == (6, 5)


async def test_after_the_end(run: Run, now: datetime, set_: str) -> None:
    """Answers after the end change nothing; nobody joins; closing twice keeps the moment."""
    for who in range(1, 6):
        await play(run, set_, who, (0, 0), now)
    going = await run(classquiz.join, set_, 6, now)
    await run(quiz.record_poll, going.id, 0, "late", 6, 1, 1, now, SHOWN)
    closed = await run(classquiz.close, "id-VOS", set_, now + timedelta(minutes=1))
    assert await run(quiz.answer, "late", 6, 0, now + timedelta(minutes=2), Learning())
    again = await run(classquiz.close, "id-VOS", set_, now + timedelta(hours=1))
    assert again.closed_at == closed.closed_at
    assert (await run(quizresults.of_quiz, set_, rule_of)).participants == 5
    with pytest.raises(NotNow):
        await run(classquiz.join, set_, 7, now)
    with pytest.raises(NotAllowed):
        await run(classquiz.join, set_, 50, now)
    later = now + timedelta(days=7)
    second = await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, later, later)
    assert await run(classquiz.before, second.id) == set_
    assert await run(classquiz.before, set_) is None


async def test_left_and_joined_again(run: Run, now: datetime, set_: str) -> None:
    """A round that was left is the same round afterwards, and ends any other."""
    await play(run, set_, 1, (0,), now)
    first = await run(quiz.open_round, "id-1")
    await run(quiz.start_round, "id-1", ("photo-2",), None, now)
    back = await run(classquiz.join, set_, 1, now)
    assert (back.id, back.answered, back.ended) == (first.id, 1, False)
    assert (await run(quiz.open_round, "id-1")).id == first.id


async def test_forgotten_and_out_of_term(run: Run, now: datetime, set_: str) -> None:
    """Who is forgotten is out of the result; a quiz goes a year after it was set."""
    for who in range(1, 6):
        await play(run, set_, who, (0, 0), now)
    exported = await run(privacy.export, 1, now)
    assert exported["quiz"]["answers"][0]["chosen"] == 0
    await run(privacy.forget, 1, now)
    assert (await run(quizresults.of_quiz, set_, rule_of)).participants == 4

    def left(session: Session) -> int:
        return session.query(ClassQuiz).count()

    await run(retention.purge_rest, TERMS, now + timedelta(days=1))
    assert await run(left) == 1
    counts = await run(retention.purge_rest, TERMS, now + timedelta(days=800))
    assert counts["class_quizzes"] == 1
    assert await run(left) == 0


@pytest.mark.parametrize("who", [1, 4])
async def test_two_looks_that_differ_by_one_pupil(
    run: Run, now: datetime, set_: str, who: int
) -> None:
    """A pupil who is forgotten after the end leaves the result as it was, and no trace in it."""
    for each in range(1, 7):
        await play(run, set_, each, (each % 3, each % 2), now)
    before = await run(quizresults.of_quiz, set_, rule_of)
    assert before.participants == 6
    await run(classquiz.close, "id-VOS", set_, now)
    closed = await run(quizresults.of_quiz, set_, rule_of)
    await run(privacy.forget, who, now)
    assert await run(quizresults.of_quiz, set_, rule_of) == closed == before
    assert (await run(privacy.export, who, now))["quiz"] is None

    def traces(session: Session) -> list[str]:
        rows = [*session.execute(select(QuizPoll.__table__))]
        rows += session.execute(select(QuizRound.__table__))
        return [repr(row) for row in rows if f"-{who}-" in repr(row) or f"id-{who}'" in repr(row)]

    assert await run(traces) == []


async def test_aggregates(run: Run, now: datetime, set_: str) -> None:
    """Per item and per rule and week everybody counts, first answers only, from five people on."""
    assert await run(quizresults.per_item) == ()
    for who in range(1, 6):
        await play(run, set_, who, (0, 1), now)
    items = await run(quizresults.per_item)
    assert [(each.item, each.share) for each in items] == [("phone-1", 0.0), ("photo-1", 1.0)]
    await run(classquiz.close, "id-VOS", set_, now)
    later = now + timedelta(days=7)
    second = await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, later, later)
    for who in range(1, 6):
        await play(run, second.id, who, (1, 0), later)
    weeks = await run(quizresults.first_answers, rule_of)
    assert [(each.rule, each.asked, each.right) for each in weeks] == [("2", 5, 5), ("6", 5, 0)]
    assert all(each.monday.weekday() == 0 for each in weeks)


async def test_two_at_once(run: Run, now: datetime) -> None:
    """Two colleagues set a quiz at once: one does; two taps on an invitation make one round."""
    await run(found, now)
    start = (classquiz.start, "id-VOS", "id-H3b", ITEMS, None, now, now)
    done = await asyncio.gather(run(*start, 1), run(*start, 2), return_exceptions=True)
    assert [isinstance(each, NotNow) for each in done].count(True) == 1
    view = next(each for each in done if isinstance(each, classquiz.ClassQuizView))
    rounds = await asyncio.gather(*(run(classquiz.join, view.id, 1, now) for _ in range(4)))
    assert len({each.id for each in rounds}) == 1


async def test_idle_quiz_closes(run: Run, now: datetime, set_: str) -> None:
    """Half an hour after the last answer, not before; its setter is told once, if still here."""

    def told(session: Session) -> list[tuple[int, object, datetime]]:
        query = select(Order).where(Order.kind == "quiz_closed")
        return [(o.chat_id, o.detail, o.due_at) for o in session.scalars(query)]

    idle, answered = timedelta(minutes=30), now + timedelta(minutes=20)
    await play(run, set_, 1, (0,), answered)
    assert await run(classquiz.close_idle, idle, now + timedelta(minutes=40), now) == 0
    closing = now + timedelta(minutes=50)
    morning = now + timedelta(hours=12)
    assert await run(classquiz.close_idle, idle, closing, morning) == 1
    assert await run(classquiz.close_idle, idle, closing, morning) == 0
    assert (await run(classquiz.by_id, "id-VOS", set_)).closed_at == closing
    assert await run(told) == [(901, {"quiz": set_, "label": "H3b"}, morning)]
    await run(classquiz.start, "id-VOS", "id-H3b", ITEMS, None, closing, closing, 79)
    await run(_revoke, "id-VOS", closing)
    assert await run(classquiz.close_idle, idle, morning, morning) == 1
    assert len(await run(told)) == 1


def _revoke(session: Session, staff_id: str, now: datetime) -> None:
    session.get_one(Staff, staff_id).revoked_at = now
