"""Telegram's limits, kept before Telegram has to refuse; urgent sends go first.

30 messages a second in all, one a second in a chat (core.telegram.org/bots/faq, "My bot is hitting
limits, how do I avoid this?"). A send counts until a second after Telegram answered it: however
long each was on its way, no second of Telegram's clock then holds more than the limit.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import Any, Final

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.metrics import CALLS
from bot.sharing import Sharing

OVERALL: Final = 30
SECOND: Final = 1.0
LONGEST_WAY: Final = 2.0
"""Of a slow call that much counts as its way to Telegram: one that stalls holds nobody up."""
TRIES: Final = 4
LONGEST_WAIT: Final = 30.0
"""Told to wait longer, a send fails: its person's updates wait for it, and are handled again."""
RENEW_SECONDS: Final = 1.0
SHORT_SECONDS: Final = 0.5  # between renewals while more waits than may go
AGAIN_SECONDS: Final = 0.1  # between tries while another replica has a chat's turn
MOST_AGAIN: Final = 50  # then it goes: the other may be frozen
MESSAGES: Final = frozenset({"sendMessage", "sendPoll", "sendPhoto", "sendDocument"})
COUNTED: Final = MESSAGES | {"editMessageText", "stopPoll"}


class Lane(IntEnum):
    """How a send of the outbox goes, as ``rate_limit_args``: what is told to wait goes back there.

    Waiting in place would hold an order longer than its lease, and so send it twice.
    """

    URGENT = 1  # before all else
    REPORT = 2  # about a report: before what is neither
    PLAIN = 3


@dataclass(order=True)
class _Turn:
    """One send that waits, or was let through. ``chat``: for a message, whose chat takes turns."""

    lane: int
    number: int
    chat: int | None = field(compare=False)
    go: asyncio.Future[None] = field(compare=False)
    began: float = field(default=0.0, compare=False)
    locked: bool = field(default=False, compare=False)
    """Whether other replicas wait for it, too."""


class RateLimiter(BaseRateLimiter[int]):
    """Lets through, by lane, as many sends as may go; ``sharing``: with whom they are shared."""

    def __init__(self, overall: int = OVERALL, sharing: Sharing | None = None) -> None:
        self._overall = overall
        self._sharing = sharing
        self._under_way = 0
        self._queue: list[_Turn] = []
        self._busy: set[int] = set()
        self._behind: defaultdict[int, list[_Turn]] = defaultdict(list)
        """What waits for its own chat alone, by chat."""
        self._refused: dict[int, float] = {}
        """Until when Telegram takes nothing for a chat, on the loop's clock."""
        self._numbers = count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._short = asyncio.Event()

    async def initialize(self) -> None:
        """Lease a share, where there is one to lease, and keep it."""
        if self._sharing and not self._tasks:  # a start is tried again while Telegram is away
            await self._sharing.renew(0, 0)
            self._begin(self._renewing(self._sharing))

    async def shutdown(self) -> None:
        """Give the share back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._sharing:
            await self._sharing.close()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Call Telegram when it is this request's turn; wait a little and retry when told to.

        With a ``Lane`` it is the outbox that retries. Raises RetryAfter when told to wait for long,
        and then until that is nearly over, without a call.
        """
        chat = data.get("chat_id")
        if not rate_limit_args:
            self._refuse_early(chat)
        mine = chat if isinstance(chat, int) and endpoint in MESSAGES else None
        for attempt in range(1, TRIES + 1):
            try:
                if endpoint not in COUNTED:
                    return await _noted(endpoint, callback(*args, **kwargs))
                turn = await self._turn(mine, rate_limit_args or Lane.PLAIN)
                with self._counting(turn):
                    return await _noted(endpoint, callback(*args, **kwargs))
            except RetryAfter as error:
                seconds = _seconds(error)
                self._note_refusal(chat, seconds)
                if attempt == TRIES or rate_limit_args or seconds > LONGEST_WAIT:
                    raise
                await asyncio.sleep(seconds)
        return None

    def _note_refusal(self, chat: object, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self._refused = {each: until for each, until in self._refused.items() if until > now}
        if isinstance(chat, int):
            self._refused[chat] = now + seconds

    def _refuse_early(self, chat: object) -> None:
        until = self._refused.get(chat, 0.0) if isinstance(chat, int) else 0.0
        left = until - asyncio.get_running_loop().time()
        if left > LONGEST_WAIT:
            raise RetryAfter(int(left))

    async def _turn(self, chat: int | None, lane: int) -> _Turn:
        go = asyncio.get_running_loop().create_future()
        turn = _Turn(lane, next(self._numbers), chat, go)
        heapq.heappush(self._queue, turn)
        self._advance()
        try:
            await go
        except asyncio.CancelledError:
            if turn.began:
                self._end(turn)
            raise
        return turn

    @contextmanager
    def _counting(self, turn: _Turn) -> Iterator[None]:
        """Count a send until a second after its answer, or after the longest way there."""
        loop = asyncio.get_running_loop()
        latest = loop.call_at(turn.began + LONGEST_WAY + SECOND, self._end, turn)
        try:
            yield
        finally:
            if loop.time() + SECOND < latest.when() and not loop.is_closed():
                latest.cancel()
                loop.call_later(SECOND, self._end, turn)

    def _advance(self) -> None:
        """Let through what may go now."""
        while self._queue and self._under_way < self._room():
            turn = heapq.heappop(self._queue)
            if turn.go.done():  # given up while it waited
                continue
            if turn.chat in self._busy:
                heapq.heappush(self._behind[turn.chat], turn)
                continue
            self._under_way += 1
            if turn.chat is not None:
                self._busy.add(turn.chat)
            if turn.chat is not None and self._sharing and self._sharing.crowded:
                self._begin(self._among_others(turn, turn.chat, self._sharing))
            else:
                self._let_go(turn)
        if self._queue and self._sharing and self._sharing.crowded:
            self._short.set()

    def _room(self) -> int:
        return self._sharing.sends if self._sharing else self._overall

    def _let_go(self, turn: _Turn) -> None:
        turn.began = asyncio.get_running_loop().time()
        if turn.go.done():
            self._end(turn)
        else:
            turn.go.set_result(None)

    def _end(self, turn: _Turn) -> None:
        """A second has passed: the next of this chat, and one more of all, may go."""
        self._under_way -= 1
        if turn.chat is not None and turn.locked and self._sharing:
            self._begin(self._pass_on(turn.chat, self._sharing))
        elif turn.chat is not None:
            self._free(turn.chat)
        self._advance()

    def _free(self, chat: int) -> None:
        self._busy.discard(chat)
        for turn in self._behind.pop(chat, []):
            heapq.heappush(self._queue, turn)

    async def _pass_on(self, chat: int, sharing: Sharing) -> None:
        """Give a chat's turn back, and let other replicas go before our own next message."""
        await sharing.give_back(chat)
        await asyncio.sleep(1.5 * AGAIN_SECONDS)
        self._free(chat)
        self._advance()

    async def _among_others(self, turn: _Turn, chat: int, sharing: Sharing) -> None:
        """Let a message go when no other replica has the chat's turn."""
        for _ in range(MOST_AGAIN):
            turn.locked = await sharing.take(chat)
            if turn.locked:
                break
            await asyncio.sleep(AGAIN_SECONDS)
        self._let_go(turn)

    async def _renewing(self, sharing: Sharing) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._short.wait(), RENEW_SECONDS - SHORT_SECONDS)
            await asyncio.sleep(SHORT_SECONDS)
            self._short.clear()
            await sharing.renew(len(self._queue) + self._under_way, self._under_way)
            self._advance()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _noted(method: str, call: Coroutine[Any, Any, Any]) -> Any:
    """Await a call of the Bot API and count it by how it ended."""
    try:
        result = await call
    except TelegramError as error:
        CALLS.labels(method=method, outcome=type(error).__name__).inc()
        raise
    CALLS.labels(method=method, outcome="ok").inc()
    return result


def _seconds(error: RetryAfter) -> float:
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()
