"""An assembly in which everybody starts the quiz at once, with Telegram's limits kept by it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.demo.launcher import Demo
from bot.demo.limits import OVERALL
from bot.demo.state import State
from storage.crypto import new_key
from tests.prove import crowd
from tests.prove.crowd import Pupil, until
from tests.prove.fleet import fleet

LEEWAY: Final = 1.10
GROUPS: Final = 10
MESSAGES: Final = 2
"""What /quiz gives: a word, and the first question."""


@dataclass(frozen=True)
class Burst:
    """How a burst went; times in seconds. ``bound``: what the limit itself takes."""

    where: str
    pupils: int
    answered: int
    refused: int
    bound: float
    took: float

    @property
    def good(self) -> bool:
        """Tell whether nothing was refused and all was answered in time."""
        in_time = self.took <= self.bound * LEEWAY
        return self.answered == self.pupils and not self.refused and in_time


async def polled(folder: Path, pupils: int) -> Burst:
    """Play the burst against one process on SQLite."""
    key, url = new_key(), f"sqlite:///{folder / 'burst.db'}"
    await crowd.school(url, key, pupils, GROUPS)
    async with Demo(0, database_url=url, secret_key=key, welcome=False) as demo:
        await until(lambda: demo.state.polled, 90)
        phones = crowd.phones(demo.state, pupils, GROUPS)
        return await burst("1 process, SQLite, polling", demo.state, phones)


async def shared(url: str, folder: Path, pupils: int, count: int) -> Burst:
    """Play the burst against replicas on PostgreSQL."""
    async with fleet(url, folder, count=count, pupils=pupils) as played:
        where = f"{count} replicas, PostgreSQL, webhook"
        return await burst(where, played.demo.state, played.pupils)


async def burst(where: str, state: State, pupils: list[Pupil]) -> Burst:
    """Let all start the quiz at once; wait until each has all that the bot has to say."""
    await asyncio.sleep(3)  # what was said at the start, menus for instance, is past
    state.limits.on = True
    loop = asyncio.get_running_loop()
    began = loop.time()
    for pupil in pupils:
        pupil.say("/quiz")
    most = len(pupils) * MESSAGES / OVERALL * 2 + 30
    await until(lambda: all(each.heard() >= MESSAGES for each in pupils), most)
    took = loop.time() - began
    limits = state.limits
    answered = sum(each.heard() >= MESSAGES for each in pupils)
    # the first thirty go at once, so the limit takes a second less
    bound = (limits.taken - OVERALL) / OVERALL
    return Burst(where, len(pupils), answered, limits.refused, bound, took)
