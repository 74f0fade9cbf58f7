"""Long polling in which an update is stored before Telegram is told that it came.

The library confirms a batch when it is queued, so a crash would lose it. Here each batch is stored
in one transaction, then the offset moves; a stored update is removed when it was handled. No offset
is kept across starts, and ids are never compared: they restart at random after a quiet week.
"""

from __future__ import annotations

import asyncio
import warnings
from typing import Any, Final

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter
from telegram.warnings import PTBUserWarning

from bot.context import App
from bot.handling import Handling
from bot.intake import KINDS, Json, strip
from bot.metrics import LAST_POLL
from bot.services import Services
from storage import outage

log = structlog.get_logger(__name__)

# ``Bot.get_updates`` would parse an update before we could take out what must not be kept, and log
# it whole when it cannot be parsed.
warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)

WAIT_SECONDS: Final = 25
READ_SECONDS: Final = 35
BATCH: Final = 100
BEAT_SECONDS: Final = 60.0
BACK_OFF: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


class Poller:
    """Fetches, stores and hands over updates until it is stopped."""

    def __init__(self, app: App, services: Services, handling: Handling) -> None:
        self._app = app
        self._services = services
        self._handling = handling
        self._stopping = asyncio.Event()
        self.last_poll: float | None = None
        """When Telegram last answered, else when polling began, on the running loop's clock."""
        self._next_beat = 0.0

    async def run(self) -> None:
        """Hand over what was stored before, then poll until ``stop``."""
        self.last_poll = asyncio.get_running_loop().time()
        offset, failures, ready = 0, 0, False
        while not self._stopping.is_set():
            try:
                if not ready:
                    await self._handling.resume()
                    ready = await self._app.bot.delete_webhook()
                offset = await self._once(offset)
                if self._handling.left_waiting:
                    await self._handling.resume()
                failures = 0
            except InvalidToken:
                raise
            except Exception as error:  # network or database away: the offset has not moved
                await self._pause(error, failures)
                failures += 1

    def seconds_since_poll(self) -> float | None:
        """Return how long ago Telegram last answered, or polling began; None before that."""
        if self.last_poll is None:
            return None
        return asyncio.get_running_loop().time() - self.last_poll

    def stop(self) -> None:
        """Let ``run`` end after what it is doing now."""
        self._stopping.set()

    async def _once(self, offset: int) -> int:
        fetch = asyncio.ensure_future(self._fetch(offset))
        stop = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({fetch, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not fetch.done():  # stopping: what Telegram has not been told of comes again
            fetch.cancel()
            return offset
        batch = fetch.result()
        self.last_poll = asyncio.get_running_loop().time()
        LAST_POLL.set_to_current_time()
        await self._beat()
        if not batch:
            return offset
        await self._store(batch)
        return int(batch[-1]["update_id"]) + 1

    async def _beat(self) -> None:
        """Note once a minute that Telegram answered; after a day of silence, tell who waits."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_beat:
            return
        self._next_beat = loop.time() + BEAT_SECONDS
        if await self._services.db.run(outage.after_poll, self._services.clock()):
            self._services.wake_delivery.set()

    async def _fetch(self, offset: int) -> list[Json]:
        wanted: dict[str, Any] = {
            "offset": offset,
            "limit": BATCH,
            "timeout": WAIT_SECONDS,
            "allowed_updates": list(KINDS),
        }
        result: Any = await self._app.bot.do_api_request(
            "getUpdates", api_kwargs=wanted, read_timeout=READ_SECONDS
        )
        return list(result)

    async def _store(self, batch: list[Json]) -> None:
        kept = [update for raw in batch if (update := strip(raw))]
        try:
            await self._handling.take_in(kept)
        except Exception:  # Telegram keeps them, and gives them again
            await self._handling.calm(kept)
            raise

    async def _pause(self, error: Exception, failures: int) -> None:
        seconds = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
        if isinstance(error, RetryAfter):
            after = error.retry_after
            seconds = float(after) if isinstance(after, int | float) else after.total_seconds()
        if isinstance(error, Conflict):
            log.error("another process polls with this token", wait=seconds)
        else:
            log.warning("polling failed", error=type(error).__name__, wait=seconds)
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
