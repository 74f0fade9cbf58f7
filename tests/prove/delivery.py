"""Reports across a crash: run with ``python -m tests.prove.delivery --runs 200 --jobs 2``.

Each run kills the bot at one point with at least twenty pupils in mid-dialogue, while one call in
five goes wrong (500, 429, a reset before or after the call took effect, a stall), starts it again
and counts: reports lost or doubled, copies of a message beyond the sends with unknown outcome,
wrong numbers, pupils left without a number or a working button.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import get_args

from storage.crypto import new_key
from storage.migration import upgrade
from tests.prove.crash import PATIENCE, Outcome, Setup, one_run
from tests.prove.fork import ForkedProcess
from tests.prove.kills import Mode, Point, named, points
from tests.prove.scene import prepare
from tests.prove.weather import SHARE
from tests.storage.postgres import Postgres, running

ROUND = 50
"""The totals so far are printed after so many runs."""
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Task:
    """One run to do. ``seed`` decides its faults and its pupils' pace."""

    number: int
    mode: Mode
    engine: str
    point: Point
    seed: str
    safeguard: str | None
    share: float
    patience: float


def tasks(given: argparse.Namespace) -> Iterator[Task]:
    """Yield all runs: ``given.runs`` in each mode, in turn, divided over the engines."""
    engines, only = given.engines.split(","), list(filter(None, given.places.split(",")))
    kills = {mode: points(Random(given.seed), mode, only) for mode in given.modes.split(",")}
    for number in range(1, given.runs + 1):
        for mode, points_of_mode in kills.items():
            yield Task(
                number,
                mode,
                engines[number % len(engines)],
                next(points_of_mode),
                f"{given.seed} {mode} {number}",
                given.unsafe,
                given.share,
                given.patience,
            )


def play(task: Task, url: str, key: str) -> Outcome:
    """Do one run, in a process of its own."""
    setup = Setup(
        webhook=task.mode == "webhook",
        safeguard=task.safeguard,
        share=task.share,
        patience=task.patience,
        process=ForkedProcess,
    )
    return asyncio.run(one_run(url, key, task.point, Random(task.seed), setup))


class Databases:
    """A database with the school in it for each run, all copies of one."""

    def __init__(self, folder: Path, server: Postgres | None) -> None:
        self._folder, self._server = folder, server
        self.key = new_key()
        self._file = folder / "template.db"
        upgrade(f"sqlite:///{self._file}")
        asyncio.run(prepare(f"sqlite:///{self._file}", self.key))
        if server:
            self._name = server.create()
            asyncio.run(prepare(server.url(self._name), self.key))

    def fresh(self, task: Task) -> tuple[str, str]:
        """Return the name and the URL of a copy."""
        if task.engine == "postgresql" and self._server:
            name = self._server.create(self._name)
            return name, self._server.url(name)
        name = f"{task.mode}-{task.number}.db"
        copyfile(self._file, self._folder / name)
        return name, f"sqlite:///{self._folder / name}"

    def drop(self, task: Task, name: str) -> None:
        """Remove it."""
        if task.engine == "postgresql" and self._server:
            self._server.drop(name)
        else:
            for file in self._folder.glob(f"{name}*"):
                file.unlink()


class Series:
    """All runs of the proof, some at the same time, and what came of them."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.outcomes: list[Outcome] = []
        self.broken = 0
        """Runs that did not come to an outcome: the proof itself failed."""

    @property
    def wrong(self) -> int:
        """How many runs went wrong."""
        return self.broken + sum(not outcome.good for outcome in self.outcomes)

    def run(self) -> None:
        """Do all runs; with ``--first`` until one goes wrong."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            pg = "postgresql" in self.given.engines
            server = stack.enter_context(running()) if pg else None
            databases = Databases(folder, server)
            context = get_context("spawn")
            self._divide(
                databases, stack.enter_context(ProcessPoolExecutor(self.given.jobs, context))
            )

    def _divide(self, databases: Databases, pool: ProcessPoolExecutor) -> None:
        busy: dict[Future[Outcome], tuple[Task, str]] = {}
        waiting = tasks(self.given)
        while True:
            stop = self.given.first and self.wrong
            while not stop and len(busy) < self.given.jobs and (task := next(waiting, None)):
                name, url = databases.fresh(task)
                busy[pool.submit(play, task, url, databases.key)] = task, name
            if not busy:
                return
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                task, name = busy.pop(future)
                self._take(task, future)
                databases.drop(task, name)

    def _take(self, task: Task, future: Future[Outcome]) -> None:
        error = future.exception()
        if error is not None:
            self.broken += 1
            line(f"{task.mode} {task.engine} {task.number}: BROKEN {error!r}")
            return
        outcome = future.result()
        self.outcomes.append(outcome)
        show(task, outcome, self.given.runs)
        if len(self.outcomes) % ROUND == 0:
            summary(self.outcomes)


def show(task: Task, outcome: Outcome, runs: int) -> None:
    """Print one line for a run, and more when it went wrong."""
    hit = "" if outcome.hit else " (not reached: too few were left in flight)"
    mark = "ok" if outcome.good else f"WRONG {outcome.wrongs()}"
    stamp = time.strftime("%H:%M:%S")
    run = f"{stamp} {task.mode} {task.engine} {task.number}/{runs}"
    line(f"{run} {outcome.point}{hit}: {mark}")
    if not outcome.good:
        line(f"  seed {task.seed!r} {outcome}")


def line(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def summary(outcomes: Sequence[Outcome]) -> None:
    """Print what all runs found: per mode and engine, per point, per fault."""
    for mode in get_args(Mode):
        for engine in ENGINES:
            some = [o for o in outcomes if (o.mode, o.engine) == (mode, engine)]
            if some:
                line(f"{mode} on {engine}: {_figures(some)}")
        hits = Counter(o.point.name for o in outcomes if o.mode == mode and o.hit)
        if hits:
            known = sum(each.name in hits for each in named(mode))
            line(f"{mode}: {known} of {len(named(mode))} named points hit")
            for name, count in sorted(hits.items()):
                line(f"  {count:4} {name}")
    faults = sum((o.faults for o in outcomes), Counter[str]())
    line(f"faults: {dict(sorted(faults.items()))}")


def _figures(some: Sequence[Outcome]) -> str:
    total = {name: sum(o.wrongs()[name] for o in some) for name in some[0].wrongs()}
    sums = {name: sum(getattr(o, name) for o in some) for name in ("unsure", "copies")}
    sums |= {name: sum(getattr(o, name) for o in some) for name in ("by_button", "restarts")}
    fewest = min(o.in_flight for o in some)
    wrong = sum(not o.good for o in some)
    return f"{len(some)} runs, {wrong} wrong {total}; in flight at the kill >= {fewest}; {sums}"


def options() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = partial(parser.add_argument)
    add("--runs", type=int, default=200, help="in each mode")
    add("--jobs", type=int, default=2, help="runs at the same time")
    add("--seed", type=int, default=1)
    add("--engines", default=",".join(ENGINES))
    add("--modes", default=",".join(get_args(Mode)))
    add("--places", default="", help="kill at these calls or operations only")
    add("--share", type=float, default=SHARE, help="of the calls that go wrong")
    add("--patience", type=float, default=PATIENCE, help="seconds until a run counts as stuck")
    add("--first", action="store_true", help="stop at the first run that goes wrong")
    add("--unsafe", help="switch a safeguard off, to see the proof fail")
    return parser


def main() -> int:
    """Run the proof and print the totals; exit code 1 when anything went wrong."""
    series = Series(options().parse_args())
    series.run()
    summary(series.outcomes)
    line(f"{len(series.outcomes) + series.broken} runs, {series.wrong} went wrong")
    return 1 if series.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
