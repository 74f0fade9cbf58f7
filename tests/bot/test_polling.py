"""Polling: stored before Telegram is told, whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot import polling
from bot.intake import strip
from bot.polling import Poller
from storage import batch, inbox
from tests.bot.world import World

SAM = 11
PATIENCE = 60.0
Step = list[dict[str, Any]] | BaseException | Callable[[], Any]


class Source:
    """Stands for Telegram's queue: gives one step after the other, then waits for the stop."""

    def __init__(self, world: World, *steps: Step) -> None:
        self.world, self.steps, self.offsets = world, list(steps), [-1]
        self.deleted = 0
        self.poller = Poller(self._app(), world.services, world.handling)

    async def run(self) -> None:
        await asyncio.wait_for(self.poller.run(), PATIENCE)
        await self.world.handling.settle()

    def _app(self) -> Any:
        return type("App", (), {"bot": self})()

    async def delete_webhook(self) -> bool:
        self.deleted += 1
        return True

    async def do_api_request(self, endpoint: str, *, api_kwargs: Any, **_: Any) -> Any:
        assert endpoint == "getUpdates"
        self.offsets.append(api_kwargs["offset"])
        if not self.steps:
            self.poller.stop()
            return []
        step = self.steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return await step() if callable(step) else step


def message(world: World, number: int, text: str = "/help", who: int = SAM) -> dict[str, Any]:
    entities = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    return {
        "update_id": number,
        "message": world._message(who) | {"text": text, "entities": entities},
    }


@pytest.fixture(autouse=True)
def no_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "BACK_OFF", (0.0,))


async def test_a_batch_is_stored_before_the_offset_moves(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next call names the offset behind the batch, and by then the batch is stored."""
    source = Source(clean, [message(clean, 7), message(clean, 8)])
    stored: list[int] = []

    async def look() -> list[Any]:
        stored.extend(u.update_id for u in await clean.run(inbox.pending))
        return []

    monkeypatch.setattr(clean.handling, "later", lambda _: None)
    source.steps.append(look)
    await source.run()
    assert stored == [7, 8]
    assert source.offsets[1:3] == [0, 9]


async def test_handled_in_order_and_once(clean: World) -> None:
    """A batch that Telegram sends again has no second effect."""
    batch = [message(clean, 7, "/start"), message(clean, 8)]
    await Source(clean, batch, batch).run()
    assert [b.text[:3] for b in clean.telegram.chat(SAM)] == ["Hoi", "Dit"]


async def test_ids_start_again_at_random(clean: World) -> None:
    """After a quiet week ids are lower: they are handled all the same."""
    await Source(clean, [message(clean, 900)], [message(clean, 3)]).run()
    assert len(clean.telegram.chat(SAM)) == 2


async def test_a_restart_replays_what_was_stored(clean: World) -> None:
    """What a crash left in the inbox is handled before anything new."""
    body = message(clean, 7)
    row = inbox.TakenIn(7, SAM, body)
    await clean.run(inbox.take_in, [row], now=clean.now())
    await Source(clean).run()
    assert clean.last(SAM).text.startswith("Dit kan ik")


@pytest.mark.parametrize(
    "error",
    [NetworkError("away"), Conflict("other"), RetryAfter(0), OSError(), ValueError("odd answer")],
)
async def test_errors_of_the_network_are_outlived(clean: World, error: Exception) -> None:
    """Network, a second process, being told to wait, an odd answer: polling goes on."""
    await Source(clean, error, error, [message(clean, 7)]).run()
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_wrong_token_ends_it(clean: World) -> None:
    """A token that Telegram does not know is for the administrator, not to be tried again."""
    with pytest.raises(InvalidToken):
        await Source(clean, InvalidToken("canary")).run()


async def test_the_database_is_away(clean: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that could not be stored is asked for again, since the offset has not moved.

    Who is behind it hears that nothing is lost.
    """
    run = clean.services.db.run
    failed: list[bool] = []

    async def away(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if operation is batch.exchange and args[1] and not failed:
            failed.append(True)
            raise ConnectionError
        return await run(operation, *args, **kwargs)

    monkeypatch.setattr(clean.services.db, "run", away)
    source = Source(clean, [message(clean, 7)], [message(clean, 7)])
    await source.run()
    assert source.offsets[1:4] == [0, 0, 8]
    assert "niets opnieuw te sturen" in clean.telegram.chat(SAM)[0].text
    assert len(clean.telegram.chat(SAM)) == 2


async def test_a_commit_whose_answer_was_lost(
    clean: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that was stored, though it seemed not to be, is handled; in the order it came."""
    run = clean.services.db.run
    failed: list[bool] = []

    async def lost(operation: Any, *args: Any, **kwargs: Any) -> Any:
        found = await run(operation, *args, **kwargs)
        if operation is batch.exchange and args[1] and not failed:
            failed.append(True)
            raise ConnectionError
        return found

    monkeypatch.setattr(clean.services.db, "run", lost)
    first, second = message(clean, 7, "/start"), message(clean, 8)
    await Source(clean, [first], [first, second]).run()
    assert [b.text[:3] for b in clean.telegram.chat(SAM)][1:] == ["Hoi", "Dit"]
    assert await clean.run(inbox.pending) == ()


async def test_a_commit_that_came_after_the_start(clean: World) -> None:
    """What a killed process stored at the last moment is handled when Telegram repeats it."""
    first, second = message(clean, 7, "/start"), message(clean, 8)

    async def late() -> list[Any]:  # the start has looked through the inbox
        row = inbox.TakenIn(7, SAM, strip(first) or {})
        await clean.run(inbox.take_in, [row], clean.services.clock())
        return [first, second]

    await Source(clean, late).run()
    assert [b.text[:3] for b in clean.telegram.chat(SAM)] == ["Hoi", "Dit"]
    assert await clean.run(inbox.pending) == ()


async def test_an_odd_update_does_not_stop_the_others(clean: World) -> None:
    """One update of an unknown shape is passed over."""
    odd = {"update_id": 6, "message": {"text": "hoi"}}
    source = Source(clean, [odd, {"update_id": 7, "poll": {}}, message(clean, 8)])
    await source.run()
    assert source.offsets[2] == 9
    assert len(clean.telegram.chat(SAM)) == 1


async def test_a_stop_in_the_middle_of_waiting(clean: World) -> None:
    """A stop does not wait for Telegram's answer; what was under way comes again later."""
    gate = asyncio.Event()
    source = Source(clean)

    async def wait() -> list[Any]:
        source.poller.stop()
        await gate.wait()
        return [message(clean, 7)]

    source.steps.append(wait)
    await source.run()
    assert clean.telegram.chat(SAM) == []


async def test_since_when_telegram_answered(clean: World) -> None:
    """Before the start nothing is known; then the seconds count, also when no answer ever comes."""
    source = Source(clean)
    assert source.poller.seconds_since_poll() is None

    async def never() -> list[Any]:
        source.poller.stop()
        raise NetworkError("away")

    source.steps.append(never)
    await source.run()
    since = source.poller.seconds_since_poll()
    assert since is not None
    assert since >= 0
