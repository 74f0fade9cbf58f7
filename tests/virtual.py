"""A clock of the tests' own: hours pass in no time, and the same way on every machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.demo.launcher import Demo
from storage.database import Database
from storage.writer import Writer

T = TypeVar("T")
TUESDAY, AFTERNOON = 1, 16
"""By UTC: after school and before the night, in which staff are left alone."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands still while there is work, and then jumps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0

    def time(self) -> float:
        """Return the seconds that have passed on the jumping clock."""
        return self._virtual

    def _run_once(self) -> None:
        timers = [timer for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if not self._ready and timers:  # type: ignore[attr-defined]
            self._virtual = max(self._virtual, min(timer.when() for timer in timers))
        super()._run_once()  # type: ignore[misc]


def play(story: Callable[[], Awaitable[T]]) -> T:
    """Run ``story`` on the jumping clock."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(story())
    finally:
        loop.close()


class _AtOnce(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # it travels in the future, as from a thread
            done.set_exception(error)
        return done


def to_an_afternoon(now: datetime) -> float:
    """Return the seconds to an hour at which staff may be told, whatever the time is now."""
    days = (TUESDAY - now.weekday()) % 7 or 7
    then = (now + timedelta(days=days)).replace(hour=AFTERNOON, minute=0, second=0)
    return (then - now).total_seconds()


def time_of(demo: Demo) -> datetime:
    """Return the time in a playground."""
    return datetime.fromtimestamp(demo.state.clock.now(), UTC)


def without_thread(db: Database) -> Database:
    """Let a database work in the loop itself: a jumping clock waits for no thread and no socket."""
    db.writer.thread.shutdown()
    db.writer = Writer(db.engine, lambda: {"vault": db.vault}, 0)
    db.writer.thread.shutdown()
    db.writer.thread = _AtOnce()
    return db
