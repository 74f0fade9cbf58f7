"""PostgreSQL goes away and comes back while pupils report to replicas."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.demo.state import BOT_ID, State
from tests.prove import botlog
from tests.prove.crowd import Pupil
from tests.prove.fleet import fleet, ready
from tests.prove.scale_count import Left, left
from tests.prove.scale_replicas import STORM, quiet
from tests.storage.postgres import Postgres

REPLICAS: Final = 2
AWAY_SECONDS: Final = 3.0
WITHIN_SECONDS: Final = 10.0
KIND: Final = "niets opnieuw te sturen"
EXPECTED: Final = ("delivery failed", "upkeep failed", "job failed", "update comes again")
"""What workers say while the database is away; they go on by themselves."""


@dataclass
class Restart:
    """How it went. ``recovered``: seconds from going away to answering with the database again."""

    left: Left
    pupils: int
    finished: int
    recovered: float
    told: int
    """Pupils who were told that nothing is lost."""
    exceptions: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Tell whether every promise was kept."""
        found = self.left
        wrong = (found.lost, found.doubled, found.undelivered, found.without_number)
        calm = not self.exceptions and self.told > 0 and self.finished == self.pupils
        return not any(wrong) and calm and self.recovered <= WITHIN_SECONDS


async def restart(
    server: Postgres, folder: Path, pupils: int = 40, over: float = 20.0, after: float = 10.0
) -> Restart:
    """Restart PostgreSQL ``after`` so many seconds; the pupils begin within ``over``."""
    url = server.url(server.create())
    async with fleet(url, folder, count=REPLICAS, pupils=pupils + 1) as played:
        *reporters, probe = played.pupils
        gap = over / len(reporters)
        tasks = [
            asyncio.create_task(_later(each, number * gap)) for number, each in enumerate(reporters)
        ]
        await asyncio.sleep(after)
        recovered = await _away(server, played.origins, probe)
        done = await asyncio.gather(*tasks)
        await quiet(played)
        unexpected = botlog.unexpected(
            [line for line in played.lines() if line["event"] not in EXPECTED], STORM
        )
        return Restart(
            await played.db.run(left, played.demo.state, reporters),
            len(reporters),
            sum(done),
            recovered,
            _told(played.demo.state, reporters),
            dict(unexpected),
        )


async def _later(pupil: Pupil, seconds: float) -> bool:
    await asyncio.sleep(seconds)
    return await pupil.report()


async def _away(server: Postgres, origins: list[str], probe: Pupil) -> float:
    """Restart the database; return after how long all is as it was."""
    loop = asyncio.get_running_loop()
    since = loop.time()
    await asyncio.to_thread(server.go_away)
    await asyncio.sleep(AWAY_SECONDS)
    await asyncio.to_thread(server.come_back)
    for origin in origins:
        await ready(origin)
    probe.say("/mijngegevens")  # needs the database
    while not probe.has_news():
        await asyncio.sleep(0.05)
    return loop.time() - since


def _told(state: State, pupils: list[Pupil]) -> int:
    return sum(
        any(
            each.sender == BOT_ID and KIND in str(each.wire.get("text", ""))
            for each in state.chats[pupil.person.id].messages.values()
        )
        for pupil in pupils
    )
