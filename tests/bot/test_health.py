"""What ``/healthz`` says, and the numbers: counts, times and ages, never content."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from telegram.error import Forbidden

from bot import metrics
from bot.delivery import Delivery
from bot.health import Health
from bot.ratelimit import RateLimiter
from bot.upkeep import gauge
from storage import orders
from tests.bot.world import World

SAM = 11
CANARY = "canarywoord"


def value(name: str, **labels: str) -> float:
    """Return a number as it stands now; 0 when it is not there yet."""
    return REGISTRY.get_sample_value(f"vuistregel_{name}", labels) or 0.0


async def test_ready(clean: World) -> None:
    """Ready, with how much waits in the outbox, how long, and when the last update was."""
    await clean.run(orders.order, SAM, "status", clean.now() - timedelta(seconds=90))
    state = await Health(clean.services, lambda: 3.7, lambda: None)()
    assert state == {
        "live": True,
        "ready": True,
        "database": True,
        "outbox_waiting": 1,
        "outbox_oldest_seconds": 90,
        "seconds_since_poll": 3,
        "seconds_since_update": None,
    }


async def test_not_ready_when_telegram_was_not_polled_lately(clean: World) -> None:
    """After two minutes without a poll the process is not ready; with a webhook none is due."""
    assert (await Health(clean.services, lambda: 130.0, lambda: 9.0)())["ready"] is False
    assert (await Health(clean.services, None, lambda: 9.0)())["ready"] is True


async def test_not_ready_without_the_database(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that fails makes it not ready, without a word of the error."""

    async def away(*_: Any, **__: Any) -> None:
        raise ConnectionError(CANARY)

    monkeypatch.setattr(clean.services.db, "run", away)
    state = await Health(clean.services, None, lambda: 9.0)()
    assert (state["live"], state["ready"], state["database"]) == (True, False, False)
    assert CANARY not in str(state)


async def test_what_is_counted(clean: World) -> None:
    """Updates, time by handler, matches by confidence, sends by outcome, the outbox."""
    before = {
        "updates_total": value("updates_total", kind="message"),
        "handler": value("handler_seconds_count", handler="text.message"),
        "matches": value("matches_total", kind="ask", confident="true"),
        "sends": value("sends_total", outcome="dropped", kind="class_quiz"),
    }
    await clean.say(SAM, "mag ik een foto van de klas op insta zetten")
    await clean.run(orders.order, SAM, "class_quiz", clean.now(), detail={"quiz": "gone"})
    await gauge(clean.services)
    assert value("outbox_waiting") == 1
    clean.pass_time(hours=8)
    await Delivery(clean.app, clean.services).batch()
    await gauge(clean.services)
    assert value("outbox_waiting") == 0
    assert value("updates_total", kind="message") == before["updates_total"] + 1
    assert value("handler_seconds_count", handler="text.message") == before["handler"] + 1
    assert value("matches_total", kind="ask", confident="true") == before["matches"] + 1
    assert value("sends_total", outcome="dropped", kind="class_quiz") == before["sends"] + 1
    assert value("last_update_timestamp_seconds") > 0


async def test_calls_are_counted_by_how_they_end() -> None:
    """Each call of the Bot API counts once under its method: as "ok" or with its error's name."""
    limiter, answers = RateLimiter(), ["done", Forbidden("blocked")]
    before = {
        end: value("calls_total", method="getChat", outcome=end) for end in ("ok", "Forbidden")
    }

    async def call() -> object:
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(Forbidden):
        await limiter.process_request(call, (), {}, "getChat", {}, None)
    await limiter.process_request(call, (), {}, "getChat", {}, None)
    for end, count in before.items():
        assert value("calls_total", method="getChat", outcome=end) == count + 1


async def test_no_label_holds_content(clean: World) -> None:
    """After questions, a report and nonsense no number names a word, a person or a chat."""
    for text in (f"mag ik {CANARY} posten?", "/melden", f"{CANARY} sloeg mij", f"/{CANARY}"):
        await clean.say(777_123, text)
    numbers = metrics.shown()[0].decode()
    for hidden in (CANARY, "777123", "Canary"):
        assert hidden not in numbers
