"""Handling one update to its end: in order per person, tried three times, then set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars
from telegram import Update
from telegram.constants import ChatType
from telegram.error import Forbidden, TelegramError

from bot.context import App, Context
from bot.errors import place_of
from bot.intake import KINDS, Json
from bot.metrics import FAILURES, HANDLING, LAST_UPDATE, UPDATES
from bot.ordering import PerPerson, person_of
from bot.sending import is_away, send
from bot.services import Services
from bot.shelf import Shelf
from bot.views.general import plain
from storage import database, inbox, people

log = structlog.get_logger(__name__)

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.3
OUTAGE_WAITS: Final = (1, 3, 7, 15, *[30] * 100)
"""Pauses, in units of the ordinary one, while Telegram is away: together about a quarter of an
hour. What somebody writes at that moment is answered when Telegram is back."""
MOST_PENDING: Final = 100_000
REPEATS_KNOWN: Final = 10_000
"""Of so many updates a repeat is known, for a webhook that Telegram did not get an answer from."""
AGAIN_SECONDS: Final = 2.0
CALM_SECONDS: Final = 60.0
"""So often somebody hears at most that the bot cannot get at its database."""


class Handling:
    """Gives updates to the Application and sees to it that none is lost or in the way."""

    def __init__(self, app: App, services: Services, *, pause: float = PAUSE_SECONDS) -> None:
        self._app = app
        self._services = services
        self._order = PerPerson()
        self._pause = pause
        self._running: set[asyncio.Task[None]] = set()
        self._shelf = Shelf(services)
        self._ended: dict[int, None] = {}
        self._left = False
        self._behind: set[int] = set()
        """Who has an update that was left waiting: what they sent later waits behind it."""
        self._again: asyncio.Task[None] | None = None
        self._last_update: float | None = None
        self._calmed: dict[int, float] = {}

    def seconds_since_update(self) -> float | None:
        """Return how long ago an update was handled; None before the first."""
        if self._last_update is None:
            return None
        return asyncio.get_running_loop().time() - self._last_update

    @property
    def left_waiting(self) -> bool:
        """Whether an update stayed in the inbox since its outcome could not be written down."""
        return self._left or self._shelf.left

    async def take_in(self, updates: Sequence[Json]) -> None:
        """Store updates in one transaction, and handle those that are new in the background.

        When that raises they may be stored all the same, so what is there is looked through later.
        Telegram repeats what a process that was killed had stored: the database may have come to
        its last commit only after this one looked through the inbox at its start.
        """
        try:
            new = await self._shelf.store(updates)
        except Exception:
            self._leave_waiting()
            raise
        fresh = {update["update_id"] for update in new}
        repeated = any(
            each["update_id"] not in fresh and each["update_id"] not in self._shelf
            for each in updates
        )
        if self._left or repeated:  # what waits came before these
            await self.resume()
            return
        for update in new:
            self.later(update)

    def later(self, update: Json) -> None:
        """Handle a stored update in the background, after this person's earlier ones."""
        self._shelf.begin(update)
        task = asyncio.create_task(self._in_turn(update))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def resume(self) -> None:
        """Handle what is stored and not at hand: from before a start, or from a bad moment."""
        await self._shelf.clear()
        async with self._shelf.lock:
            found = await self._services.db.run(inbox.pending, MOST_PENDING)
            self._left = False  # what was left during the look is in what it found
            self._behind = {who for who in self._behind if self._shelf.has_under_way(who)}
            for waiting in found:
                if waiting.update_id not in self._shelf:
                    self.later(waiting.payload)

    def _leave_waiting(self) -> None:
        """Note that an update stays in the inbox, and see to it that it is taken up again."""
        self._left = True
        if self._again is None or self._again.done():
            self._again = asyncio.create_task(self._take_up_again())

    async def _take_up_again(self) -> None:
        while self.left_waiting:
            await asyncio.sleep(AGAIN_SECONDS)  # a poll may take longer to return
            try:
                await self.resume()
            except Exception as error:
                log.warning("database still away", error=type(error).__name__)

    async def now(self, raw: Json) -> bool:
        """Handle an update of a webhook inside its request; False when Telegram must repeat it.

        After three failures the update counts as settled, so that it is in nobody's way; not while
        Telegram itself or the database is away: then Telegram keeps it. A repeat has no second
        effect: what must happen once claims its update in the same transaction.
        """
        outcome: list[bool] = []
        with bound_contextvars(request_id=raw["update_id"]):
            update = self._read(raw)
            if update is not None:
                await self._order.process_update(update, self._tried(update, outcome))
        return all(outcome)

    async def settle(self, seconds: float | None = None) -> None:
        """Wait until all that was begun is done, at most ``seconds``."""
        while self._running:
            _, waiting = await asyncio.wait(self._running, timeout=seconds)
            if waiting and seconds is not None:
                break
        await self._shelf.clear()

    async def handle(self, update: Update) -> bool:
        """Give one update to the Application; tell whether its handler came to an end."""
        return await self._attempt(update) is None

    async def _attempt(self, update: Update) -> BaseException | None:
        with HANDLING.time():
            await self._app.process_update(update)
        UPDATES.labels(kind=kind_of(update)).inc()
        LAST_UPDATE.set_to_current_time()
        self._last_update = asyncio.get_running_loop().time()
        log.debug("handled", kind=kind_of(update))
        self._services.quiet.discard(update.update_id)  # a second try looks for itself
        return self._services.failures.pop(update.update_id, None)

    async def _outlast(self, update: Update) -> bool:
        """Do as ``handle``, again and again while Telegram is away: that is no failure of it.

        Raises what says that the database is away: that is none either.
        """
        for wait in OUTAGE_WAITS:
            error = await self._attempt(update)
            if error is not None and database.is_away(error):
                await self._calm(update)
                raise error
            if not is_away(error):
                return error is None
            await asyncio.sleep(wait * self._pause)
        return False

    def _read(self, raw: Json) -> Update | None:
        try:
            return Update.de_json(raw, self._app.bot)
        except (TypeError, ValueError, KeyError) as error:  # of a shape the library does not know
            log.error("update not readable", error=type(error).__name__, place=place_of(error))
            return None

    async def _in_turn(self, raw: Json) -> None:
        number, outcome = int(raw["update_id"]), [False]
        with bound_contextvars(request_id=number):
            update = self._read(raw)
            try:
                if update is None:
                    await self._set_aside(number)
                else:
                    await self._order.process_update(update, self._to_the_end(update, outcome))
            except Exception as error:  # the database is away: the update stays in the inbox
                self._leave_waiting()
                log.error("update left waiting", error=type(error).__name__, place=place_of(error))
            finally:
                self._shelf.end(raw, handled=outcome[-1])

    async def _to_the_end(self, update: Update, outcome: list[bool]) -> None:
        person = person_of(update)
        if person in self._behind:  # else the answer to one question is taken for another's
            self._leave_waiting()
            return
        try:
            await self._with_tries(update, outcome)
        except Exception:
            self._behind.add(person)
            raise

    async def _with_tries(self, update: Update, outcome: list[bool]) -> None:
        for _ in range(TRIES):
            if await self._outlast(update):
                outcome.append(True)
                return
            try:
                over = await self._failed(update.update_id)
            except Exception:  # the database is away: the update stays in the inbox
                await self._calm(update)
                raise
            if over:
                break
            await asyncio.sleep(self._pause)
        await self._give_up(update)

    async def _tried(self, update: Update, outcome: list[bool]) -> None:
        if update.update_id in self._ended:  # Telegram did not wait for our answer
            return
        for _ in range(TRIES):
            error = await self._attempt(update)
            if error is None:
                self._end(update)
                return
            await asyncio.sleep(self._pause)
        if is_away(error):
            outcome.append(False)
            return
        if database.is_away(error):
            outcome.append(False)
            await self._calm(update)
            return
        try:
            await self._services.db.run(inbox.set_aside)
        except Exception as away:  # the database is away: Telegram repeats
            log.error("update comes again", error=type(away).__name__, place=place_of(away))
            outcome.append(False)
            await self._calm(update)
            return
        self._end(update)
        await self._give_up(update)

    def _end(self, update: Update) -> None:
        self._ended[update.update_id] = None
        if len(self._ended) > REPEATS_KNOWN:
            del self._ended[next(iter(self._ended))]

    async def _set_aside(self, number: int) -> None:
        while not await self._failed(number):
            continue

    async def _failed(self, number: int) -> bool:
        return await self._services.db.run(inbox.failed, number, now=self._services.clock())

    async def calm(self, batch: Sequence[Json]) -> None:
        """Tell who is behind updates that will come again that they are not lost."""
        updates = [update for raw in batch if (update := self._read(raw))]
        await asyncio.gather(*(self._calm(update) for update in updates))

    async def _calm(self, update: Update) -> None:
        """Say once a minute that the database is away and nothing is lost."""
        user, now = update.effective_user, asyncio.get_running_loop().time()
        if user is None or now - self._calmed.get(user.id, -CALM_SECONDS) < CALM_SECONDS:
            return
        recent = {who: at for who, at in self._calmed.items() if now - at < CALM_SECONDS}
        self._calmed = {**recent, user.id: now}
        await self._say(update, "error.wait")

    async def _give_up(self, update: Update) -> None:
        log.error("update set aside", update_id=update.update_id)
        await self._say(update, "error.pupil")

    async def _say(self, update: Update, key: str) -> None:
        """Say sorry in the private chat; a group or an inline query has no place for that."""
        user, chat = update.effective_user, update.effective_chat
        if user is None or update.inline_query or (chat and chat.type != ChatType.PRIVATE):
            return
        services = self._services
        lang = services.recent.lang(user.id) or services.pack.spoken(user.language_code)
        try:
            await send(self._app.bot, user.id, plain(services.speech(lang), key))
        except TelegramError as error:
            log.warning("could not say sorry", error=type(error).__name__)


async def note_failure(update: object, context: Context) -> None:
    """Note a handler's error for ``Handling``; logged by type and place, never by its words."""
    error = context.error
    FAILURES.labels(error=type(error).__name__).inc()
    if not isinstance(update, Update) or error is None:
        log.error("error outside an update", error=type(error).__name__)
        return
    services, user, chat = context.services, update.effective_user, update.effective_chat
    if isinstance(error, Forbidden):  # the person blocked the bot: nothing to repeat
        if user and (chat is None or chat.id == user.id):
            await services.db.run(people.mark_unreachable, user.id, now=context.now)
        return
    services.failures[update.update_id] = error
    log.error("handler failed", error=type(error).__name__, place=place_of(error))


def kind_of(update: Update) -> str:
    """Return the type of an update, such as ``message``."""
    return next((kind for kind in KINDS if getattr(update, kind, None)), "other")
