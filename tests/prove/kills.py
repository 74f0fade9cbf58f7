"""Where the bot's process is killed: at a named point, or at random.

Half of the named points lie in its talk with Telegram, where the stand-in kills it; the others
around its transactions, where it kills itself (see ``victim``): before, inside (all was done and
nothing committed) and after.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from bot.demo.launcher import Demo
from bot.demo.methods import METHODS

Phase = Literal["before", "inside", "after"]
Mode = Literal["polling", "webhook"]
CALLS: Final = ("sendMessage", "editMessageReplyMarkup", "answerCallbackQuery")
OPERATIONS: Final = (
    "reports.submit",
    "dialogue.step",
    "cards.record",
    "outbox.claim",
    "outbox.settle",
    "sending.content_of",
)
HANDLING: Final = "handling.now"
"""An update of a webhook: after it the effect is stored and Telegram not yet told."""
POLLED: Final = ("inbox.take_in", "inbox.done")
RARE: Final = frozenset({"getUpdates", "inbox.take_in", "answerCallbackQuery"})
NTHS: Final = (1, 2, 4)
RARE_NTHS: Final = (1, 2, 3)
SECONDS: Final = 2.5


@dataclass(frozen=True)
class Point:
    """The ``nth`` time that ``place`` is passed, in one of its phases. At random: ``seconds``."""

    place: str = ""
    phase: Phase = "before"
    nth: int = 1
    seconds: float | None = None

    @property
    def name(self) -> str:
        """The point without its number: what the table counts."""
        return "at random" if self.seconds is not None else f"{self.phase} {self.place}"

    @property
    def in_process(self) -> bool:
        """Whether the process kills itself there."""
        return "." in self.place

    def __str__(self) -> str:
        return f"{self.name} ({self.seconds or self.nth:.3g})"


def named(mode: Mode) -> list[Point]:
    """Return the named points of a mode, each the first time it is passed."""
    calls = (*CALLS, "getUpdates") if mode == "polling" else CALLS
    operations = OPERATIONS + (POLLED if mode == "polling" else ())
    ends: tuple[Phase, ...] = ("before", "after")
    found = [Point(place, phase) for place, phase in product(calls, ends)]
    if mode == "webhook":
        found += [Point(HANDLING, phase) for phase in ends]
    phases: tuple[Phase, ...] = ("before", "inside", "after")
    return found + [Point(place, phase) for place, phase in product(operations, phases)]


def points(rng: Random, mode: Mode, only: Sequence[str] = ()) -> Iterator[Point]:
    """Yield the named points of ``mode`` in turn, every third one a random moment, for ever.

    ``only``: the places to keep, without random moments.
    """
    all_named = [each for each in named(mode) if not only or each.place in only]
    while True:
        rng.shuffle(all_named)
        for number, point in enumerate(all_named):
            nth = rng.choice(RARE_NTHS if point.place in RARE else NTHS)
            yield Point(point.place, point.phase, nth)
            if number % 2 and not only:
                yield Point(seconds=rng.uniform(0.05, SECONDS))


@dataclass
class Killer:
    """Kills the process of ``demo`` with SIGKILL at ``point``, once. ``fuse``: see ``victim``."""

    demo: Demo
    point: Point
    fuse: Path
    seen: int = 0
    hit: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Watch; the process dies at the point."""
        if self.point.seconds is not None:
            timer = asyncio.get_running_loop().call_later(self.point.seconds, self._at_point)
            yield
            timer.cancel()
        elif self.point.in_process:
            self.fuse.touch()
            yield
        else:
            with self._watching():
                yield

    async def died(self) -> None:
        """Return when the process has died; note whether it did so at the point."""
        await self.demo.process.ended.wait()
        burnt = self.point.in_process and not self.fuse.exists()
        self.hit = self.hit or (burnt and self.demo.process.exit_code == -signal.SIGKILL)
        self.fuse.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill now, unless it was done."""
        pid = self.demo.process.pid
        if pid is not None and not self.done.is_set():
            os.kill(pid, signal.SIGKILL)
        self.done.set()

    def _at_point(self) -> None:
        self.hit = self.hit or not self.done.is_set()
        self.kill()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        name = self.point.place.lower()
        original = METHODS[name]
        METHODS[name] = self._watched(original)
        try:
            yield
        finally:
            METHODS[name] = original

    def _watched(self, original: Any) -> Any:
        async def call(context: Any) -> Any:
            self.seen += 1
            mine = self.seen == self.point.nth
            if mine and self.point.phase == "before":
                self._at_point()
            result = original(context)
            if inspect.isawaitable(result):
                result = await result
            if mine and self.point.phase == "after":
                self._at_point()
            return result

        return call
