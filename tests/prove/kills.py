"""Where the bot's process is killed: at a named point of its talk with Telegram, or at random."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any, Literal

from bot.demo.launcher import Demo
from bot.demo.methods import METHODS

Phase = Literal["before", "after"]
WATCHED = ("sendMessage", "editMessageReplyMarkup", "answerCallbackQuery", "getUpdates")
COUNTS = (1, 4, 12, 25)
PHASES: tuple[Phase, Phase] = ("before", "after")


@dataclass(frozen=True)
class Point:
    """The ``nth`` call of ``method``: before or after it took effect. At random: ``seconds``."""

    method: str = ""
    phase: Phase = "before"
    nth: int = 1
    seconds: float | None = None

    def __str__(self) -> str:
        if self.seconds is not None:
            return f"after {self.seconds:.2f} s"
        return f"{self.phase} {self.method} no. {self.nth}"


def points(rng: Random, methods: Sequence[str] = WATCHED) -> Iterator[Point]:
    """Yield named points of ``methods`` and random moments in turn, for ever."""
    named = [Point(m, p, n) for m, p, n in product(methods, PHASES, COUNTS)]
    while True:
        rng.shuffle(named)
        for point in named:
            yield point
            yield Point(seconds=rng.uniform(0.05, 3.0))


@dataclass
class Killer:
    """Kills the process of ``demo`` with SIGKILL at ``point``, once."""

    demo: Demo
    point: Point
    seen: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Watch the calls; the process dies in the middle of the call that is the point."""
        if self.point.seconds is not None:
            timer = asyncio.get_running_loop().call_later(self.point.seconds, self.kill)
            yield
            timer.cancel()
            return
        name = self.point.method.lower()
        original = METHODS[name]
        METHODS[name] = self._watched(original)
        try:
            yield
        finally:
            METHODS[name] = original

    def kill(self) -> None:
        """Kill now, unless it was done."""
        pid = self.demo.process.pid
        if pid is not None and not self.done.is_set():
            os.kill(pid, signal.SIGKILL)
        self.done.set()

    def _watched(self, original: Any) -> Any:
        async def call(context: Any) -> Any:
            self.seen += 1
            mine = self.seen == self.point.nth
            if mine and self.point.phase == "before":
                self.kill()
            result = original(context)
            if inspect.isawaitable(result):
                result = await result
            if mine and self.point.phase == "after":
                self.kill()
            return result

        return call
