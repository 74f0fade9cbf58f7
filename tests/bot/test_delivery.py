"""The delivery worker: what follows from each thing that Telegram may say, and in what order."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot import delivery
from bot.delivery import Delivery, _outcome, _wait
from storage import cards, casework, orders, outbox, sending
from tests.bot.staffroom import (
    ADMIN,
    DEMIR,
    KOK,
    MULDER,
    NOOR,
    SEM,
    SMIT,
    VOS,
    WHAT,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    sound,
)
from tests.bot.test_handling import lost
from tests.bot.world import World

BLOCKED = {"description": "Forbidden: bot was blocked by the user"}


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b, outside lesson hours; then the sweep."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def sent(world: World, who: int = NOOR, what: str = WHAT, /, **answers: str) -> None:
    """Make a report without delivering it."""
    await fill_in(world, who, what, **answers)
    await world.tap(who, "Versturen")


@pytest.mark.parametrize(
    ("error", "kind", "outcome"),
    [
        (RetryAfter(30), "notice", "retry"),
        (Forbidden("bot was blocked by the user"), "notice", "refused"),
        (ChatMigrated(-5), "notice", "refused"),
        (BadRequest("Chat not found"), "notice", "refused"),
        (BadRequest("Can't parse entities"), "reply", "rejected"),
        (BadRequest("MESSAGE_ID_INVALID"), "tombstone", "refused"),
        (TimedOut(), "notice", "unsure"),
        (NetworkError("httpx.ReadError"), "notice", "unsure"),
        (NetworkError("Bad Gateway"), "notice", "retry"),
        (TelegramError("?"), "notice", "retry"),
    ],
)
def test_outcomes(error: TelegramError, kind: str, outcome: str) -> None:
    """Only a yes counts as sent; a no is final; what may have arrived is marked so."""
    assert _outcome(error, kind) == outcome


def test_wait_of_a_flood() -> None:
    """As long as Telegram says, whether it comes as a number or a span."""
    assert _wait(RetryAfter(30)) == timedelta(seconds=30)
    assert _wait(RetryAfter(timedelta(seconds=30))) == timedelta(seconds=30)


async def test_refused_goes_to_the_next_at_once(school: World) -> None:
    """Blocked by the mentor: the deputy has it in the same breath, and the pupil hears nothing."""
    await sent(school)
    school.telegram.fail("sendMessage", 403, **BLOCKED)
    await deliver(school)
    assert school.texts(VOS) == ""
    assert "M-2026-0001" in got(school, DEMIR)
    assert "is bezorgd" in got(school, NOOR)


async def test_refused_by_all(school: World) -> None:
    """Everybody has blocked the bot: pupil and administrator are told."""
    await sent(school)
    for _ in (VOS, DEMIR, SMIT, 0, MULDER):
        school.telegram.fail("sendMessage", 403, **BLOCKED)
    await deliver(school)
    assert "niemand van school bereiken" in school.last(NOOR).text
    assert "M-2026-0001" in got(school, ADMIN)
    assert "is bezorgd" not in got(school, NOOR)


async def test_a_flood_waits_and_a_failure_is_no_delivery(school: World) -> None:
    """429: nothing before Telegram's time; 500: tried again later; then one notice, one receipt."""
    await sent(school)
    school.telegram.fail(
        "sendMessage", 429, description="Too Many Requests", parameters={"retry_after": 40}
    )
    await deliver(school)
    school.pass_time(seconds=39)
    await deliver(school)
    assert school.texts(VOS) == ""
    assert "is bezorgd" not in got(school, NOOR)
    school.telegram.fail("sendMessage", 500, description="Internal Server Error")
    school.pass_time(seconds=2)
    await deliver(school)
    school.pass_time(minutes=10)
    await deliver(school)
    assert school.texts(VOS).count("Er is een melding") == 1
    assert got(school, NOOR).count("is bezorgd") == 1


async def test_order_per_chat_and_urgent_first(school: World) -> None:
    """Notices reach a chat in the order of the reports; an urgent one goes before all."""
    await sent(school, NOOR)
    await sent(school, SEM, "iemand stuurt steeds rare appjes naar mij")
    await sent(school, NOOR, "er staat een nepaccount van mij op tiktok", danger="Ja")
    await deliver(school)
    numbers = [bubble.text.split("M-2026-")[1][:4] for bubble in school.telegram.chat(VOS)]
    assert numbers == ["0003", "0001", "0002"]


async def test_one_broken_order_keeps_nobody_waiting(
    school: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that cannot be shown is tried later; other chats get theirs."""
    await sent(school)
    await sent(school, NOOR, "er staat een nepaccount van mij op tiktok",
               staff="Ja, mijn mentor", sexual="Nee")  # fmt: skip
    worker = Delivery(school.app, school.services)
    real = worker._deliver

    async def broken(content: Any) -> None:
        if content.order.chat_id == VOS:
            raise KeyError("kanariewoord")
        await real(content)

    monkeypatch.setattr(worker, "_deliver", broken)
    while await worker.batch():
        pass
    assert "M-2026-0002" in got(school, DEMIR)
    assert (await school.run(outbox.depth, school.time)).waiting == 1


@pytest.mark.parametrize(("failures", "recorded"), [(1, True), (99, False)])
async def test_what_was_sent_does_not_go_again(
    school: World, monkeypatch: pytest.MonkeyPatch, failures: int, recorded: bool
) -> None:
    """Telegram took the message, then its place could not be noted at once, or not at all."""
    run, noted, left = school.services.db.run, [], iter(range(failures))

    async def away(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if operation is cards.record and next(left, None) is not None:
            raise ConnectionError
        noted.append(operation)
        return await run(operation, *args, **kwargs)

    await sent(school)
    monkeypatch.setattr(delivery, "NOTE_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(school.services.db, "run", away)
    for _ in range(2):
        await deliver(school)
        school.pass_time(minutes=10)
    assert got(school, NOOR).count("is bezorgd") == 1
    assert (cards.record in noted) is recorded


async def test_night_is_quiet_but_for_urgent_ones(school: World) -> None:
    """After ten a mentor's phone stays still until seven, unless there is danger."""
    school.time = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    await report(school)
    assert got(school, VOS) == ""
    await report(school, danger="Ja")
    assert "dringende" in got(school, VOS)
    school.time = datetime(2026, 11, 25, 6, 1, tzinfo=UTC)
    await deliver(school)
    assert "M-2026-0001" in got(school, VOS)


async def test_lesson_hours_are_neutral_and_silent(world: World) -> None:
    """In school hours the pupil hears that there is news: silent, without number or state."""
    await open_school(world, KOK)
    await report(world)
    shown = world.last(NOOR)
    assert shown.text == "Er is nieuws over je melding."
    assert shown.params["disable_notification"] is True
    assert "M-2026" in (await world.tap(NOOR, "Bekijken")).text
    assert "disable_notification" not in world.last(VOS).params
    sound(world)


async def test_news_in_a_lesson_is_told_once_until_it_is_opened(world: World) -> None:
    """Delivered and read: one "there is news"; after a look another, and closing words always."""
    await open_school(world, KOK)
    await fill_in(world, NOOR)
    await world.tap(NOOR, "Versturen")

    async def later(label: str) -> int:
        world.pass_time(minutes=1)
        await world.tap(VOS, label)
        await deliver(world)
        return world.texts(NOOR).count("Er is nieuws")

    world.pass_time(minutes=1)
    await deliver(world)
    assert await later("Lezen") == 1
    world.pass_time(minutes=1)
    await world.tap(NOOR, "Bekijken")
    assert await later("In behandeling") == 2
    await later("Afronden")
    await world.say(VOS, "We hebben het opgelost.")
    await deliver(world)
    assert world.texts(NOOR).count("Er is nieuws") == 3
    sound(world)


async def test_words_cannot_make_links_or_mentions(school: World) -> None:
    """Mentions, hashtags, commands and links in words stand as code, in cards and relays."""
    words = "kijk @sem #diss t.me/x http://x.nl /start"
    await report(school, NOOR, words)
    card = await school.tap(VOS, "Lezen")
    assert words in card.text
    for part in words.split()[1:]:
        assert f"<code>{part}</code>" in card.params["text"]


async def test_tombstones(school: World) -> None:
    """After closing no card of staff shows a word; one that cannot be edited is let go."""
    report_id = await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Lezen")
    await school.run(casework.close, VOS, report_id, "klaar", school.time)
    school.telegram.fail("editMessageText", 400, description="Bad Request: MESSAGE_ID_INVALID")
    await deliver(school)
    assert school.texts(VOS).count("hier niet meer te lezen") == 1
    assert (await school.run(outbox.depth, school.time)).waiting == 0


async def test_mentor_who_comes_back(school: World) -> None:
    """Blocking is a fact at once; after unblocking the mentor gets reports again."""
    await membership(school, VOS, "kicked")
    shown = await fill_in(school, NOOR)
    assert "Aylin Demir" in shown.text
    await school.say(NOOR, "/stop")
    await membership(school, VOS, "member")
    shown = await fill_in(school, NOOR)
    assert "Marit Vos" in shown.text


async def membership(world: World, who: int, status: str) -> None:
    """Block or unblock the bot."""
    bot = {"id": 1, "is_bot": True, "first_name": "V"}
    person = {"id": who, "is_bot": False, "first_name": "Canary"}
    change = {
        "chat": {"id": who, "type": "private"},
        "from": person,
        "date": int(world.time.timestamp()),
        "old_chat_member": {"status": "member", "user": bot},
        "new_chat_member": {"status": status, "user": bot, "until_date": 0},
    }
    await world.update({"my_chat_member": change})


@pytest.mark.parametrize(("error", "level"), [(lost(), "warning"), (ValueError("odd"), "error")])
async def test_what_stops_an_order(
    school: World, monkeypatch: pytest.MonkeyPatch, error: Exception, level: str
) -> None:
    """It is tried again; only what is no database that went away is an error to look at."""

    def broken(*_: object) -> None:
        raise error

    await sent(school)
    with monkeypatch.context() as patched, capture_logs() as logs:
        patched.setattr(sending, "content_of", broken)
        await Delivery(school.app, school.services).batch()
    assert {each["log_level"] for each in logs if each["event"] == "order failed"} == {level}
    school.pass_time(minutes=10)
    await deliver(school)
    assert got(school, VOS)


async def test_sent_once_when_writing_it_down_fails(
    school: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is lost after Telegram said yes sends no notice twice."""
    run, errors = school.services.db.run, iter([lost(), lost()])

    async def away(operation: Any, *args: Any, **named: Any) -> Any:
        if operation is outbox.settle and (error := next(errors, None)):
            raise error
        return await run(operation, *args, **named)

    await sent(school)
    monkeypatch.setattr(delivery, "SETTLE_PAUSES", (0, 0, 0))
    monkeypatch.setattr(school.services.db, "run", away)
    for _ in range(3):
        await deliver(school)
        school.pass_time(seconds=61)
    assert got(school, VOS).count("M-2026-0001") == 1


async def test_one_chat_that_fails_leaves_no_other_unseen(
    school: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch ends when all its chats did, and then says what went wrong."""
    ended: list[int] = []

    async def chat(_: Delivery, found: list[outbox.OrderView]) -> None:
        if not ended:
            ended.append(0)
            raise ValueError("odd")
        await asyncio.sleep(0.01)
        ended.append(found[0].chat_id)

    for who in (NOOR, SEM):
        await school.run(orders.order, who, "outage", school.time)
    monkeypatch.setattr(Delivery, "_chat", chat)
    with pytest.raises(ValueError, match="odd"):
        await Delivery(school.app, school.services).batch()
    assert len(ended) > 1
