"""The queue of updates: what happened at Telegram and the bot has not confirmed yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.demo.errors import ApiError

Json = dict[str, Any]
OPT_IN = {"chat_member", "message_reaction", "message_reaction_count"}
TERMINATED = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


@dataclass(frozen=True)
class Queued:
    """One update and the lane in which Telegram keeps its order (the user or the chat)."""

    update: Json
    lane: int

    @property
    def id(self) -> int:
        """The update's id."""
        return int(self.update["update_id"])


class UpdateQueue:
    """Updates in order; ids start at random, as Telegram's do after a quiet week."""

    def __init__(self, rng: Random) -> None:
        self.pending: deque[Queued] = deque()
        self.allowed: list[str] | None = None
        self.on_put: Callable[[], None] | None = None
        self._next = rng.randrange(10**8, 9 * 10**8)
        self._waiter: asyncio.Future[None] | None = None

    @property
    def last_id(self) -> int:
        """The id of the newest update."""
        return self._next - 1

    def put(self, kind: str, payload: Json, lane: int) -> int | None:
        """Queue an update; return its id, or ``None`` when the bot does not want its kind."""
        wanted = kind not in OPT_IN if not self.allowed else kind in self.allowed
        if not wanted:
            return None
        update_id = self._next
        self._next += 1
        self.pending.append(Queued({"update_id": update_id, kind: payload}, lane))
        self._wake()
        if self.on_put:
            self.on_put()
        return update_id

    def repeat(self, update_id: int, update: Json, lane: int) -> None:
        """Put a confirmed update in front again, as Telegram does when it lost the confirmation."""
        self.pending.appendleft(Queued({**update, "update_id": update_id}, lane))
        self._wake()

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109
        """Confirm what is below ``offset``, then return up to ``limit`` updates.

        Waits up to ``timeout`` seconds for the first. An older call that still waits is ended with
        409. A negative ``offset`` keeps only that many of the newest updates.
        """
        self._end_other()
        self._confirm(offset)
        if not self.pending and timeout > 0:
            await self._wait(timeout)
        return [queued.update for queued, _ in zip(self.pending, range(limit), strict=False)]

    def confirm(self, update_id: int) -> None:
        """Forget one update: the webhook took it."""
        self.pending = deque(q for q in self.pending if q.id != update_id)

    def clear(self) -> None:
        """Forget all updates (``drop_pending_updates``)."""
        self.pending.clear()

    def close(self) -> None:
        """Let a waiting call return with nothing."""
        self._wake()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = deque(list(self.pending)[offset:])
        while offset > 0 and self.pending and self.pending[0].id < offset:
            self.pending.popleft()

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            await asyncio.wait_for(waiter, timeout)
        except TimeoutError:
            return
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _end_other(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ApiError(409, TERMINATED))
