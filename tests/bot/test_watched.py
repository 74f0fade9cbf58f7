"""Delivery that stops is noticed, and the pupil is told: on a clock of the test's own.

Telegram that answers 500 for ten minutes, a poll that hangs, a disk that is full, and a school in
which nobody can be reached.
"""

from __future__ import annotations

import asyncio
import math
import random
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.alarm import Watch
from bot.bootstrap import build_app, build_services
from bot.delivery import Delivery
from bot.handling import Handling
from bot.intake import strip, user_of
from bot.polling import Poller
from bot.ratelimit import RateLimiter
from bot.settings import Settings
from bot.upkeep import gauge
from content.matcher import Matcher
from content.pack import Pack
from storage import inbox
from storage.crypto import Vault
from storage.database import Database
from storage.tables import Staff
from tests.bot.staffroom import (
    KOK,
    NOOR,
    SMIT,
    STAFF,
    VOS,
    fill_in,
    newest,
    open_school,
    row,
    staff_id,
)
from tests.bot.telegram import Telegram
from tests.bot.world import START, World
from tests.virtual import play, without_thread

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
DOWN: Final = (60.0, 660.0)
SERVER_ERROR: Final = b'{"ok": false, "error_code": 500, "description": "Internal Server Error"}'
FORBIDDEN: Final = b'{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked"}'


class Timed(Telegram):
    """Notes when something was said in a chat; can be down, and can hang at getUpdates."""

    def __init__(self) -> None:
        super().__init__()
        self.rng = random.Random(4)
        self.down = (math.inf, math.inf)
        self.frozen = (math.inf, math.inf)
        self.blocked: frozenset[int] = frozenset()
        self.said: list[tuple[float, int, str]] = []

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *times: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Answer after a while, or not at all."""
        loop = asyncio.get_running_loop()
        params = request_data.parameters if request_data else {}
        if url.endswith("getUpdates"):
            await asyncio.sleep(25)
            hangs = self.frozen[0] <= loop.time() < self.frozen[1]
            await asyncio.sleep(self.frozen[1] - loop.time() if hangs else 0)
            return 200, b'{"ok": true, "result": []}'
        await asyncio.sleep(self.rng.uniform(0.05, 0.4))
        if self.down[0] <= loop.time() < self.down[1]:
            return 500, SERVER_ERROR
        if params.get("chat_id") in self.blocked:
            return 403, FORBIDDEN
        if url.endswith("sendMessage"):
            self.said.append((loop.time(), int(params["chat_id"]), str(params["text"])))
        return await super().do_request(url, method, request_data)

    def times(self, chat: int, words: str) -> list[float]:
        """Return when ``words`` were said in a chat."""
        return [at for at, who, said in self.said if who == chat and words in said]


class Heard:
    """A second channel that notes when it was used."""

    def __init__(self) -> None:
        self.at: list[tuple[float, str]] = []

    async def send(self, subject: str, body: str) -> None:
        """Note one alarm."""
        self.at.append((asyncio.get_running_loop().time(), subject))


Story = Callable[[World, Timed], Awaitable[None]]


@pytest.fixture
def played(
    settings: Settings, pack: Pack, matcher: Matcher, database_url: str
) -> Callable[[Story], None]:
    """Play a story on the jumping clock."""

    async def whole(story: Story) -> None:
        loop = asyncio.get_running_loop()
        db = without_thread(Database(database_url, Vault([bytes(range(32))])))
        event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        services = build_services(
            settings, pack=pack, matcher=matcher, db=db, rng=random.Random(7),
            clock=lambda: START + timedelta(hours=8, seconds=loop.time()),
        )  # fmt: skip
        telegram = Timed()
        app = build_app(services, request=telegram, limiter=RateLimiter())
        async with app:
            world = await open_school(World(app, services, telegram))
            world.handling = Handling(app, services)  # with the pauses that it really makes
            await story(world, telegram)
        await db.close()

    return lambda story: play(lambda: whole(story))


only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def until(moment: float) -> None:
    """Wait until a moment on the jumping clock."""
    await asyncio.sleep(moment - asyncio.get_running_loop().time())


@only_sqlite
def test_five_hundreds_for_ten_minutes(played: Callable[[Story], None]) -> None:
    """Alarm within five minutes, one alarm and one all-clear; the report arrives once, later."""

    async def story(world: World, telegram: Timed) -> None:
        channel = Heard()
        telegram.down = DOWN
        worker, watch = Delivery(world.app, world.services), Watch(world.services, [channel])
        running = [asyncio.create_task(each.run()) for each in (worker, watch)]
        await fill_in(world, NOOR)
        await until(DOWN[0] + 5)
        tapped = asyncio.create_task(world.tap(NOOR, "Versturen"))
        await until(DOWN[1] - 1)
        report_id = str(await world.run(newest))
        assert (await world.run(row, report_id))["state"] == "sent"
        await until(DOWN[1] + 500)
        worker.stop()
        watch.stop()
        await asyncio.gather(tapped, *running)
        (stopped, first), (again, last) = channel.at
        assert DOWN[0] < stopped <= DOWN[0] + 300
        assert again > DOWN[1]
        assert first != last
        (arrived,) = telegram.times(VOS, "M-2026-0001")
        assert DOWN[1] < arrived <= again
        assert (await world.run(row, report_id))["state"] == "delivered"
        assert len(telegram.times(NOOR, "M-2026-0001")) >= 1  # the receipt came after all

    played(story)


@only_sqlite
def test_a_poll_that_hangs(played: Callable[[Story], None]) -> None:
    """Alarm within five minutes after the last answer; one alarm and one all-clear."""

    async def story(world: World, telegram: Timed) -> None:
        channel = Heard()
        telegram.frozen = DOWN
        poller = Poller(world.app, world.services, world.handling)
        watch = Watch(world.services, [channel], poller.seconds_since_poll)
        running = [asyncio.create_task(each.run()) for each in (poller, watch)]
        await until(DOWN[1] + 200)
        poller.stop()
        watch.stop()
        await asyncio.gather(*running)
        (stopped, _), (again, _) = channel.at
        assert DOWN[0] < stopped <= DOWN[0] + 300
        assert DOWN[1] < again <= DOWN[1] + 120

    played(story)


@only_sqlite
def test_told_within_five_seconds_that_nobody_can_be_reached(
    played: Callable[[Story], None],
) -> None:
    """All of the school blocked the bot: five seconds after the tap the pupil knows where to go."""

    async def story(world: World, telegram: Timed) -> None:
        await fill_in(world, NOOR, danger="Ja")
        telegram.blocked = frozenset(STAFF)
        worker = Delivery(world.app, world.services)
        running = asyncio.create_task(worker.run())
        tapped = asyncio.get_running_loop().time()
        await world.tap(NOOR, "Versturen")
        await asyncio.sleep(10)
        worker.stop()
        await running
        told = telegram.times(NOOR, "niemand van school")
        assert told
        assert told[0] - tapped <= 5
        assert telegram.times(900, "M-2026-0001")  # the administrator knows

    played(story)


class Disk:
    """A disk that can be full: then nothing that was changed can be committed."""

    def __init__(self, db: Database) -> None:
        self.full, self._before = False, 0
        event.listen(db.engine, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        changes = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
        changed, self._before = changes != self._before, changes
        if self.full and changed:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk is full"))


async def test_a_full_disk_loses_no_report(world: World) -> None:
    """No receipt for what is not stored; when there is room again the same tap is one report."""
    await open_school(world)
    await fill_in(world, NOOR)
    disk = Disk(world.services.db)
    button = world.last(NOOR).data("Versturen")
    query = {"id": "1", "from": world._user(NOOR), "chat_instance": "1", "data": button,
             "message": world.telegram.message(world.last(NOOR))}  # fmt: skip
    kept = strip({"update_id": 90_001, "callback_query": query})
    assert kept
    await world.run(inbox.take_in, [inbox.TakenIn(90_001, user_of(kept), kept)], now=world.time)
    disk.full = True
    with pytest.raises(OperationalError):  # nothing new is taken in: Telegram keeps it
        await world.say(NOOR, "hallo?")
    world.handling.later(kept)
    await world.handling.settle()
    assert await world.run(newest) is None
    assert "M-2026" not in world.texts(NOOR)
    disk.full = False
    await world.handling.resume()
    await world.handling.settle()
    assert "M-2026-0001" in world.last(NOOR).text


async def test_a_disk_that_fills_up_raises_the_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While there is still room to write: one alarm, and one all-clear."""
    free = [10**7]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    subjects: list[str] = []

    class Channel:
        async def send(self, subject: str, body: str) -> None:
            subjects.append(subject)

    watch = Watch(world.services, [Channel()])
    await watch.look()
    await watch.look()
    assert len(subjects) == 1
    free[0] = 10**10
    await watch.look()
    await watch.look()
    assert len(subjects) == 2


async def test_staff_who_cannot_be_reached_are_counted(world: World) -> None:
    """Never joined, revoked, left or blocked: seen in the metrics, and not who left the school."""
    await open_school(world, VOS)

    def change(session: Session, account: int, column: str) -> None:
        setattr(session.get_one(Staff, staff_id(account)), column, world.time)

    async def counted() -> float | None:
        await gauge(world.services)
        return REGISTRY.get_sample_value("vuistregel_staff_unreachable")

    assert await counted() == 0
    await world.run(change, KOK, "unreachable_since")
    assert await counted() == 1
    await world.run(change, SMIT, "revoked_at")
    assert await counted() == 2
    await world.run(change, SMIT, "left_at")
    assert await counted() == 1
