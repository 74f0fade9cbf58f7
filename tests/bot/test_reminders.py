"""Reminders: only for who asks, only when something is due, never at a wrong time, soon stopped."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import reminding
from storage import people, reminders
from storage.tables import Order
from tests.bot.staffroom import deliver, got
from tests.bot.test_quiz import poll_of, right
from tests.bot.world import START, World

SAM = 11
NUDGE = "Je wilde een seintje"


async def play(world: World, *, well: bool = True) -> None:
    """Play a round."""
    await world.say(SAM, "/quiz")
    for _ in range(5):
        poll = poll_of(world, SAM)
        assert poll.poll is not None
        options = len(poll.poll["options"])
        await world.vote(SAM, right(poll) if well else (right(poll) + 1) % options, poll)


async def look(world: World, day: int, clock: str) -> None:
    """Go to a moment of the school's clock, ``day`` days after the start, and let the bot look."""
    school = world.services.school_clock
    world.time = school.at((START + timedelta(days=day)).date(), time.fromisoformat(clock))
    await reminding.remind(world.services)
    await deliver(world)


async def live(world: World, days: range) -> list[datetime]:
    """Let days go by; return when reminders arrived."""
    arrived = []
    for day in days:
        for clock in ("11:01", "16:46", "19:31"):
            seen = got(world, SAM).count(NUDGE)
            await look(world, day, clock)
            if got(world, SAM).count(NUDGE) > seen:
                arrived.append(world.services.school_clock.local(world.time))
    return arrived


async def ask(world: World, part: str) -> None:
    """Ask for reminders from the picture of progress."""
    await world.say(SAM, "/voortgang")
    await world.tap(SAM, "Herinner me")
    await world.tap(SAM, part)


async def test_nobody_is_reminded_unasked(clean: World) -> None:
    """Who did not ask for it hears nothing, however much is due."""
    await play(clean, well=False)
    assert await live(clean, range(1, 9)) == []


@pytest.mark.parametrize(
    ("part", "hour", "most"),
    [("Na school", 16, 4), ("'s Avonds", 19, 4), ("In het weekend", 11, 2)],
)
async def test_at_the_chosen_time_at_most_twice_a_week(
    clean: World, part: str, hour: int, most: int
) -> None:
    """Two weeks with rules due: at the chosen hour, with at least four days in between."""
    await play(clean, well=False)
    await ask(clean, part)
    arrived = await live(clean, range(1, 15))
    assert 2 <= len(arrived) <= most
    assert {moment.hour for moment in arrived} == {hour}
    gaps = [b - a for a, b in itertools.pairwise(arrived)]
    assert all(gap >= timedelta(days=3, hours=23) for gap in gaps)
    if part == "In het weekend":
        assert {moment.weekday() for moment in arrived} == {5}


async def test_only_when_something_is_due(clean: World) -> None:
    """The day after a good round nothing is due, and nothing comes."""
    await play(clean)
    await ask(clean, "'s Avonds")
    assert await live(clean, range(1, 2)) == []
    assert len(await live(clean, range(2, 6))) == 1


async def test_one_tap_stops(clean: World) -> None:
    """The button under a reminder ends them; an order that was waiting is not sent any more."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    assert len(await live(clean, range(1, 3))) == 1
    assert "geen herinneringen meer" in (await clean.tap(SAM, "Geen herinneringen")).text
    assert await live(clean, range(3, 11)) == []
    assert await clean.run(reminders.of, SAM) is None


async def test_stopped_while_it_waits(clean: World) -> None:
    """A reminder that is in the outbox when the pupil stops them is dropped."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    await look(clean, 0, "19:31")
    clean.time = START + timedelta(days=1, hours=9, minutes=31)
    await reminding.remind(clean.services)
    await clean.run(reminders.stop, SAM)
    await deliver(clean)
    assert NUDGE not in got(clean, SAM)


async def test_late_reminders_are_skipped(clean: World) -> None:
    """When the bot was off at the chosen time, the reminder waits for the next one."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    await look(clean, 0, "19:31")
    await look(clean, 1, "21:45")
    assert NUDGE not in got(clean, SAM)
    assert len(await live(clean, range(2, 3))) == 1


async def test_none_in_the_holidays(clean: World) -> None:
    """The Christmas holiday passes without a word."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    arrived = [moment.date() for moment in await live(clean, range(24, 43))]
    assert date(2026, 12, 18) in arrived
    assert date(2027, 1, 4) in arrived
    assert not any(date(2026, 12, 19) <= day <= date(2027, 1, 3) for day in arrived)


async def test_held_back_in_a_lesson(clean: World) -> None:
    """An order that is left over from the evening does not go out in a lesson."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    await look(clean, 0, "19:31")
    clean.time = START + timedelta(days=1, hours=9, minutes=31)
    await reminding.remind(clean.services)
    clean.time = START + timedelta(days=2)
    await deliver(clean)
    assert NUDGE not in got(clean, SAM)

    def due(session: Session) -> Any:
        return session.scalar(select(Order.due_at).where(Order.kind == "quiz_reminder"))

    assert clean.services.school_clock.local(await clean.run(due)).hour == 16


async def test_changing_the_time_keeps_the_gap(clean: World) -> None:
    """Choosing another time right after a reminder does not bring a second one sooner."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    first = (await live(clean, range(1, 2)))[0]
    await ask(clean, "Na school")
    second = (await live(clean, range(2, 10)))[0]
    assert second - first >= timedelta(days=4)


async def test_blocked_people_and_odd_taps(clean: World) -> None:
    """Nobody is written to who blocked the bot; a forged time only shows the choice."""
    await play(clean, well=False)
    await ask(clean, "'s Avonds")
    await clean.run(people.mark_unreachable, SAM, now=clean.time)
    assert await live(clean, range(1, 4)) == []
    bubble = clean.last(SAM)
    assert "Wanneer" in (await clean.press(SAM, "quizremind:night", bubble)).text


async def test_offered_after_a_round_in_english(clean: World) -> None:
    """The result of a round offers it, in both languages."""
    clean.langs[SAM] = "en"
    await play(clean)
    await clean.tap(SAM, "Remind me")
    assert "After school" in (await clean.tap(SAM, "After school")).text
