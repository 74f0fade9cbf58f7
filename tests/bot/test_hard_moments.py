"""Danger at odd moments, Telegram away in the middle, prompts left open, states that are true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.delivery import Delivery
from bot.upkeep import Upkeep
from storage import classes, people, reports
from tests.bot.staffroom import (
    DEMIR,
    KOK,
    NOOR,
    SEM,
    STAFF,
    STRANGER,
    TIMMER,
    VOS,
    class_id,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    row,
    sound,
)
from tests.bot.world import World

OUTAGE = "langer dan een dag niet bereikbaar"


@pytest.fixture
async def school(world: World) -> AsyncIterator[World]:
    """H3b with one mentor, after school hours."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def own_report(school: World, button: str) -> None:
    """Let Noor open her report and tap one of its buttons."""
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, button)


async def code_of(school: World) -> str:
    """Return a fresh code of the class."""
    until = school.time + timedelta(days=3)
    code: str = await school.run(classes.new_code, class_id("H3b"), until, school.time)
    return code


async def test_a_correction_with_danger_is_urgent(school: World) -> None:
    """The mentor who was told of a calm report hears that it is urgent now."""
    await report(school)
    await own_report(school, "Verbeteren")
    await school.say(NOOR, "ik wil dood")
    await deliver(school)
    assert "dringend" in got(school, VOS)


async def test_an_addition_with_danger_too_long(school: World) -> None:
    """Danger in an addition that is too long makes the report urgent all the same."""
    report_id = await report(school)
    await own_report(school, "Iets toevoegen")
    await school.say(NOOR, "ik wil dood. " + "bla " * 650)
    await deliver(school)
    assert (await school.run(row, report_id))["urgent"] is True


async def test_an_addition_that_comes_too_late(school: World) -> None:
    """The pupil reads that it is closed, in words meant for a pupil."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await own_report(school, "Iets toevoegen")
    await school.tap(VOS, "Afronden")
    await school.say(VOS, "klaar")
    await school.say(NOOR, "ik wil dood")
    assert "collega" not in school.last(NOOR).text


async def test_danger_typed_at_the_preview_is_read(school: World) -> None:
    """What makes a report urgent stands in the report."""
    await fill_in(school, NOOR)
    await school.say(NOOR, "hij staat nu voor mijn deur met een mes")
    await school.tap(NOOR, "Versturen")
    await deliver(school)
    assert "mes" in (await school.tap(VOS, "Lezen")).text


async def test_danger_is_no_name(school: World) -> None:
    """Danger typed where a class asks for a name gets help, and the name is asked still."""
    await school.say(STRANGER, f"/start c-{await code_of(school)}")
    await school.say(STRANGER, "ik wil dood")
    assert "113" in school.texts(STRANGER)
    await school.say(STRANGER, "Bo Bakker")
    assert (await school.run(people.find, STRANGER)).name == "Bo Bakker"


async def test_withdrawn_is_not_delivered_after(school: World) -> None:
    """After "ingetrokken" no older status comes."""
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Versturen")
    await Delivery(school.app, school.services).batch()
    await own_report(school, "Intrekken")
    await deliver(school)
    assert "is bezorgd" not in got(school, NOOR)


async def test_a_lost_receipt_is_given_again(world: World) -> None:
    """When the receipt failed, its repeat says that nobody can be reached."""
    world.pass_time(hours=8)
    await open_school(world, *STAFF)
    await fill_in(world, NOOR)
    world.telegram.fail("sendMessage", 500, description="Internal Server Error")
    await world.tap(NOOR, "Versturen")
    await deliver(world)
    assert "bewaard onder nummer" in world.texts(NOOR)


async def test_a_draft_that_was_wiped(school: World) -> None:
    """A report that was left for days says that it was not sent."""
    shown = await fill_in(school, NOOR)
    school.pass_time(days=3)
    await Upkeep(school.services).once()
    await school.tap(NOOR, "Versturen", shown)
    assert "niet verstuurd" in school.last(NOOR).text


async def test_sent_twice_at_once(school: World) -> None:
    """Two taps at the same moment are one report."""
    shown = await fill_in(school, NOOR)
    data = shown.data("Versturen")
    await asyncio.gather(*(school.press(NOOR, data, shown) for _ in range(2)))
    await deliver(school)
    assert len(await school.run(reports.mine, NOOR)) == 1


async def test_a_long_story_is_cut_openly(school: World) -> None:
    """A story that is longer than a report says that it was cut, and where."""
    text = "ik word gepest op insta door een jongen uit mijn klas. " * 60
    shown = await school.say(NOOR, text + "EINDE")
    label = next(label for label, data in shown.buttons if data.startswith("report"))
    before = len(school.telegram.chat(NOOR))
    await school.tap(NOOR, label)
    assert any("2500" in b.text for b in school.telegram.chat(NOOR)[before:])


async def test_a_prompt_left_open(school: World) -> None:
    """What a mentor types a day after "Antwoord" is not sent to the pupil."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    school.pass_time(hours=24)
    await school.say(VOS, "wat doe ik als Noor Bakker weer liegt over haar klasgenoten?")
    await deliver(school)
    assert "weer liegt" not in got(school, NOOR)


async def test_reopened_while_the_owner_is_away(school: World) -> None:
    """A report that is opened again while its owner is away goes to somebody who is here."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Afronden")
    await school.say(VOS, "klaar")
    await school.say(VOS, "/afwezig")
    await school.tap(VOS, "Een week")
    await school.tap(VOS, "Tom Timmer")
    await own_report(school, "Opnieuw openen")
    await deliver(school)
    assert "M-2026" in got(school, TIMMER) + got(school, DEMIR)


async def test_a_second_reader_buys_no_time(world: World) -> None:
    """The term runs from the first reading; a colleague's later one does not extend it."""
    await open_school(world)
    report_id = await report(world)
    await world.tap(VOS, "Lezen")
    due = (await world.run(row, report_id))["due_at"]
    world.pass_time(days=2)
    await world.tap(KOK, "Lezen")
    assert (await world.run(row, report_id))["due_at"] == due


async def test_status_in_the_pupils_language(school: World) -> None:
    """A pupil with an English Telegram reads every status in English."""
    school.langs[SEM] = "en"
    await school.say(SEM, "/report")
    await school.say(SEM, "someone keeps posting photos of me")
    for label in ("Instagram", "Yesterday", "Skip", "No", "No", "Send"):
        await school.tap(SEM, label)
    await deliver(school)
    assert "is bezorgd" not in got(school, SEM)


async def test_a_webhook_while_telegram_is_away(school: World) -> None:
    """Words that could not be answered are not settled: Telegram sends them again, they go once."""
    await report(school)
    await own_report(school, "Iets toevoegen")
    for _ in range(5):
        school.telegram.fail("sendMessage", 502, description="Bad Gateway")
    raw = {"update_id": 9000, "message": school._message(NOOR) | {"text": "ik wil dood"}}
    settled = await school.handling.now(raw)
    await deliver(school)
    assert settled is False or "ik wil dood" in got(school, VOS)
    assert await school.handling.now(raw) is True
    await deliver(school)
    assert got(school, VOS).count("ik wil dood") == 1


async def test_a_webhook_after_a_long_outage(school: World) -> None:
    """With a webhook too, who waits hears of an outage of more than a day, once."""
    await report(school)
    school.services.settings.__dict__["webhook_url"] = "https://school.example"
    upkeep = Upkeep(school.services)
    await upkeep.once()
    school.pass_time(hours=30)
    await upkeep.once()
    await deliver(school)
    assert OUTAGE in got(school, NOOR)
    school.pass_time(minutes=2)
    await upkeep.once()
    await deliver(school)
    assert got(school, NOOR).count(OUTAGE) == 1


async def test_upkeep_outlives_a_database_that_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a moment does not end upkeep, and with it the bot."""
    upkeep = Upkeep(world.services)
    tried = asyncio.Event()

    async def away(*_: object, **__: object) -> None:
        tried.set()
        raise OSError("away")

    monkeypatch.setattr(world.services.db, "run", away)
    task = asyncio.create_task(upkeep.run())
    await tried.wait()
    await asyncio.sleep(0)
    assert not task.done()
    upkeep.stop()
    await task
