"""The circuit breaker and the urgent lane, on a clock of the test's own.

Real outbox, delivery and rate limiter; a Telegram that notes when what came.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.bootstrap import build_app, build_services
from bot.delivery import Delivery
from bot.ratelimit import RateLimiter
from bot.services import Services
from bot.settings import Settings
from bot.upkeep import gauge
from content.matcher import Matcher
from content.pack import Pack
from storage import breaker, orders, outbox
from storage.crypto import Vault
from storage.database import Database
from storage.tables import Order, Report
from tests.bot.telegram import Telegram
from tests.bot.world import START
from tests.storage.rows import add_person, add_report
from tests.virtual import play, without_thread

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
MANY: Final = 60
STORMED, OTHER = 8000, 8001


class Noting(Telegram):
    """Notes when which words came to which chat."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[float, int, str]] = []

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *times: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Take a moment over every call."""
        await asyncio.sleep(0.2)
        if url.endswith("sendMessage"):
            params = request_data.parameters
            said = str(params["text"]).split("nr ")[-1].rstrip(".")
            self.came.append((asyncio.get_running_loop().time(), int(params["chat_id"]), said))
        return await super().do_request(url, method, request_data)

    def of(self, chat: int) -> list[tuple[float, str]]:
        """Return what came to a chat, and when."""
        return [(at, said) for at, who, said in self.came if who == chat]


Story = Callable[[Services, Noting], Awaitable[None]]


@pytest.fixture
def played(settings: Settings, pack: Pack, matcher: Matcher, database_url: str) -> Any:
    """Play a story next to a worker; ``overall``: sends a second."""

    async def whole(story: Story, overall: int) -> None:
        loop = asyncio.get_running_loop()
        db = without_thread(Database(database_url, Vault([bytes(range(32))])))
        if db.is_sqlite:
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        services = build_services(
            settings, pack=pack, matcher=matcher, db=db, rng=random.Random(7),
            clock=lambda: START + timedelta(hours=8, seconds=loop.time()),
        )  # fmt: skip
        telegram = Noting()
        app = build_app(services, request=telegram, limiter=RateLimiter(overall))
        async with app:
            worker = Delivery(app, services)
            running = asyncio.create_task(worker.run())
            await story(services, telegram)
            worker.stop()
            await running
        await db.close()

    return lambda story, overall=30: play(lambda: whole(story, overall))


async def put(services: Services, chat: int, *names: str, **options: Any) -> None:
    """Order messages that carry their names."""
    await services.db.run(_put, chat, names, services.clock(), options)
    services.wake_delivery.set()


def _put(
    session: Session, chat: int, names: tuple[str, ...], now: datetime, options: dict[str, Any]
) -> None:
    for name in names:
        detail = {"reason": f"nr {name}"}
        orders.order(session, chat, "admin_alarm", now, detail=detail, **options)


def test_twenty_a_minute_and_the_rest_waits(played: Any) -> None:
    """Of sixty at once no minute holds more than twenty; urgent ones go at once; all come.

    They come in order and without a failed attempt, and another chat notices nothing.
    """
    names = [str(number) for number in range(MANY)]

    async def story(services: Services, telegram: Noting) -> None:
        await put(services, STORMED, *names)
        for second, name in ((5, "u0"), (30, "u1"), (70, "u2")):
            await asyncio.sleep(second - asyncio.get_running_loop().time())
            await put(services, STORMED, name, urgent=True)
            await put(services, OTHER, name)
        await asyncio.sleep(100 - 70)  # the second minute is full, too
        await gauge(services)
        gauged = [REGISTRY.get_sample_value("vuistregel_outbox_held")]
        await asyncio.sleep(200)
        await gauge(services)
        gauged.append(REGISTRY.get_sample_value("vuistregel_outbox_held"))
        came = telegram.of(STORMED)
        plain = [(at, name) for at, name in came if name in names]
        assert [name for _, name in plain] == names
        times = [at for at, _ in plain]
        assert all(later - at >= 60 for at, later in zip(times, times[20:], strict=False))
        assert times[-1] < 200
        for second, name in ((5, "u0"), (30, "u1"), (70, "u2")):
            for chat in (STORMED, OTHER):
                (at,) = [at for at, said in telegram.of(chat) if said == name]
                assert at - second < 3
        assert await services.db.run(_attempts) == {1}
        assert gauged == [1, 0]

    played(story)


def _attempts(session: Session) -> set[int]:
    return set(session.scalars(select(Order.attempts)))


def test_what_turns_out_urgent_is_held_no_longer(played: Any) -> None:
    """A report in danger frees what waits about it, at once."""

    async def story(services: Services, telegram: Noting) -> None:
        report_id = await services.db.run(_report)
        await put(services, STORMED, *(str(number) for number in range(breaker.MOST)))
        await put(services, STORMED, "last", report_id=report_id)
        await asyncio.sleep(40)
        assert "last" not in [said for _, said in telegram.of(STORMED)]
        assert (await services.db.run(outbox.depth, services.clock())).held == 1
        await services.db.run(_hasten, report_id, services.clock())
        await asyncio.sleep(3)
        assert telegram.of(STORMED)[-1][1] == "last"

    played(story)


def _report(session: Session) -> str:
    return add_report(session, "M-2026-0001", add_person(session, 9, "Noor"))


def _hasten(session: Session, report_id: str, now: datetime) -> None:
    orders.hasten(session, session.get_one(Report, report_id), now)


def _ten(session: Session, report_id: str, now: datetime) -> None:
    for chat in range(10):
        _put(session, STORMED + chat, ("report",), now, {"report_id": report_id})


def test_urgent_overtakes_other_reports(played: Any) -> None:
    """With one send a second, an urgent message goes before ten about reports that wait."""

    async def story(services: Services, telegram: Noting) -> None:
        report_id = await services.db.run(_report)
        await services.db.run(_ten, report_id, services.clock())  # one batch, so all wait
        services.wake_delivery.set()
        await asyncio.sleep(2)
        await put(services, 9000, "urgent", report_id=report_id, urgent=True)
        await asyncio.sleep(30)
        assert "urgent" in [said for *_, said in telegram.came][:5]
        assert len(telegram.came) == 11

    played(story, 1)
