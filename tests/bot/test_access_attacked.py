"""Letters that were found, posters that were photographed, phones that were borrowed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.upkeep import Upkeep, hand_over
from storage import access, classes, drafts, people, staff
from tests.bot.staffroom import (
    ADMIN,
    DEMIR,
    KOK,
    NOOR,
    PUPILS,
    SEM,
    STAFF,
    STRANGER,
    VOS,
    WHAT,
    class_id,
    deliver,
    fill_in,
    got,
    newest,
    open_school,
    report,
    row,
    sound,
    staff_id,
)
from tests.bot.world import World

THIEF, NEW_PHONE = 3001, 3002


@pytest.fixture
def settings() -> Settings:
    """Two administrators: one is the mentor Vos."""
    return Settings(token=SecretStr("1:test"), admin_ids=(ADMIN, VOS))


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b, after lessons; then the sweep."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def letter(world: World, account: int = DEMIR) -> str:
    """Return the personal link in a letter to a member of staff."""
    return f"/start s-{await world.run(access.invite, staff_id(account), world.time)}"


async def poster(world: World) -> str:
    """Return the link on a fresh poster of H3b."""
    expires = world.time + timedelta(days=30)
    new = await world.run(classes.new_code, class_id("H3b"), expires, world.time, renew=True)
    return f"/start c-{new}"


async def sees_nothing(world: World, who: int) -> None:
    """Assert that staff commands are closed, and nothing of anybody was ever shown."""
    for command in ("/klas", "/afwezig", "/meldingen"):
        await world.say(who, command)
    shown = got(world, who)
    for name, *_ in PUPILS.values():
        assert name not in shown
    assert "M-2026" not in shown
    assert await world.run(staff.by_telegram, who) is None


async def test_a_found_letter_opens_nothing(school: World) -> None:
    """Whoever finds it waits for a yes; the owner, too late, is told; a new letter ends the old."""
    await report(school)
    found = await letter(school)
    await school.say(THIEF, found)
    first_question = school.last(ADMIN)
    assert "Aylin Demir heeft de link" in got(school, VOS)
    await sees_nothing(school, THIEF)
    late = (await school.say(NEW_PHONE, found)).text
    assert "Welkom" not in late
    assert await school.run(staff.by_telegram, NEW_PHONE) is None
    fresh = await letter(school)
    await school.tap(ADMIN, "Bevestigen", first_question)
    assert "al afgehandeld" in school.last(ADMIN).text
    await school.say(THIEF, found)
    await school.say(THIEF, fresh[:-1])
    await sees_nothing(school, THIEF)
    await school.say(NEW_PHONE, fresh)
    await school.tap(ADMIN, "Bevestigen")
    assert (await school.run(staff.by_telegram, NEW_PHONE)).name == "Aylin Demir"
    await sees_nothing(school, THIEF)


async def test_a_letter_that_lay_about(school: World) -> None:
    """After seven days it opens nothing; nor does it after the administrator's no."""
    old = await letter(school)
    school.pass_time(days=7)
    assert "bevestigt je toegang" not in (await school.say(THIEF, old)).text
    assert await school.run(access.waiting) == ()
    fresh = await letter(school)
    await school.say(THIEF, fresh)
    await school.tap(ADMIN, "Weigeren")
    assert "bevestigt je toegang" not in (await school.say(NEW_PHONE, fresh)).text
    await sees_nothing(school, THIEF)


async def test_a_photographed_poster(school: World) -> None:
    """It makes a stranger an unconfirmed pupil at most; renewed or expired, not even that."""
    photo = await poster(school)
    await school.say(THIEF, photo)
    await school.say(THIEF, "Piet Puk")
    assert not (await school.run(people.find, THIEF)).confirmed
    await sees_nothing(school, THIEF)
    assert await school.run(classes.audience, class_id("H3b")) == ()
    await report(school, THIEF)
    assert "Piet Puk, H3b (nog niet bevestigd)" in (await school.tap(VOS, "Lezen")).text
    await poster(school)
    assert "werkt niet" in (await school.say(STRANGER, photo)).text
    fresh = await poster(school)
    school.pass_time(days=31)
    assert "werkt niet" in (await school.say(STRANGER, fresh)).text
    assert (
        await school.run(people.find, STRANGER) is None
        or not (await school.run(people.find, STRANGER)).class_id
    )


@pytest.mark.parametrize("name", ["Noor Bakker", "noor  BAKKER", "Nóór Bakker"])
async def test_a_second_account_under_a_confirmed_name(school: World, name: str) -> None:
    """It is flagged in the class and on every report; the pupils themselves see no such flag."""
    await school.run(classes.confirm_pupil, staff_id(VOS), class_id("H3b"), str(NOOR), school.time)
    await school.say(STRANGER, await poster(school))
    await school.say(STRANGER, name)
    assert "tweede account" in (await school.say(VOS, "/klas")).text
    await report(school, STRANGER)
    card = await school.tap(VOS, "Lezen")
    assert "(nog niet bevestigd) (let op: tweede account onder deze naam)" in card.text
    await report(school, NOOR)
    card = await school.tap(VOS, "Lezen")
    assert "Noor Bakker, H3b\n" in card.text
    assert "tweede account" not in card.text
    for who in (NOOR, STRANGER):
        await school.say(who, "/meldingen")
        await school.tap(who, "M-2026")
        assert "tweede account" not in got(school, who)


async def test_a_borrowed_phone_in_another_class(school: World) -> None:
    """Another name or class on a confirmed account needs a new confirmation."""
    await school.run(classes.confirm_pupil, staff_id(VOS), class_id("H3b"), str(SEM), school.time)
    await school.say(SEM, await poster(school))
    await school.say(SEM, "Noor Bakker")
    found = await school.run(people.find, SEM)
    assert (found.name, found.confirmed) == ("Noor Bakker", False)


async def test_guessing_is_stopped_for_that_account_only(school: World) -> None:
    """Ten wrong codes of either kind close the door for an hour, also for a right one."""
    right, good = await poster(school), await letter(school)
    for number in range(5):
        await school.say(THIEF, f"/start c-{number}gok")
        await school.say(THIEF, f"/start s-{number}gok")
    for link in (right, good):
        assert "te veel" in (await school.say(THIEF, link)).text
    assert await school.run(access.waiting) == ()
    assert "Hoe heet je" in (await school.say(STRANGER, right)).text
    school.pass_time(minutes=61)
    assert "Hoe heet je" in (await school.say(THIEF, right)).text


DIALOGUES = {
    "Antwoord": "dit mag niet aankomen",
    "Afronden": "dit mag niet aankomen",
}


@pytest.mark.parametrize("button", DIALOGUES)
async def test_revoked_in_the_middle_of_typing(school: World, button: str) -> None:
    """What a mentor types after losing access reaches nobody, and no dialogue is left open."""
    report_id = await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, button)
    await school.run(access.revoke, staff_id(VOS), school.time)
    await hand_over(school.services)
    await school.say(VOS, DIALOGUES[button])
    await deliver(school)
    assert "dit mag niet" not in got(school, NOOR)
    assert (await school.run(row, report_id))["state"] != "closed"
    assert await school.run(drafts.load, VOS) is None
    assert "insta" not in school.texts(VOS)
    for label in ("Antwoord", "In behandeling", "Doorzetten", "Afronden"):
        assert label not in {shown for b in school.telegram.chat(VOS) for shown, _ in b.buttons}


@pytest.mark.parametrize("first", ["revoke", "answer"])
async def test_revoked_while_the_answer_is_on_its_way(school: World, first: str) -> None:
    """At the same moment: the answer came first and is sent, or it is refused; never half."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    revoking = school.run(access.revoke, staff_id(VOS), school.time)
    answering = school.say(VOS, "op de valreep")
    both = (revoking, answering) if first == "revoke" else (answering, revoking)
    await asyncio.gather(*both)
    await deliver(school)
    told = "geen toegang" not in got(school, VOS)
    assert ("op de valreep" in got(school, NOOR)) is told
    assert first == "answer" or not told


async def test_revoked_while_confirming_a_pupil_or_giving_a_report_away(school: World) -> None:
    """Digits, hand-over and absence of somebody who lost access do nothing."""
    report_id = await report(school)
    await school.tap(VOS, "Lezen")
    offered = await school.tap(VOS, "Doorzetten")
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Code bevestigen")
    away = await school.say(VOS, "/afwezig")
    await school.run(access.revoke, staff_id(VOS), school.time)
    await school.say(VOS, str(NOOR))
    await school.tap(VOS, "Karel Smit", offered)
    await school.tap(VOS, "Een week", away)
    assert not (await school.run(people.find, NOOR)).confirmed
    assert (await school.run(row, report_id))["owner_id"] in {None, staff_id(VOS)}
    assert (await school.run(staff.by_id, staff_id(VOS))).absent_from is None


async def test_an_accused_administrator(world: World) -> None:
    """An administrator whom a report is about hears nothing of it, not even that nobody has it."""
    school = await open_school(world, *(set(STAFF) - {VOS}))
    await fill_in(
        school, NOOR, WHAT, staff="Ja, iemand anders", staff_name="~Marit Vos", sexual="Nee"
    )
    await school.say(VOS, "/stop")
    before = len(school.telegram.chat(VOS))
    await school.tap(NOOR, "Versturen")
    for _ in range(3):
        await deliver(school)
        school.pass_time(days=4)
        await Upkeep(school.services).once()
    number = (await school.run(row, await school.run(newest)))["number"]
    assert number in got(school, ADMIN)
    assert number not in got(school, VOS)
    later = [bubble.text for bubble in school.telegram.chat(VOS)[before:]]
    assert all("Niet elke melding uit" in text for text in later)  # of the roster, not of a report
    await school.say(VOS, "/meldingen")
    assert number not in got(school, VOS)
    sound(school)
