"""Requests to Telegram: no more at the same time than it takes to keep up.

The HTTP library goes through all its connections twice at every request. Where answers come fast a
few connections do the work of fifty, at a third of the time per request; where they come slowly
more are opened, and closed again when they are not needed any more.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from importlib.util import find_spec
from typing import Any, Final

from httpx import Limits
from telegram.request import HTTPXRequest

FEW: Final = 2
MOST: Final = 64
KEPT: Final = 8
"""So many connections stay open when nothing is sent."""
PATIENCE: Final = 0.03
"""Seconds in which a request must come to an end, else more are allowed: 33 a second at least,
which is more than Telegram takes."""
LATE: Final = 0.01
"""When the loop itself is so many seconds late, that is why nobody came out."""
PLENTY: Final = 2
"""Of so many requests that came to an end in that time, one less is allowed."""

if find_spec("sniffio") is None:
    # The HTTP library asks for it at every step, and each time all folders would be searched.
    sys.modules["sniffio"] = None  # type: ignore[assignment]


class Gate:
    """Lets a few in at a time: more when for ``PATIENCE`` seconds nobody came out, then less."""

    def __init__(self, few: int = FEW, most: int = MOST) -> None:
        self._few, self._most = few, most
        self._allowed, self._inside, self._out = few, 0, 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        """Wait for room, first come first in."""
        if self._inside < self._allowed and not self._waiting:
            self._inside += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._watch()
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had just been let in
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Make room for the next."""
        self._leave()

    def _leave(self) -> None:
        self._inside -= 1
        self._out += 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._allowed:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
        if not self._waiting:
            self._allowed = self._few

    def _watch(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            due = loop.time() + PATIENCE
            self._timer = loop.call_at(due, self._adapt, self._out, due)

    def _adapt(self, out: int, due: float) -> None:
        self._timer = None
        came, late = self._out - out, asyncio.get_running_loop().time() - due
        if came == 0 and late < LATE:
            self._allowed = min(self._most, 2 * self._allowed)
            self._admit()
        elif came >= PLENTY:
            self._allowed = max(self._few, self._allowed - 1)
        if self._waiting:
            self._watch()


class Request(HTTPXRequest):
    """The library's own request behind a ``Gate``."""

    __slots__ = ("_gate",)

    def __init__(self, **settings: Any) -> None:
        limits = Limits(max_connections=MOST, max_keepalive_connections=KEPT)
        more = {**settings.pop("httpx_kwargs", {}), "limits": limits}
        super().__init__(connection_pool_size=MOST, httpx_kwargs=more, **settings)
        self._gate = Gate()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Do as the library does, when there is room."""
        async with self._gate:
            return await super().do_request(*args, **kwargs)
