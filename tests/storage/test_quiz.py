"""A round goes on after a restart, and no answer counts twice."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from storage import progress, quiz
from storage.errors import NotNow
from tests.storage.conftest import Run
from tests.storage.rows import add_person

ITEMS = ("photo-1", "phone-1", "photo-2")


class Learning:
    """A scheduler that only counts."""

    def rule_of(self, item: str) -> str | None:
        return {"photo": "2", "phone": "6"}.get(item.partition("-")[0])

    def review(
        self, state: dict[str, Any] | None, right: bool, now: datetime
    ) -> tuple[dict[str, Any], date]:
        return {"reviews": (state or {"reviews": 0})["reviews"] + 1}, now.date()


@pytest.fixture
async def round_(run: Run, now: datetime) -> quiz.RoundView:
    """A round of three for account 1."""
    await run(add_person, 1, "Noor")
    started: quiz.RoundView = await run(quiz.start_round, "id-1", ITEMS, None, now)
    return started


async def _ask(run: Run, now: datetime, round_id: str, position: int, poll: str) -> bool:
    return bool(await run(quiz.record_poll, round_id, position, poll, 1, 50 + position, 0, now))


async def test_a_round_from_start_to_end(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """Question by question the state says what is next; the last answer ends the round."""
    for position, option in enumerate((0, 2, 0)):
        state = await run(quiz.open_round, "id-1")
        assert state.next_position == position
        assert await _ask(run, now, round_.id, position, f"p{position}")
        assert (await run(quiz.open_round, "id-1")).next_position is None
        given = await run(quiz.answer, f"p{position}", 1, option, now, Learning())
        assert given.right is (option == 0)
        assert given.round.answered == position + 1
    assert (given.round.ended, given.round.right) == (True, 2)
    assert await run(quiz.open_round, "id-1") is None
    known = await run(progress.of_person, "id-1")
    assert (known["2"].asked, known["2"].right, known["2"].state) == (2, 2, {"reviews": 2})
    assert (known["6"].asked, known["6"].right) == (1, 0)
    assert (known["2"].last_item, known["2"].due_on) == ("photo-2", now.date())


async def test_an_answer_counts_once(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """Simultaneous and repeated taps change the score once; the first answer stands."""
    await _ask(run, now, round_.id, 0, "p0")
    taps = (run(quiz.answer, "p0", 1, 0, now, Learning()) for _ in range(6))
    assert sum(result is not None for result in await asyncio.gather(*taps)) == 1
    assert await run(quiz.answer, "p0", 1, 3, now, Learning()) is None
    assert (await run(progress.of_person, "id-1"))["2"].asked == 1
    assert (await run(quiz.by_id, round_.id)).right == 1


async def test_a_position_has_one_poll(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """A question that was sent twice counts as one; answers to the other copy are ignored."""
    assert await _ask(run, now, round_.id, 0, "p0")
    assert not await _ask(run, now, round_.id, 0, "copy")
    assert await run(quiz.answer, "copy", 1, 0, now, Learning()) is None
    with pytest.raises(NotNow):
        await _ask(run, now, round_.id, 3, "p3")


async def test_only_who_was_asked_answers(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """An answer from another account, as when a poll is forwarded, does not count."""
    await _ask(run, now, round_.id, 0, "p0")
    assert await run(quiz.answer, "p0", 2, 0, now, Learning()) is None
    assert await run(progress.of_person, "id-1") == {}


async def test_late_answers_change_nothing(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """After the round was abandoned an answer does not count and no poll is recorded."""
    await _ask(run, now, round_.id, 0, "p0")
    assert await run(quiz.abandon, "id-1", now)
    assert not await run(quiz.abandon, "id-1", now)
    assert await run(quiz.answer, "p0", 1, 0, now, Learning()) is None
    with pytest.raises(NotNow):
        await _ask(run, now, round_.id, 1, "p1")


async def test_a_new_round_ends_the_old(run: Run, now: datetime, round_: quiz.RoundView) -> None:
    """One round at a time; a repeated update starts no second one."""
    second = await run(quiz.start_round, "id-1", ITEMS, "2", now, 7)
    assert (await run(quiz.by_id, round_.id)).ended
    assert await run(quiz.start_round, "id-1", ITEMS, "2", now, 7) == second
    await run(quiz.abandon, "id-1", now)
    with pytest.raises(NotNow):
        await run(quiz.start_round, "id-1", ITEMS, "2", now, 7)
    with pytest.raises(NotNow):
        await run(quiz.start_round, "id-1", (), None, now)


async def test_an_item_that_left_the_pack(run: Run, now: datetime) -> None:
    """The answer counts for the round; there is no rule to learn."""
    await run(add_person, 1, "Noor")
    started = await run(quiz.start_round, "id-1", ("gone-1",), None, now)
    await _ask(run, now, started.id, 0, "p0")
    assert (await run(quiz.answer, "p0", 1, 0, now, Learning())).round.ended
    assert await run(progress.of_person, "id-1") == {}
