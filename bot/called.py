"""Whether Telegram still calls the webhook: Telegram itself is asked, now and then.

A webhook that stops being called is silent on our side, so Telegram is asked: does it know our
address, and do updates stay waiting there?
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from telegram import WebhookInfo
from telegram.error import TelegramError

EVERY: Final = timedelta(minutes=1)
PATIENCE: Final = timedelta(minutes=3)
RECENT: Final = timedelta(minutes=1)


class Called:
    """Tells what is wrong with a webhook, as reasons of the alarm; asks once a minute."""

    def __init__(self, ask: Callable[[], Awaitable[WebhookInfo]], url: str) -> None:
        self._ask = ask
        self._url = url
        self._next: datetime | None = None
        self._answered: datetime | None = None
        self._stuck: datetime | None = None
        self._before = 0
        self._wrong: frozenset[str] = frozenset()

    async def wrong(self, now: datetime) -> frozenset[str]:
        """Return "webhook" when updates stay with Telegram, "polling" when it does not answer."""
        if self._next is None or now >= self._next:
            self._next = now + EVERY
            self._answered = self._answered or now
            self._wrong = await self._looked(now)
        return self._wrong

    async def _looked(self, now: datetime) -> frozenset[str]:
        try:
            info = await self._ask()
        except TelegramError:
            late = self._answered is not None and now - self._answered >= PATIENCE
            return frozenset({"polling"}) if late else self._wrong
        self._answered = now
        moved = info.url.rstrip("/") != self._url.rstrip("/")
        return frozenset({"webhook"}) if moved or self._is_stuck(info, now) else frozenset()

    def _is_stuck(self, info: WebhookInfo, now: datetime) -> bool:
        """Tell whether updates wait for longer than patience without any sign of moving on."""
        waiting, before = info.pending_update_count, self._before
        self._before = waiting
        fails = info.last_error_date is not None and now - info.last_error_date <= RECENT
        if waiting == 0 or (waiting < before and not fails):
            self._stuck = None
            return False
        self._stuck = self._stuck or now
        return now - self._stuck >= PATIENCE
