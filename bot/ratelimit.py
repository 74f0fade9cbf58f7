"""Telegram's limits, kept before Telegram has to refuse; urgent sends go first.

30 messages a second in all, one a second in a chat (core.telegram.org/bots/faq, "My bot is hitting
limits, how do I avoid this?").
"""

from __future__ import annotations

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from enum import IntEnum
from itertools import count
from typing import Any, Final

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

OVERALL_PER_SECOND: Final = 28.0
CHAT_BURST: Final = 3
CHAT_PER_SECOND: Final = 1.0
TRIES: Final = 4
CHATS_KEPT: Final = 5000
COUNTED: Final = frozenset(
    {"sendMessage", "sendPoll", "sendPhoto", "sendDocument", "editMessageText", "stopPoll"}
)


class Lane(IntEnum):
    """How a send of the outbox goes, as ``rate_limit_args``: what is told to wait goes back there.

    Waiting in place would hold an order longer than its lease, and so send it twice.
    """

    URGENT = 1  # before all else, and its chat's share does not count
    REPORT = 2  # about a report: before what is neither
    PLAIN = 3


class Bucket:
    """A token bucket: ``rate`` tokens a second, at most ``size`` saved up."""

    def __init__(self, rate: float, size: float, now: float) -> None:
        self.rate, self.size = rate, size
        self._tokens, self._at = size, now

    def take(self, now: float) -> float:
        """Take one token, in advance if need be; return the seconds to wait for it."""
        self._tokens = min(self.size, self._tokens + (now - self._at) * self.rate)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self.rate)


class RateLimiter(BaseRateLimiter[int]):
    """A bucket for each chat and a gate for all, in which urgent sends and reports overtake."""

    def __init__(self, overall: float = OVERALL_PER_SECOND) -> None:
        self._gap = 1.0 / overall
        self._free_at = 0.0
        self._chats: OrderedDict[int, Bucket] = OrderedDict()
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._gate: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Nothing to open: the gate runs while somebody waits."""

    async def shutdown(self) -> None:
        """Stop the gate."""
        if self._gate:
            self._gate.cancel()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Call Telegram when it is this request's turn; wait and retry when told to.

        With a ``Lane`` it is the outbox that retries.
        """
        for attempt in range(1, TRIES + 1):
            if endpoint in COUNTED:
                await self._turn(data.get("chat_id"), rate_limit_args or Lane.PLAIN)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                if attempt == TRIES or rate_limit_args:
                    raise
                await asyncio.sleep(_seconds(error))
        return None

    async def _turn(self, chat_id: object, lane: int) -> None:
        if isinstance(chat_id, int) and lane != Lane.URGENT:
            await asyncio.sleep(self._bucket(chat_id).take(asyncio.get_running_loop().time()))
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (lane, next(self._order), turn))
        if self._gate is None or self._gate.done():
            self._gate = asyncio.create_task(self._let_through())
        await turn

    async def _let_through(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            await asyncio.sleep(max(0.0, self._free_at - loop.time()))
            _, _, turn = heapq.heappop(self._queue)
            if not turn.done():
                self._free_at = max(self._free_at, loop.time()) + self._gap
                turn.set_result(None)

    def _bucket(self, chat_id: int) -> Bucket:
        now = asyncio.get_running_loop().time()
        bucket = self._chats.setdefault(chat_id, Bucket(CHAT_PER_SECOND, CHAT_BURST, now))
        self._chats.move_to_end(chat_id)
        if len(self._chats) > CHATS_KEPT:
            self._chats.popitem(last=False)
        return bucket


def _seconds(error: RetryAfter) -> float:
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()
