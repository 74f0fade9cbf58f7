"""The outbox worker: leases orders, sends them, and writes down what Telegram said.

Three outcomes of a send (reports.md, requirement 2): Telegram said yes; it said it never will;
or nobody knows, because the connection broke after the call left. Only the first is "bezorgd".
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from logging import ERROR, WARNING
from typing import Final

import structlog
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.context import App
from bot.metrics import SENDS
from bot.ratelimit import Lane
from bot.screen import Screen
from bot.sending import edit, send
from bot.services import Services
from bot.terms import policy_of
from bot.views import delivery
from content.moments import may_disturb
from storage import buzz, cards, database, outbox, sending
from storage.outbox import OrderView, Outcome
from storage.sending import Content

log = structlog.get_logger(__name__)

BATCH: Final = 20
IDLE_SECONDS: Final = 1.0
CARD_KINDS: Final = {"reply": "relay", "addition": "relay", "status": "relay"}
NOTE_TRIES: Final = 4
NOTE_PAUSE_SECONDS: Final = 0.5
SETTLE_PAUSES: Final = (0.2, 1, 2, 4, 8, 16)  # seconds; together less than a lease
NEWS_STANDS: Final = timedelta(hours=1)  # by then other talk may have pushed it out of sight
UNASKED: Final = frozenset({"class_quiz", "quiz_reminder"})
NEVER: Final = ("chat not found", "user is deactivated", "bot can't initiate", "peer_id_invalid")


class Delivery:
    """Sends what the outbox holds until it is stopped."""

    def __init__(self, app: App, services: Services) -> None:
        self._bot: Bot = app.bot
        self._services = services
        self._name = uuid.uuid4().hex
        self._stopping = False

    async def run(self) -> None:
        """Send whatever is due, forever; woken by new orders and once a second.

        What is urgent has a lane of its own, which no slow chat in the other one holds up.
        """
        urgent, every = asyncio.Event(), asyncio.Event()
        await asyncio.gather(
            self._wakes(urgent, every),
            self._lane(urgent, urgent_only=True),
            self._lane(every, urgent_only=False),
        )

    def stop(self) -> None:
        """Let ``run`` end after the batches at hand."""
        self._stopping = True
        self._services.wake_delivery.set()

    async def batch(self, *, urgent_only: bool = False) -> int:
        """Send one batch and return how many orders were in it."""
        services = self._services
        found = await services.db.run(
            outbox.claim, self._name, services.clock(), BATCH, urgent_only=urgent_only
        )
        chats: dict[int, list[OrderView]] = {}
        for order in found:
            chats.setdefault(order.chat_id, []).append(order)
        work = (self._chat(orders) for orders in chats.values())
        for each in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(each, BaseException):  # only now: no chat goes on unseen
                raise each
        return len(found)

    async def _wakes(self, *lanes: asyncio.Event) -> None:
        wake = self._services.wake_delivery
        while not self._stopping:
            wake.clear()
            for lane in lanes:
                lane.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), IDLE_SECONDS)
        for lane in lanes:
            lane.set()

    async def _lane(self, woken: asyncio.Event, *, urgent_only: bool) -> None:
        while not self._stopping:
            await woken.wait()
            woken.clear()
            while not self._stopping and await self._guarded_batch(urgent_only=urgent_only):
                continue

    async def _guarded_batch(self, *, urgent_only: bool) -> int:
        try:
            return await self.batch(urgent_only=urgent_only)
        except Exception as error:  # the worker must outlive a database that is away for a while
            log.error("delivery failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(IDLE_SECONDS)
            return 0

    async def _chat(self, orders: list[OrderView]) -> None:
        for order in orders:
            if await self._held_back(order):
                continue
            outcome, wait = await self._send(order)
            SENDS.labels(outcome=outcome, kind=order.kind).inc()
            await self._settle(order, outcome, wait)

    async def _settle(self, order: OrderView, outcome: Outcome, wait: timedelta) -> None:
        """Write down what came of a send, again and again while the database is away.

        What stays unsettled is sent once more when its lease ends. Doing it twice changes nothing.
        """
        services = self._services
        for pause in (*SETTLE_PAUSES, None):
            try:
                await services.db.run(
                    outbox.settle,
                    order.id,
                    self._name,
                    outcome,
                    policy_of(services),
                    services.clock(),
                    services.rng,
                    wait,
                )
                return
            except Exception as error:
                if pause is None or not database.is_away(error):
                    raise
                log.warning("order not settled yet", kind=order.kind, error=type(error).__name__)
                await asyncio.sleep(pause)

    async def _held_back(self, order: OrderView) -> bool:
        """Keep what pupils did not ask for just now out of lessons, nights and holidays."""
        services = self._services
        if order.kind not in UNASKED or may_disturb(services.school_clock, services.clock()):
            return False
        free = services.school_clock.next_free(services.clock())
        return bool(await services.db.run(outbox.postpone, order.id, self._name, free))

    async def _send(self, order: OrderView) -> tuple[Outcome, timedelta]:
        try:
            content = await self._services.db.run(sending.content_of, order.id)
            if content is None or await self._says_nothing_new(content):
                return "dropped", timedelta(0)
            await self._deliver(content)
        except TelegramError as error:
            return _outcome(error, order.kind), _wait(error)
        except Exception as error:  # one order must not stand in the way of other chats
            level = WARNING if database.is_away(error) else ERROR
            log.log(level, "order failed", kind=order.kind, error=type(error).__name__)
            return "retry", timedelta(0)
        return "sent", timedelta(0)

    async def _deliver(self, content: Content) -> None:
        order, services = content.order, self._services
        say = services.speech(services.pack.spoken(content.lang))
        if order.kind == "tombstone":
            await self._bury(content)
            return
        silent = self._is_hushed(content)
        screen = delivery.order(say, content, silent=silent)
        if order.staff_id and not await self._may_buzz(order, order.staff_id):
            screen = replace(screen, silent=True)
        message = await send(self._bot, order.chat_id, screen, rate_limit_args=_lane_of(order))
        await self._note(content, screen, message.message_id)

    def _is_hushed(self, content: Content) -> bool:
        clock = self._services.school_clock
        return not content.to_staff and clock.is_lesson_hour(self._services.clock())

    async def _says_nothing_new(self, content: Content) -> bool:
        """Tell whether a pupil in a lesson has "there is news" of this report and did not look.

        Opening it shows the latest in any case. Words of staff are told each time.
        """
        order, services = content.order, self._services
        if order.kind != "status" or order.message_id or not order.report_id:
            return False
        if not self._is_hushed(content):
            return False
        since = services.clock() - NEWS_STANDS
        find = cards.has_unopened_news
        return await services.db.run(find, order.report_id, order.chat_id, since)

    async def _may_buzz(self, order: OrderView, staff_id: str) -> bool:
        now = self._services.clock()
        return await self._services.db.run(buzz.take, staff_id, now, urgent=order.urgent)

    async def _note(self, content: Content, screen: Screen, message_id: int) -> None:
        """Write down where a message stands; it was sent, whatever comes of that."""
        for _ in range(NOTE_TRIES):
            try:
                await self._remember(content, screen, message_id)
            except Exception as error:  # the database is away: better unnoted than sent twice
                log.error("place not noted", kind=content.order.kind, error=type(error).__name__)
                await asyncio.sleep(NOTE_PAUSE_SECONDS)
            else:
                return

    async def _remember(self, content: Content, screen: Screen, message_id: int) -> None:
        order = content.order
        kind = CARD_KINDS.get(order.kind)
        if order.kind == "status" and screen.silent:
            kind = cards.NEWS
        if kind is None or order.report_id is None or not screen.protect:
            return
        await self._services.db.run(
            cards.record,
            order.report_id,
            order.chat_id,
            message_id,
            kind,
            self._services.clock(),
            staff_id=order.staff_id,
            message_id=order.message_id,
        )

    async def _bury(self, content: Content) -> None:
        if content.card is None:
            return
        say = self._services.speech(self._services.pack.spoken(content.lang))
        screen = delivery.tombstone(say, content.card.number)
        card, lane = content.card, _lane_of(content.order)
        await edit(self._bot, card.chat_id, card.telegram_message_id, screen, rate_limit_args=lane)


def _lane_of(order: OrderView) -> Lane:
    if order.urgent:
        return Lane.URGENT
    return Lane.REPORT if order.report_id else Lane.PLAIN


def _outcome(error: TelegramError, kind: str) -> Outcome:
    if isinstance(error, RetryAfter):
        return "retry"
    if isinstance(error, Forbidden | ChatMigrated):
        return "refused"
    words = str(error).lower()
    if isinstance(error, BadRequest):
        # a message that is gone or too old to become a tombstone never will be one
        never = kind == "tombstone" or any(part in words for part in NEVER)
        return "refused" if never else "rejected"
    known_lost = isinstance(error, NetworkError) and words.startswith("bad gateway")
    return "unsure" if isinstance(error, NetworkError) and not known_lost else "retry"


def _wait(error: TelegramError) -> timedelta:
    if not isinstance(error, RetryAfter):
        return timedelta(0)
    value = error.retry_after
    return timedelta(seconds=value) if isinstance(value, int | float) else value
