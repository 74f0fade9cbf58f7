"""Urgent first, on a clock of the test's own: five hundred quiz messages hold up no urgent report.

Real handlers, outbox, delivery and rate limiter; a Telegram that takes its time, stalls, and tells
the quiz to wait.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from bot.bootstrap import build_app, build_services
from bot.delivery import Delivery
from bot.ratelimit import RateLimiter
from bot.settings import Settings
from content.matcher import Matcher
from content.pack import Pack
from storage import drafts, orders
from storage.crypto import Vault
from storage.database import Database
from storage.tables import Order, Person, Reminder, Report, SchoolClass
from tests.bot.staffroom import NOOR, fill_in, open_school
from tests.bot.telegram import Bubble, Telegram, plain
from tests.bot.world import START, World
from tests.storage.rows import add_class, add_person, add_staff
from tests.virtual import play, without_thread

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
EVENING: Final = START + timedelta(hours=8)
QUIZ: Final = 500
URGENT: Final = 100
TYPING: Final = 300
MENTORS: Final = range(25)
WITHIN: Final = 5.0
WAIT: Final = (
    b'{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 30", '
    b'"parameters": {"retry_after": 30}}'
)


class SlowTelegram(Telegram):
    """Answers after a while; one quiz message in ten stalls, one in twenty is told to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.rng = random.Random(4)
        self.handed: dict[str, float] = {}
        """When a message with the number of a report was first handed to a member of staff."""

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *times: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Take a while over every call."""
        params = request_data.parameters if request_data else {}
        text = plain(str(params.get("text", "")))
        found = re.search(r"dringende melding: (M-\d+-\d+)", text)
        if found:
            self.handed.setdefault(found[1], asyncio.get_running_loop().time())
        quiz = "oefenen" in text or url.endswith("sendPoll")
        await asyncio.sleep(self.rng.uniform(0.05, 0.4) + (8 if quiz and self.one_in(10) else 0))
        if quiz and self.one_in(20):
            return 429, WAIT
        return await super().do_request(url, method, request_data)

    def one_in(self, count: int) -> bool:
        return self.rng.randrange(count) == 0


@pytest.fixture
def parts(settings: Settings, pack: Pack, matcher: Matcher, database_url: str) -> Any:
    """What a bot on the jumping clock is built from."""

    def build() -> tuple[World, SlowTelegram]:
        db = Database(database_url, Vault([bytes(range(32))]))
        if db.is_sqlite:
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        loop = asyncio.get_running_loop()
        services = build_services(
            settings,
            pack=pack,
            matcher=matcher,
            db=without_thread(db),
            clock=lambda: EVENING + timedelta(seconds=loop.time()),
            rng=random.Random(7),
        )
        telegram = SlowTelegram()
        app = build_app(services, request=telegram, limiter=RateLimiter())
        return World(app, services, telegram), telegram

    return build


async def prepared(world: World) -> list[tuple[int, int]]:
    """Return pupils of 25 classes with a report that waits for "Versturen", and its version."""
    await open_school(world)
    await fill_in(world, NOOR, danger="Ja")
    data = (await world.run(drafts.load, NOOR)).data
    waiting = []
    for number in range(URGENT):
        who = 5000 + number
        await world.run(_pupil, who, number % len(MENTORS))
        draft = await world.run(
            drafts.save, who, "report", "preview", data, world.now(), version=None
        )
        waiting.append((who, draft.version))
        world.telegram.bubbles[who, 1] = Bubble(who, 1, "het voorbeeld")
    return waiting


def _pupil(session: Session, who: int, number: int) -> None:
    label = f"K{number}"
    if session.get(SchoolClass, f"id-{label}") is None:
        add_class(session, label)
        add_staff(session, f"S{number}", ("mentor", f"id-{label}"), telegram_id=6000 + number)
    add_person(session, who, "Noor Bakker", f"id-{label}")


def _quiz_waits(session: Session) -> None:
    for chat in range(8000, 8000 + QUIZ):
        session.add(
            Reminder(person_id=add_person(session, chat, "x"), part="evening", next_at=EVENING)
        )
        orders.order(session, chat, "quiz_reminder", EVENING)


def _reports(session: Session) -> dict[str, int]:
    query = select(Report.number, Person.telegram_id).join(Person, Person.id == Report.person_id)
    return {row.number: row.telegram_id for row in session.execute(query)}


def tap(who: int, data: str, number: int) -> dict[str, Any]:
    """Return the update of a tap."""
    user = {"id": who, "is_bot": False, "first_name": "Canary", "language_code": "nl"}
    message = {"message_id": 1, "date": 1, "chat": {"id": who, "type": "private"}, "text": "x"}
    query = {"id": "1", "from": user, "chat_instance": "1", "data": data, "message": message}
    return {"update_id": 90_000 + number, "callback_query": query}


def typed(who: int, text: str, number: int) -> dict[str, Any]:
    """Return the update of a command."""
    user = {"id": who, "is_bot": False, "first_name": "Canary", "language_code": "nl"}
    entity = {"type": "bot_command", "offset": 0, "length": len(text)}
    message = {"message_id": 1, "date": 1, "chat": {"id": who, "type": "private"}, "from": user,
               "text": text, "entities": [entity]}  # fmt: skip
    return {"update_id": 95_000 + number, "message": message}


async def rush(world: World, telegram: SlowTelegram) -> list[float]:
    """Let all come at once; return how long each urgent report took from tap to Bot API."""
    loop = asyncio.get_running_loop()
    taps = await prepared(world)
    await world.run(_quiz_waits)
    worker = Delivery(world.app, world.services)
    running = asyncio.create_task(worker.run())
    for number in range(TYPING):
        world.handling.later(typed(8000 + number, "/quiz", number))
    await asyncio.sleep(1)
    at: dict[int, float] = {}
    for number, (who, version) in enumerate(taps):
        at[who] = loop.time()
        world.handling.later(tap(who, f"draft:{version}:preview:send", number))
        await asyncio.sleep(0.08)
    left = await world.run(_waiting)
    await asyncio.sleep(WITHIN + 1)
    worker.stop()
    await running
    assert left > QUIZ // 3, "the quiz was over before the reports came"
    assert world.services.failures == {}
    numbers = await world.run(_reports)
    return [telegram.handed.get(number, math.inf) - at[who] for number, who in numbers.items()]


def _waiting(session: Session) -> int:
    waits = select(func.count()).where(Order.done_at.is_(None), Order.kind == "quiz_reminder")
    return session.scalar(waits) or 0


@pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)],
    indirect=True,
)
def test_urgent_reports_overtake_the_quiz(parts: Any) -> None:
    """With 500 quiz messages waiting and 300 rounds begun, 95 of 100 go within five seconds."""

    async def story() -> list[float]:
        world, telegram = parts()
        async with world.app:
            took = await rush(world, telegram)
        await world.services.db.close()
        return took

    took = sorted(play(story))
    assert len(took) == URGENT
    assert took[94] <= WITHIN, took[90:]
