"""Polling, webhook and faults through real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Message, Update
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter
from telegram.ext import Application, MessageHandler, PollAnswerHandler, filters

from bot.demo.handset import Handset, Playground
from bot.demo.server import DemoServer
from bot.demo.state import State

from .conftest import make_bot, make_request


async def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def texts(updates: Any) -> list[str | None]:
    return [update.message.text for update in updates]


async def test_offset_confirms(bot: Bot, sam: Handset) -> None:
    """Updates come again until an offset past them confirms them; a limit cuts the batch."""
    for text in ("een", "twee", "drie"):
        await sam.say(text)
    first = await bot.get_updates(limit=2)
    assert texts(first) == ["een", "twee"]
    assert texts(await bot.get_updates()) == ["een", "twee", "drie"]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert texts(rest) == ["drie"]
    assert rest[0].update_id == first[-1].update_id + 1
    assert await bot.get_updates(offset=rest[0].update_id + 1) == ()


async def test_negative_offset(bot: Bot, sam: Handset) -> None:
    """A negative offset keeps only the newest updates."""
    for text in ("een", "twee", "drie"):
        await sam.say(text)
    assert texts(await bot.get_updates(offset=-1)) == ["drie"]
    assert texts(await bot.get_updates()) == ["drie"]


async def test_long_poll_wakes(bot: Bot, sam: Handset, state: State) -> None:
    """A waiting poll returns when something happens, not at its end."""
    waiting = asyncio.create_task(bot.get_updates(timeout=50, read_timeout=60))
    await wait_until(lambda: state.updates._waiter is not None)
    await sam.say("wakker")
    assert texts(await waiting) == ["wakker"]


async def test_second_poller_ends_the_first(bot: Bot, server: DemoServer, sam: Handset) -> None:
    """Two pollers: the older call gets 409, the newer goes on."""
    older = asyncio.create_task(bot.get_updates(timeout=50, read_timeout=60))
    await wait_until(lambda: server.state.updates._waiter is not None)
    async with make_bot(server) as other:
        newer = asyncio.create_task(other.get_updates(timeout=50, read_timeout=60))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        await sam.say("hoi")
        assert texts(await newer) == ["hoi"]


async def test_allowed_updates(bot: Bot, sam: Handset) -> None:
    """Only what the bot asked for is queued; reactions only when asked for by name."""
    message_id = await sam.say("hoi")
    await sam.react(message_id, "👍")
    assert len(await bot.get_updates()) == 1
    await bot.get_updates(offset=-1, allowed_updates=["message_reaction"])
    await sam.say("nog eens")
    await sam.react(message_id, "🔥")
    kinds = [u.message_reaction is not None for u in await bot.get_updates()]
    assert kinds == [False, True]


async def test_application(server: DemoServer, sam: Handset) -> None:
    """An ordinary python-telegram-bot Application polls, answers, asks and hears the vote."""
    votes: list[tuple[int, ...]] = []

    async def echo(update: Update, context: Any) -> None:
        assert isinstance(update.message, Message)
        await update.message.reply_text(f"echo {update.message.text}")
        await update.message.reply_poll("1 of 2?", ["een", "twee"], is_anonymous=False)

    async def voted(update: Update, context: Any) -> None:
        assert update.poll_answer is not None
        votes.append(tuple(update.poll_answer.option_ids))
        await context.bot.send_message(5001, "gestemd")

    builder = Application.builder().token(server.state.token).base_url(f"{server.url}/bot")
    app = builder.request(make_request()).get_updates_request(make_request()).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.add_handler(PollAnswerHandler(voted))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=5)
        await sam.say("hallo")
        await sam.expect("echo hallo")
        await sam.vote(1)
        await sam.expect("gestemd")
        await app.updater.stop()
        await app.stop()
    assert votes == [(1,)]
    assert server.state.violations == []


async def test_updates_cannot_be_polled_with_a_webhook(bot: Bot) -> None:
    """Polling is refused while a webhook is set, and taken again without it."""
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/hook"
    await bot.delete_webhook()
    assert await bot.get_updates() == ()
    with pytest.raises(BadRequest, match="Bad webhook"):
        await bot.set_webhook("https://example.org/hook")


@asynccontextmanager
async def receiver(
    status_of: Callable[[str, list[Any]], int],
) -> AsyncIterator[tuple[str, list[Any]]]:
    """A web server that answers what ``status_of(text, got)`` says and keeps what it got."""
    got: list[Any] = []

    async def take(request: Request) -> Response:
        secret = request.headers.get("x-telegram-bot-api-secret-token")
        update = await request.json()
        status = status_of(update["message"]["text"], got)
        got.append((status, secret, update))
        return Response(status_code=status)

    app = Starlette(routes=[Route("/hook", take, methods=["POST"])])
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    await wait_until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/hook", got
    server.should_exit = True
    await task


async def test_webhook_order_and_redelivery(bot: Bot, sam: Handset, state: State) -> None:
    """A webhook gets updates in order with the secret; what is not 2xx comes again first."""
    answers = [200, 500, 503, 200, 200]
    async with receiver(lambda _, got: answers[len(got)]) as (url, got):
        await bot.set_webhook(url, secret_token="geheim_1")
        for text in ("een", "twee", "drie"):
            await sam.say(text)
        await wait_until(lambda: not state.updates.pending)
        info = await bot.get_webhook_info()
        await bot.delete_webhook()
    seen = [(status, update["message"]["text"]) for status, _, update in got]
    assert seen == [(200, "een"), (500, "twee"), (503, "twee"), (200, "twee"), (200, "drie")]
    assert {secret for _, secret, _ in got} == {"geheim_1"}
    assert info.last_error_message == "Wrong response from the webhook: 503"


async def test_webhook_lanes(bot: Bot, sam: Handset, noor: Handset, state: State) -> None:
    """Somebody whose update fails does not hold up the others."""

    def sam_fails_until_noor_came(text: str, got: list[Any]) -> int:
        noor_came = any(update["message"]["text"] == "van noor" for _, _, update in got)
        return 200 if text == "van noor" or noor_came else 500

    async with receiver(sam_fails_until_noor_came) as (url, got):
        await bot.set_webhook(url)
        await sam.say("van sam")
        await wait_until(lambda: len(got) > 0)
        await noor.say("van noor")
        await wait_until(lambda: not state.updates.pending)
        await bot.delete_webhook()
    delivered = {u["message"]["text"] for status, _, u in got if status == 200}
    assert delivered == {"van sam", "van noor"}


async def test_outage_and_flood(bot: Bot, sam: Handset, playground: Playground) -> None:
    """An outage is a 500 for every method, a flood a 429 with its seconds, n times."""
    await sam.start()
    await playground.fault("outage")
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(5001, "x")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    await playground.lift()
    await playground.fault("flood", method="sendMessage", times=1, retry_after=7)
    assert (await bot.get_me()).is_bot
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(5001, "x")
    assert refused.value.retry_after == timedelta(seconds=7)
    await bot.send_message(5001, "komt aan")
    assert (await sam.last()).text == "komt aan"


async def test_reset_before_and_after(bot: Bot, sam: Handset, playground: Playground) -> None:
    """A reset leaves no trace before the effect, and the whole effect after it."""
    await sam.start()
    await playground.fault("reset_before", method="sendMessage", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(5001, "niet aangekomen")
    await playground.fault("reset_after", method="sendMessage", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(5001, "wel aangekomen")
    assert [bubble.text for bubble in await sam.chat()] == ["/start", "wel aangekomen"]


async def test_stall(bot: Bot, sam: Handset, playground: Playground, state: State) -> None:
    """A stalled call waits; once lifted it takes effect, though the bot gave up on it."""
    await sam.start()
    await playground.fault("stall", method="sendMessage", times=1)
    waiting = asyncio.create_task(bot.send_message(5001, "laat", read_timeout=60))
    await wait_until(lambda: state.faults.active[0].hits == 1)
    assert len(await sam.chat()) == 1
    waiting.cancel()
    await playground.lift()
    assert (await sam.expect("laat")).from_bot


async def test_blocked_for_one(
    bot: Bot, sam: Handset, noor: Handset, playground: Playground
) -> None:
    """A fault can hold for one person only."""
    await sam.start()
    await noor.start()
    await playground.fault("blocked", person="sam")
    with pytest.raises(Forbidden):
        await bot.send_message(5001, "x")
    await bot.send_message(5002, "wel")
    await playground.lift(kind="blocked")
    await bot.send_message(5001, "nu wel")
