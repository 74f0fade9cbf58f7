"""Ten simulated pupils through three weeks on the real Application, with the clock moved."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import datetime, timedelta

from bot import reminding
from content.pack import Pack
from storage import people, progress, quiz
from tests.bot.staffroom import deliver
from tests.bot.telegram import Bubble
from tests.bot.world import START, World
from tests.prove.memory import Pupil

PUPILS = range(101, 111)
REMINDED = range(101, 106)
DAYS = 21


class Life:
    """A pupil with a memory of its own, who plays now and then."""

    def __init__(self, who: int, pack: Pack) -> None:
        self.who, self.pack = who, pack
        self.rng = random.Random(who)
        rules = tuple(rule.id for rule in pack.rules if rule.quiz)
        self.memory = Pupil(rules, self.rng)
        self.asked: list[tuple[datetime, str]] = []

    def plays(self, day: int) -> bool:
        """Tell whether the pupil plays: the first day, and every other day or so."""
        return day == 0 or self.rng.random() < 0.33

    async def round(self, world: World, day: int) -> None:
        """Play a round; now and then stop half-way or answer twice."""
        await world.say(self.who, "/quiz")
        stops = self.rng.random() < 0.1
        for position in range(5):
            if stops and position == 3:
                await world.say(self.who, "/stop")
                return
            await self.answer(world, day)

    async def answer(self, world: World, day: int) -> None:
        """Answer the last poll as well as the memory can."""
        poll = next(b for b in reversed(world.telegram.chat(self.who)) if b.poll_id)
        item = next(i for i in self.pack.quiz if poll.text.endswith(i.question.nl))
        right = int((poll.poll or {})["correct_option_ids"][0])
        known = self.memory.answer(self.pack.number(item.rule or ""), float(day), self.rng)
        wrong = (right + 1) % len(item.options)
        self.asked.append((world.time, item.id))
        await world.vote(self.who, right if known else wrong, poll)
        if self.rng.random() < 0.1:  # the same tap comes twice
            await world.vote(self.who, right, poll)


def nudges(world: World, who: int) -> list[Bubble]:
    return [b for b in world.telegram.chat(who) if "Je wilde een seintje" in b.text]


async def three_weeks(world: World, lives: list[Life]) -> None:
    """Let every day pass: some play after school, reminders come in the evening."""
    clock = world.services.school_clock
    for day in range(DAYS):
        date = (START + timedelta(days=day)).date()
        world.time = clock.at(date, datetime.min.replace(hour=17).time())
        for life in lives:
            if life.plays(day):
                await life.round(world, day)
        if day == 0:
            for who in REMINDED:
                await world.press(who, "quizremind:evening", world.last(who))
        world.time = clock.at(date, datetime.min.replace(hour=19, minute=31).time())
        await reminding.remind(world.services)
        await deliver(world)


async def test_three_weeks(clean: World, pack: Pack) -> None:
    """Every pupil gets round the rules, nothing twice in a row, progress is what was answered."""
    lives = [Life(who, pack) for who in PUPILS]
    await three_weeks(clean, lives)
    for life in lives:
        person = await clean.run(people.find, life.who)
        known = await clean.run(progress.of_person, person.id)
        items = [item for _, item in life.asked]
        assert sum(each.asked for each in known.values()) == len(items)
        assert all(one != two for one, two in itertools.pairwise(items))
        rules = Counter(pack.number(pack.quiz_item(item).rule or "") for item in items)
        if len(items) >= 25:
            assert set(rules) == {rule.id for rule in pack.rules if rule.quiz}
            assert max(rules.values()) - min(rules.values()) <= len(items) / 10 + 2
        rounds = await clean.run(quiz.round_times, person.id)
        assert await clean.run(quiz.open_round, person.id) is None
        assert len(rounds) >= len(items) / 5
        sent = nudges(clean, life.who)
        assert len(sent) <= 6
        assert bool(sent) is (life.who in REMINDED)
    assert sum(len(life.asked) for life in lives) > 250
    shown = await clean.say(PUPILS[0], "/voortgang")
    assert "weken op rij geoefend" in shown.text
