"""Handling one update to its end: in order per person, tried three times, then set aside."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot.context import App, Context, language_of
from bot.intake import Json
from bot.ordering import PerPerson
from bot.sending import send
from bot.services import Services
from bot.views.general import plain
from storage import inbox, people

log = structlog.get_logger(__name__)

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.3


class Handling:
    """Gives updates to the Application and sees to it that none is lost or in the way."""

    def __init__(self, app: App, services: Services, *, pause: float = PAUSE_SECONDS) -> None:
        self._app = app
        self._services = services
        self._order = PerPerson()
        self._pause = pause
        self._running: set[asyncio.Task[None]] = set()

    def later(self, update: Json) -> None:
        """Handle a stored update in the background, after this person's earlier ones."""
        task = asyncio.create_task(self._in_turn(update))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def now(self, raw: Json) -> bool:
        """Handle an update of a webhook inside its request; raises when Telegram must repeat it.

        After three failures the update counts as settled, so that it is in nobody's way. A repeat
        has no second effect: what must happen once claims its update in the same transaction.
        """
        update = Update.de_json(raw, self._app.bot)
        await self._order.process_update(update, self._tried(update))
        return True

    async def _tried(self, update: Update) -> None:
        for _ in range(TRIES):
            if await self.handle(update):
                return
            await asyncio.sleep(self._pause)
        log.error("update set aside", update_id=update.update_id)
        await self._say_sorry(update)

    async def settle(self, seconds: float | None = None) -> None:
        """Wait until all that was begun is done, at most ``seconds``."""
        while self._running:
            _, waiting = await asyncio.wait(self._running, timeout=seconds)
            if waiting and seconds is not None:
                return

    async def _in_turn(self, raw: Json) -> None:
        update = Update.de_json(raw, self._app.bot)
        await self._order.process_update(update, self._to_the_end(update))

    async def _to_the_end(self, update: Update) -> None:
        for _ in range(TRIES):
            if await self.handle(update):
                await self._services.db.run(inbox.done, update.update_id)
                return
            if await self._services.db.run(
                inbox.failed, update.update_id, now=self._services.clock()
            ):
                break
            await asyncio.sleep(self._pause)
        log.error("update set aside", update_id=update.update_id)
        await self._say_sorry(update)

    async def handle(self, update: Update) -> bool:
        """Give one update to the Application; tell whether its handler came to an end."""
        await self._app.process_update(update)
        return self._services.failures.pop(update.update_id, None) is None

    async def _say_sorry(self, update: Update) -> None:
        user = update.effective_user
        if user is None:
            return
        say = self._services.speech(await language_of(self._services, update))
        try:
            await send(self._app.bot, user.id, plain(say, "error.pupil"))
        except TelegramError as error:
            log.warning("could not say sorry", error=type(error).__name__)


async def note_failure(update: object, context: Context) -> None:
    """Note a handler's error for ``Handling``; logged by type and place, never by its words."""
    error = context.error
    if not isinstance(update, Update) or error is None:
        log.error("error outside an update", error=type(error).__name__)
        return
    services = context.services
    if isinstance(error, Forbidden):  # the person blocked the bot: nothing to repeat
        if update.effective_user:
            await services.db.run(
                people.mark_unreachable, update.effective_user.id, now=context.now
            )
        return
    services.failures[update.update_id] = error
    log.error("handler failed", error=type(error).__name__, place=place_of(error))


def place_of(error: BaseException) -> str:
    """Return file and line where ``error`` arose: enough to find it, without any words."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
