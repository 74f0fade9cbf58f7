"""Delivery by webhook: in order for each person, again and again until the bot answers 2xx."""

from __future__ import annotations

import asyncio

import httpx

from bot.demo.state import State
from bot.demo.updates import Queued

FIRST_PAUSE, LONGEST_PAUSE, TIMEOUT = 0.05, 5.0, 60.0


class WebhookSender:
    """Posts waiting updates to the webhook. Lanes of different people do not wait for another."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._news = asyncio.Event()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        state.updates.on_put = self._news.set

    async def run(self) -> None:
        """Deliver until cancelled."""
        # Only to this machine and without TLS: no certificates to read.
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=False) as client:  # noqa: S501
            try:
                while True:
                    await self._news.wait()
                    self._news.clear()
                    self._start_what_can(client)
            finally:
                for task in self._tasks:
                    task.cancel()

    def _start_what_can(self, client: httpx.AsyncClient) -> None:
        hook = self.state.webhook
        for queued in list(self.state.updates.pending):
            if hook is None or len(self._busy) >= hook["max_connections"]:
                return
            if queued.lane not in self._busy:
                self._busy.add(queued.lane)
                task = asyncio.create_task(self._deliver(client, queued))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, client: httpx.AsyncClient, queued: Queued) -> None:
        pause = FIRST_PAUSE
        while self.state.webhook is not None and not await self._post(client, queued):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._busy.discard(queued.lane)
        self._news.set()

    async def _post(self, client: httpx.AsyncClient, queued: Queued) -> bool:
        """Post one update; confirm it when the answer is 2xx, else note what went wrong."""
        hook = self.state.webhook
        if hook is None:
            return False
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
        try:
            answer = await client.post(hook["url"], json=queued.update, headers=headers)
        except httpx.HTTPError as error:
            trouble = f"Connection failed: {type(error).__name__}"
        else:
            if answer.is_success:
                self.state.updates.confirm(queued.id)
                return True
            trouble = f"Wrong response from the webhook: {answer.status_code}"
        hook["last_error_date"] = int(self.state.clock.now())
        hook["last_error_message"] = trouble
        return False
