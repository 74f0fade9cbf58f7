"""The bot under mixed traffic and faults for long: ``python -m tests.prove.soak --minutes 30``.

The real process polls a stand-in of which five calls in a hundred go wrong, while 1,500 pupils ask,
practise, tap, send odd things and report. Counted are lost and doubled reports, memory, and what
the process logged that nobody had reckoned with.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.demo import actions
from bot.demo.faults import Fault, Faults
from bot.demo.launcher import COMMAND, Demo
from storage.crypto import Vault, new_key
from storage.database import Database
from storage.tables import Person, Report
from tests.prove import botlog, crowd
from tests.prove.crowd import Pupil, until
from tests.prove.scale_count import waiting
from tests.prove.soak_outcome import GROWTH, Outcome, table
from tests.virtual import time_of, to_an_afternoon

TICK: Final = 0.02
MOST_WAITING: Final = 100
KEPT_MESSAGES: Final = 6
KEPT: Final = 3000
TROUBLE: Final = (
    *[Fault("outage")] * 30,
    *[Fault("flood")] * 20,
    *[Fault("reset_before")] * 20,
    *[Fault("reset_after")] * 20,
    *[Fault("stall", seconds=1)] * 8,
    *[Fault("stall", seconds=6)] * 2,
)
ODD: Final = ("sticker", "photo", "voice", "location", "contact")


@dataclass(frozen=True)
class Plan:
    """How long, how much, who. ``reporters`` of the pupils make one report each."""

    seconds: float = 1800.0
    rate: float = 50.0
    faults: float = 0.05
    pupils: int = 1500
    groups: int = 30
    reporters: int = 900
    seed: int = 1
    pause: float = crowd.PAUSE


class Trouble(Faults):
    """A share of all calls goes wrong, in the ways of ``TROUBLE``."""

    def __init__(self, rng: Random, share: float) -> None:
        super().__init__()
        self.rng, self.share, self.met = rng, share, 0

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """Return what goes wrong with this call, if anything."""
        if self.rng.random() >= self.share:
            return None
        self.met += 1
        return self.rng.choice(TROUBLE)


class Soak:
    """One run around a playground."""

    def __init__(self, demo: Demo, plan: Plan) -> None:
        self.demo, self.plan = demo, plan
        self.rng = Random(plan.seed)
        self.pupils = crowd.phones(demo.state, plan.pupils, plan.groups)
        for each in self.pupils:
            each.pause = plan.pause
        self.reporters = self.pupils[: plan.reporters]
        self.others = self.pupils[plan.reporters :]
        self.trouble = Trouble(Random(plan.seed + 1), plan.faults)
        self.outcome = Outcome()
        self.reporting: list[asyncio.Task[bool]] = []
        self.behind = 0
        """How many updates wait for the bot, at Telegram or in its inbox."""
        self._asked: dict[int, tuple[Pupil, float]] = {}

    async def play(self) -> None:
        """Let the traffic run, then wait until all is done."""
        demo, loop = self.demo, asyncio.get_running_loop()
        await until(lambda: demo.state.polled, 60)
        demo.state.faults = self.trouble
        first, began = demo.state.updates.last_id, loop.time()
        work = (self._report(), self._watch(), self._look())
        reporting, *watching = [asyncio.create_task(each) for each in work]
        due = began
        while (now := loop.time()) < began + self.plan.seconds and demo.process.running:
            if self.behind < MOST_WAITING:
                while due < now:
                    due += 1 / self.plan.rate
                    self._somebody_does_something()
            else:  # the machine is too slow: hold back, and say so
                due = now
                self.outcome.held += TICK
            await asyncio.sleep(TICK)
        self.outcome.seconds = loop.time() - began
        self.outcome.updates = demo.state.updates.last_id - first
        self.outcome.processor = processor(demo.process.pid)
        for each in watching:
            each.cancel()
        self.trouble.share = 0.0
        await reporting
        if not demo.process.running:
            self.outcome.exceptions["the process ended"] = 1
            return
        done = await asyncio.gather(*self.reporting)
        self.outcome.unfinished = done.count(False)
        await until(lambda: not demo.state.updates.pending, 120)

    def _somebody_does_something(self) -> None:
        pupil, way = self.rng.choice(self.others), self.rng.random()
        if way < 0.62:
            pupil.say(self.rng.choice(crowd.QUESTIONS))
            self._asked.setdefault(pupil.person.id, (pupil, asyncio.get_running_loop().time()))
        elif way < 0.80 and pupil.tap_any(self.rng):
            return
        elif way < 0.90:
            if not pupil.vote(self.rng):
                pupil.say("/quiz")
        else:
            actions.send(self.demo.state, pupil.person, {"kind": self.rng.choice(ODD)})

    async def _look(self) -> None:
        """Note how long answers took, and how far behind the bot is."""
        loop, file = asyncio.get_running_loop(), self.demo.database_url.partition("///")[2]
        while True:
            await asyncio.sleep(0.25)
            self.behind = len(self.demo.state.updates.pending) + in_inbox(file)
            for who, (pupil, since) in list(self._asked.items()):
                if pupil.has_news():
                    self.outcome.waits.append(loop.time() - since)
                    del self._asked[who]

    async def _report(self) -> None:
        for pupil in self.reporters:
            self.reporting.append(asyncio.create_task(pupil.report()))
            await asyncio.sleep(self.plan.seconds / (len(self.reporters) + 1))

    async def _watch(self) -> None:
        """Note the memory now and then, and let the stand-in forget what nobody looks at."""
        state = self.demo.state
        while self.demo.process.running:
            await asyncio.sleep(self.plan.seconds / 180)
            self.outcome.memory.append(resident(self.demo.process.pid))
            for pupil in self.others:
                pupil.forget(KEPT_MESSAGES)
            for kept in (state.queries, state.polls):
                for key in list(kept)[:-KEPT]:
                    del kept[key]


def in_inbox(file: str) -> int:
    """Return how many updates the bot took in and did not handle yet; locks nothing."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reading:
        query = "SELECT count(*) FROM inbox WHERE set_aside_at IS NULL"
        return int(reading.execute(query).fetchone()[0])


def resident(pid: int | None) -> float:
    """Return the resident memory of a process in megabytes."""
    if pid is None:
        return 0.0
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor(pid: int | None) -> float:
    """Return the seconds of processor that a process used."""
    if pid is None:
        return 0.0
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def stored(session: Session, outcome: Outcome, reporters: list[Pupil]) -> None:
    """Compare what pupils sent with what is stored."""
    query = select(Person.telegram_id, func.count(Report.id)).join(Report)
    rows = session.execute(query.group_by(Person.telegram_id)).all()
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    sent = [counts.get(each.person.id, 0) for each in reporters if each.sent]
    outcome.reports, outcome.lost = len(sent), sent.count(0)
    outcome.doubled = sum(max(0, count - 1) for count in sent)


@asynccontextmanager
async def playground(plan: Plan, folder: Path) -> AsyncIterator[tuple[Soak, Database]]:
    """Start stand-in and bot around a school of the plan."""
    key, url = new_key(), f"sqlite:///{folder / 'soak.db'}"
    demo = Demo(
        0,
        database_url=url,
        secret_key=key,
        welcome=False,
        command=botlog.command(list(COMMAND), folder / "bot.log"),
        env={
            "VUISTREGEL_SENDS_PER_SECOND": "1000",  # this is about more than Telegram would take
            "VUISTREGEL_LOG_FORMAT": "json",
        },
    )
    demo.state.clock.move(to_an_afternoon(datetime.now(UTC)))  # at night staff are not told
    await crowd.school(url, key, plan.pupils, plan.groups)
    db = Database(url, Vault.from_setting(key))
    try:
        async with demo:
            yield Soak(demo, plan), db
    finally:
        await db.close()


async def run(plan: Plan, folder: Path) -> Outcome:
    """Play the plan and return what was counted."""
    async with playground(plan, folder) as (soak, db):
        await soak.play()
        outcome = soak.outcome
        loop = asyncio.get_running_loop()
        end = loop.time() + 180
        while (left := await db.run(waiting, time_of(soak.demo))) and loop.time() < end:
            await asyncio.sleep(0.5)
        outcome.left = left + len(soak.demo.state.updates.pending)
        await db.run(stored, outcome, soak.reporters)
        outcome.faults = soak.trouble.met
    lines = botlog.read(folder / "bot.log")
    outcome.exceptions |= botlog.unexpected(lines)
    outcome.retried = sum(line["event"] == "handler failed" for line in lines)
    return outcome


def main() -> int:
    """Soak and print the table; exit code 1 when a bar was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=30.0)
    options.add_argument("--rate", type=float, default=50.0)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    reporters = min(900, max(10, int(given.minutes * 30)))
    plan = Plan(given.minutes * 60, given.rate, reporters=reporters, seed=given.seed)
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(plan, Path(folder)))
    good = outcome.good and outcome.growth <= GROWTH
    sys.stdout.write(f"{table(outcome)}\n{'good' if good else 'WRONG'}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
