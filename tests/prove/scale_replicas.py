"""Three replicas under load: one is killed, one is frozen for longer than a lease, then goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from storage import outbox
from tests.prove import botlog
from tests.prove.crowd import Pupil, until
from tests.prove.fleet import Fleet, fleet
from tests.prove.scale_count import Left, doubled_jobs, left, waiting

REPLICAS: Final = 3
ANSWER_SECONDS: Final = 10.0
PATIENCE: Final = 300.0
STORM: Final = botlog.TELEGRAM | {"OperationalError", "AdminShutdown", "InterfaceError"}


@dataclass(frozen=True)
class Course:
    """Who does what when, in seconds from the start; 0 freezes or kills nobody."""

    pupils: int = 60
    over: float = 60.0
    """The pupils begin one after another within this time."""
    kill: float = 15.0
    freeze: float = 25.0
    frozen: float = outbox.LEASE.total_seconds() + 10


@dataclass
class Chaos:
    """How it went."""

    left: Left
    midway: int
    """Dialogues that were going on when the first replica went."""
    finished: int
    shares: list[int]
    """How many updates each replica answered."""
    jobs: int
    doubled_jobs: int
    exceptions: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Tell whether every promise was kept."""
        found = self.left
        wrong = (found.lost, found.doubled, found.undelivered, found.without_number)
        copies = found.most_copies <= 1 and found.copies <= found.unsure + 1
        return not any((*wrong, found.disordered, self.doubled_jobs, self.exceptions)) and copies


async def chaos(url: str, folder: Path, course: Course) -> Chaos:
    """Play the course against replicas on the PostgreSQL at ``url``."""
    async with fleet(
        url, folder, count=REPLICAS, pupils=course.pupils, answer=ANSWER_SECONDS
    ) as played:
        began = asyncio.get_running_loop().time()
        pupils = [asyncio.create_task(each) for each in _reports(played, course)]
        midway = await _misfortune(played, course, began)
        done = await asyncio.gather(*pupils)
        await quiet(played)
        runs = played.jobs()
        return Chaos(
            await played.db.run(left, played.demo.state, played.pupils),
            midway,
            sum(done),
            [played.balancer.counts[origin] for origin in played.origins],
            len(runs),
            doubled_jobs(runs),
            dict(botlog.unexpected(played.lines(), STORM)),
        )


async def quiet(played: Fleet) -> bool:
    """Wait until no update waits and every order is done; tell whether it came to that."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while loop.time() < end:
        if not played.demo.state.updates.pending and not await played.db.run(waiting, played.now()):
            return True
        await asyncio.sleep(0.5)
    return False


def _reports(played: Fleet, course: Course) -> list[Coroutine[None, None, bool]]:
    gap = course.over / max(1, len(played.pupils))

    async def later(pupil: Pupil, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return await pupil.report()

    return [later(each, number * gap) for number, each in enumerate(played.pupils)]


async def _misfortune(played: Fleet, course: Course, began: float) -> int:
    """Kill the last replica and freeze the one before it; return who was busy at the kill."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(max(0.0, began + course.kill - loop.time()))
    busy = sum(each.seen > 0 and each.number() is None for each in played.pupils)
    played.signal(2, signal.SIGKILL)
    await until(lambda: not played.replicas[2].running, 10)
    await asyncio.sleep(max(0.0, began + course.freeze - loop.time()))
    played.signal(1, signal.SIGSTOP)
    try:
        await asyncio.sleep(course.frozen)
    finally:
        played.signal(1, signal.SIGCONT)
    return busy
