"""Updates of one person in order, of different people at the same time.

The library's own ``concurrent_updates`` keeps no order. The key is the user, since a poll answer
has no chat.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_ONCE: Final = 4096
"""Many wait for Telegram's limits and cost nothing; a report must not wait for their room."""
MOST_WAITING: Final = 100_000
"""The library's own bound, which counts waiting updates too: one busy person would use it up."""


class PerPerson(BaseUpdateProcessor):
    """Runs at most ``AT_ONCE`` updates at the same time, one per person."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        super().__init__(MOST_WAITING)
        self._room = asyncio.Semaphore(at_once)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[int, int] = defaultdict(int)

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Await ``coroutine`` when the person's earlier updates are done."""
        key = person_of(update)
        self._waiting[key] += 1
        try:
            async with self._locks[key], self._room:  # who waits for oneself takes no room
                await coroutine
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:  # else the locks of all pupils would pile up
                del self._waiting[key], self._locks[key]

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""


def person_of(update: object) -> int:
    """Return the user id behind ``update``; 0 when there is none."""
    if isinstance(update, Update) and update.effective_user:
        return update.effective_user.id
    return 0
