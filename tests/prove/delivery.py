"""Reports across a crash: run with ``python -m tests.prove.delivery --runs 200``.

Each run kills the bot at one point with twenty pupils in mid-dialogue, starts it again and counts:
reports lost, reports doubled, copies of a notice beyond the sends with unknown outcome, pupils left
without a number.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bot.demo.handset import Handset
from tests.prove.kills import WATCHED, Killer, Point, points
from tests.prove.scene import COMMAND, Scene, scene, stored, unsure, waiting
from tests.storage.postgres import Postgres, running

PATIENCE = 120.0
NUMBER = "M-"
NOTICE = "Er is een melding"


@dataclass(frozen=True)
class Outcome:
    """What one run left behind. ``extra``: copies of notices beyond those that may come twice."""

    point: str
    lost: int
    doubled: int
    undelivered: int
    extra: int
    without_number: int

    @property
    def good(self) -> bool:
        """Tell whether nothing went wrong."""
        return not any((self.lost, self.doubled, self.undelivered, self.extra, self.without_number))


async def one_run(
    database_url: str,
    point: Point,
    *,
    webhook: bool,
    command: Sequence[str] = COMMAND,
    patience: float = PATIENCE,
) -> Outcome:
    """Kill once at ``point`` and return what is left when all is quiet again."""
    async with scene(database_url, webhook=webhook, command=command) as played:
        killer = Killer(played.demo, point)
        with killer.armed():
            await asyncio.gather(*(_send(played, who) for who in played.pupils))
            await _until(killer.done.is_set, 15)
        killer.kill()  # a point that was never reached: then at the end
        await played.demo.process.ended.wait()
        await played.demo.process.start()
        await _quiet(played, patience)
        return await _count(played, point)


async def _send(played: Scene, who: int) -> None:
    """Answer the last question, where there is one, and tap "Versturen"."""
    version = played.versions[who]
    async with Handset(played.demo.url, who) as phone:
        if who % 2:
            await phone.press(f"draft:{version}:danger:no", 1)
            version += 1
        await phone.press(f"draft:{version}:preview:send", 1)


async def _quiet(played: Scene, patience: float) -> None:
    """Wait until every pupil has a number and no order waits, or patience ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while loop.time() < end:
        missing = [who for who in played.pupils if not _texts(played, who, NUMBER)]
        if not missing and not await played.db.run(waiting):
            return
        await asyncio.sleep(0.1)


async def _count(played: Scene, point: Point) -> Outcome:
    reports = await played.db.run(stored)
    may_repeat = await played.db.run(unsure)
    notices = [_texts(played, mentor, NOTICE) for mentor in played.mentors]
    copies = sum(max(0, len(found) - 1) for found in notices)
    return Outcome(
        str(point),
        lost=sum(reports.get(who, 0) == 0 for who in played.pupils),
        doubled=sum(max(0, count - 1) for count in reports.values()),
        undelivered=sum(not found for found in notices),
        extra=max(0, copies - may_repeat),
        without_number=sum(not _texts(played, who, NUMBER) for who in played.pupils),
    )


def _texts(played: Scene, who: int, part: str) -> list[str]:
    chat = played.demo.state.chats[who]
    texts = (str(message.wire.get("text", "")) for message in chat.messages.values())
    return [text for text in texts if part in text]


async def _until(true: Callable[[], bool], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not true() and loop.time() < end:
        await asyncio.sleep(0.05)


async def prove(
    runs: int,
    seed: int,
    engines: Sequence[str],
    modes: Sequence[str],
    command: Sequence[str],
    methods: Sequence[str] = WATCHED,
) -> list[Outcome]:
    """Do ``runs`` runs in each mode, divided over the engines; print each that went wrong."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, running() as server:
        for mode in modes:
            kills = points(Random(seed), methods)
            for number in range(runs):
                engine = engines[number % len(engines)]
                url = _fresh(engine, server, Path(folder) / f"{mode}-{number}.db")
                outcome = await one_run(
                    url, next(kills), webhook=mode == "webhook", command=command
                )
                outcomes.append(outcome)
                mark = "ok" if outcome.good else "WRONG"
                sys.stdout.write(f"{mode} {engine} {number + 1}/{runs} {outcome.point}: {mark}\n")
                if not outcome.good:
                    sys.stdout.write(f"  {outcome}\n")
                sys.stdout.flush()
    return outcomes


def _fresh(engine: str, server: Postgres, path: Path) -> str:
    return server.url(server.create()) if engine == "postgresql" else f"sqlite:///{path}"


def main() -> int:
    """Run the proof and print the totals; exit code 1 when anything went wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--engines", default="sqlite,postgresql")
    options.add_argument("--modes", default="polling,webhook")
    options.add_argument("--methods", default=",".join(WATCHED), help="calls to kill at")
    options.add_argument("--unsafe", help="switch a safeguard off, to see the proof fail")
    given = options.parse_args()
    module = ["tests.prove.unsafe", given.unsafe] if given.unsafe else ["bot", "run"]
    outcomes = asyncio.run(
        prove(
            given.runs,
            given.seed,
            given.engines.split(","),
            given.modes.split(","),
            [sys.executable, "-m", *module],
            given.methods.split(","),
        )
    )
    totals: Counter[str] = Counter()
    for outcome in outcomes:
        for name in ("lost", "doubled", "undelivered", "extra", "without_number"):
            totals[name] += getattr(outcome, name)
    wrong = sum(not outcome.good for outcome in outcomes)
    sys.stdout.write(f"{len(outcomes)} runs, {wrong} went wrong: {dict(totals)}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
