"""How fast, fair and small the bot is: ``python -m tests.prove.bench``, or ``make bench``.

Each round plays the same load, in a closed loop, with a bare echo bot of python-telegram-bot and
with our real process on SQLite and PostgreSQL, one after the other; a ratio is one of medians over
the rounds. ``work`` is the ratio of processor time per step, which a busy machine distorts less.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from tests.prove.bench_bots import ECHO, OURS, PEOPLE, Bot, bot, school
from tests.prove.bench_load import Measured
from tests.storage.postgres import running

BARS: Final = {
    ("sqlite", "ask"): 0.5,
    ("postgresql", "ask"): 0.5,
    ("sqlite", "report"): 0.35,
    ("postgresql", "report"): 0.25,
}
FEW, CROWD = 50, 32
P99_BAR, START_BAR, STOP_BAR, MEMORY_BAR = 1000.0, 2.0, 10.0, 150.0
FLOOD_BAR: Final = 22
"""Twenty messages of the flood that are answered, one kind line, and one that was under way."""


@dataclass
class Results:
    """What was measured: by bot and script, one for each round; and the lines of the table."""

    loads: defaultdict[tuple[str, str], list[Measured]] = field(
        default_factory=lambda: defaultdict(list)
    )
    missed: int = 0

    def rate(self, name: str, script: str) -> float:
        """Return the median of steps a second."""
        return median(m["steps"] / m["seconds"] for m in self.loads[name, script])

    def middle(self, name: str, script: str, what: str) -> float:
        """Return the median of one figure."""
        return median(float(m[what]) for m in self.loads[name, script])  # type: ignore[literal-required]

    def line(self, name: str, value: float, bar: float | None, *, most: bool = False) -> str:
        """Return a line of the table with its bar; ``most``: the bar is not to be passed."""
        good = bar is None or (value <= bar if most else value >= bar)
        self.missed += not good
        sign = "<=" if most else ">="
        aim = "" if bar is None else f"{sign} {bar:g}  {'ok' if good else 'MISSED'}"
        return f"{name:<42}{value:>9.2f}  {aim}"


@asynccontextmanager
async def every_bot(folder: Path) -> AsyncIterator[dict[str, Bot]]:
    """Start the echo bot and ours on both engines, each with a stand-in of its own."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(running())
        server.durable()
        urls = {
            "sqlite": f"sqlite:///{folder / 'bench.db'}",
            "postgresql": server.url(server.create()),
        }
        bots = {"echo": await stack.enter_async_context(bot(ECHO))}
        for name, url in urls.items():
            bots[name] = await stack.enter_async_context(bot(OURS, url, await school(url)))
        yield bots


async def measure(rounds: int, steps: int) -> int:
    """Play everything and print the table; return how many bars were missed."""
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        async with every_bot(Path(folder)) as bots:
            for _ in range(rounds):
                for name, each in bots.items():
                    for script in ("ask",) if name == "echo" else ("ask", "report"):
                        measured = await each.play(script=script, people=FEW, steps=steps)
                        results.loads[name, script].append(measured)
            _print_speed(results, bots)
            start = bots["echo"].first_poll
            _say(results.line("echo: start to first poll, s", start, None))
            for name in ("sqlite", "postgresql"):
                await _print_rest(results, name, bots[name], steps)
    return results.missed


def _print_speed(results: Results, bots: dict[str, Bot]) -> None:
    echo = results.rate("echo", "ask")
    work = results.middle("echo", "ask", "cpu")
    _say(f"{'bot, script':<42}{'steps/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'cpu ms':>9}{'work':>9}")
    for (name, script), _ in results.loads.items():
        cpu = results.middle(name, script, "cpu")
        figures = [results.rate(name, script)]
        figures += [results.middle(name, script, what) for what in ("median", "p99")]
        _say(
            f"{name + ', ' + script:<42}"
            + "".join(f"{figure:>9.0f}" for figure in figures)
            + f"{cpu:>9.2f}{work / cpu:>9.2f}"
        )
    _say("")
    for (name, script), bar in BARS.items():
        if name in bots:
            ratio = results.rate(name, script) / echo
            _say(results.line(f"{name}: {script}, beside the echo bot", ratio, bar))


async def _print_rest(results: Results, name: str, each: Bot, steps: int) -> None:
    """Play a flood and a crowd, look at the memory, stop in the middle of a load, start again."""
    flood = await each.play(script="ask", people=CROWD, steps=steps, flood=True)
    _say(results.line(f"{name}: p99 of others in a flood, ms", flood["p99"], P99_BAR, most=True))
    extra = float(flood["extra"])
    _say(results.line(f"{name}: messages to who floods", extra, FLOOD_BAR, most=True))
    crowd = await each.play(script="ask", people=PEOPLE, steps=2 * PEOPLE)
    _say(results.line(f"{name}: p99 with {PEOPLE} people at once, ms", crowd["p99"], None))
    seconds = await stopped_under_load(each, steps)
    _say(results.line(f"{name}: stop under load, s", seconds, STOP_BAR, most=True))
    start, memory = await at_rest(each)
    _say(results.line(f"{name}: start to first poll, s", start, START_BAR, most=True))
    _say(results.line(f"{name}: resident after load, MB", memory, MEMORY_BAR, most=True))


async def at_rest(each: Bot) -> tuple[float, float]:
    """Return seconds to the first poll and megabytes after load of the bot as it is shipped.

    Its chats wait a second between messages, so many people are needed for a load.
    """
    await each.stop()
    each.module = "bot run"
    await each.start()
    await each.play(script="ask", people=PEOPLE, steps=3 * PEOPLE)
    await each.play(script="report", people=CROWD, steps=4 * CROWD)
    return each.first_poll, each.resident()


async def stopped_under_load(each: Bot, steps: int) -> float:
    """Stop a bot in the middle of a load, start it again; return the seconds of the stop.

    The load ends only when everybody was answered: else TimeoutError, and something was lost.
    """
    load = asyncio.create_task(each.http.post("/control", json=_report_load(steps)))
    await each.http.get("/answered")
    seconds = await each.stop()
    await each.start()
    (await load).raise_for_status()
    return seconds


def _report_load(steps: int) -> dict[str, object]:
    return {"script": "report", "people": CROWD, "steps": steps}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the bench; exit code 1 when a bar was missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--steps", type=int, default=1500)
    given = options.parse_args()
    return 1 if asyncio.run(measure(given.rounds, given.steps)) else 0


if __name__ == "__main__":
    sys.exit(main())
