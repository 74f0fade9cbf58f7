"""What ``/healthz`` says: whether this process can do its work, and how far behind it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from bot.services import Services
from storage import outbox
from storage.outbox import Depth

log = structlog.get_logger(__name__)

DATABASE_SECONDS: Final = 2.0
POLL_SECONDS: Final = 120.0


class Health:
    """Answers ``/healthz``.

    ``since_poll`` and ``since_update`` return seconds, or None where there was none yet;
    ``since_poll`` is None with a webhook.
    """

    def __init__(
        self,
        services: Services,
        since_poll: Callable[[], float | None] | None,
        since_update: Callable[[], float | None],
    ) -> None:
        self._services = services
        self._since_poll, self._since_update = since_poll, since_update

    async def __call__(self) -> dict[str, object]:
        """Return the state. ``live`` is true as long as anybody answers.

        ``ready``: the database answers and Telegram was polled lately. What waits in the outbox is
        shown and takes no replica out of service: then nobody would be left to send it.
        """
        depth = await self._depth()
        since_poll = self._since_poll() if self._since_poll else None
        polls = since_poll is None or since_poll < POLL_SECONDS
        return {
            "live": True,
            "ready": depth is not None and polls,
            "database": depth is not None,
            "outbox_waiting": depth.waiting if depth else None,
            "outbox_oldest_seconds": int(depth.oldest.total_seconds()) if depth else None,
            "seconds_since_poll": _whole(since_poll),
            "seconds_since_update": _whole(self._since_update()),
        }

    async def _depth(self) -> Depth | None:
        services = self._services
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                return await services.db.run(outbox.depth, services.clock())
        except Exception as error:  # whatever it is, the database does not answer
            log.warning("database does not answer", error=type(error).__name__)
            return None


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)
