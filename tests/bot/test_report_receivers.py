"""To whom a report goes: class, staff whom it is about, two mentors, nobody."""

from __future__ import annotations

from typing import Any

import pytest

from bot import upkeep
from tests.bot.staffroom import (
    ADMIN,
    BOSMAN,
    DEMIR,
    KOK,
    MULDER,
    NOOR,
    SMIT,
    STRANGER,
    TIMMER,
    VOS,
    WHAT,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    row,
    sound,
)
from tests.bot.world import World


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b; after each test the sweep."""
    yield await open_school(world, KOK)
    sound(world)


@pytest.fixture
async def two_mentors(world: World) -> Any:
    """A school with two mentors for H3b."""
    yield await open_school(world)
    sound(world)


async def test_without_a_class(school: World) -> None:
    """A stranger gives a name and picks a class; the mentor's card says that it was picked."""
    await school.say(STRANGER, "/melden")
    await school.say(STRANGER, "Ali de Vries")
    await school.say(STRANGER, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "H3b", "Nee"):
        shown = await school.tap(STRANGER, label)
    assert "H3b (zelf gekozen) (nog niet bevestigd)" in shown.text
    await school.tap(STRANGER, "Versturen")
    await deliver(school)
    card = await school.tap(VOS, "Lezen")
    assert "Ali de Vries, H3b (zelf gekozen) (nog niet bevestigd)" in card.text


async def test_unknown_class_goes_to_the_coordinator(school: World) -> None:
    """Who taps "weet ik niet" for the class: the coordinator of the school gets it."""
    await school.say(STRANGER, "/melden")
    await school.say(STRANGER, "Ali de Vries")
    await school.say(STRANGER, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "Weet ik niet", "Nee"):
        shown = await school.tap(STRANGER, label)
    assert "Karel Smit" in shown.text


@pytest.mark.parametrize(
    ("what", "answers", "receiver", "never"),
    [
        (WHAT, {"staff": "Ja, mijn mentor", "sexual": "Nee"}, DEMIR, {VOS}),
        (WHAT, {"staff": "Ja, iemand anders", "staff_name": "~Tom Timmer", "sexual": "Nee"}, VOS,
         {TIMMER}),
        (WHAT, {"staff": "Ja, iemand anders", "staff_name": "Ik weet de naam niet",
                "sexual": "Nee"}, DEMIR, {VOS}),
        (WHAT, {"staff": "Ja, mijn mentor", "sexual": "Ja"}, BOSMAN, {VOS, DEMIR, SMIT}),
        (WHAT, {"who": "~mevrouw vos en sem", "staff": "Ja, Marit Vos", "sexual": "Nee"}, DEMIR,
         {VOS}),
        ("Mevrouw Vos pest mij", {"staff": "Overslaan", "sexual": "Nee"}, DEMIR, {VOS}),
        ("mijn mentor pest mij", {"staff": "Ja, Marit Vos", "sexual": "Nee"}, DEMIR, {VOS}),
        ("mevrouw Boosman doet raar", {"staff": "Ja, Ineke", "sexual": "Ja"}, MULDER, {BOSMAN}),
        ("de heer Smit en mevrouw Vos pesten mij", {"staff": "Ja, over allemaal",
                                                    "sexual": "Nee"}, DEMIR, {VOS, SMIT}),
    ],
)  # fmt: skip
async def test_about_staff(
    school: World, what: str, answers: dict[str, str], receiver: int, never: set[int]
) -> None:
    """Whom a report is about never gets it; a sexual one goes to the confidential person."""
    report_id = await report(school, NOOR, what, **answers)
    assert "M-2026-0001" in got(school, receiver)
    for _ in range(6):
        school.pass_time(days=9)
        await escalate(school)
    for account in never:
        assert got(school, account) == ""
    assert (await school.run(row, report_id))["steps"] == "staff"


@pytest.mark.parametrize(
    ("what", "answers", "steps"),
    [
        ("er gaat een naaktfoto van mij rond", {}, "sexual"),
        ("mijn vader slaat mij thuis elke dag", {}, "home"),
        ("ik wil dood", {}, "crisis"),
        (WHAT, {}, "rule"),
        ("een leraar betast mij", {"staff": "Overslaan", "sexual": "Ja"}, "staff"),
        ("een leraar betast mij", {"staff": "Nee"}, "sexual"),
    ],
)
async def test_steps_for_the_receiver(
    school: World, what: str, answers: dict[str, str], steps: str
) -> None:
    """The receiver is shown the steps of this kind of report, never just the general ones."""
    report_id = await report(school, NOOR, what, **answers)
    found = await school.run(row, report_id)
    assert found["steps"] == steps
    assert found["route"] == ("confidential" if steps == "staff" else "class")


async def escalate(world: World) -> None:
    """Let a missed term take its step, and deliver."""
    await upkeep.escalate(world.services)
    await deliver(world)


async def test_staff_named_later_reopens_the_question(school: World) -> None:
    """Changed words that name the mentor ask again about staff, even after "nee"."""
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "Wat er is gebeurd")
    shown = await school.say(NOOR, "mevrouw Vos zet fotos van mij online")
    assert "Gaat je melding over Marit Vos" in shown.text


async def test_unknown_name_of_staff_asks_again(school: World) -> None:
    """A name that is not known is asked again, with a way back and a way out."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Ja, iemand anders"):
        await school.tap(NOOR, label)
    shown = await school.say(NOOR, "meneer Xqzt")
    assert "Die naam ken ik niet" in got(school, NOOR)
    assert "Gaat het over iemand" in (await school.tap(NOOR, "Terug", shown)).text


async def test_about_one_of_two_mentors(two_mentors: World) -> None:
    """With two mentors both are passed over, unless the pupil picks the other one."""
    school = two_mentors
    shown = await fill_in(school, NOOR, "mevrouw Vos pest mij", staff="Ja, Marit Vos", sexual="Nee")
    assert "Aylin Demir" in shown.text
    shown = await school.tap(NOOR, "Toch naar Lotte Koekkoek")
    assert "Lotte Koekkoek (je mentor)" in shown.text
    await school.tap(NOOR, "Versturen", shown)
    await deliver(school)
    assert "M-2026-0001" in got(school, KOK)
    assert got(school, VOS) == ""


async def test_two_mentors_both_get_it_and_the_first_owns_it(two_mentors: World) -> None:
    """Both mentors are told; who acts first has it, the other hears that kindly."""
    school = two_mentors
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(KOK, "Lezen")
    await school.tap(VOS, "In behandeling")
    assert "collega" in (await school.tap(KOK, "In behandeling")).text


async def test_nobody_reachable(world: World) -> None:
    """Nobody has joined: the pupil is told before and after sending, the administrator warned."""
    await open_school(world, *{VOS, KOK, DEMIR, SMIT, BOSMAN, MULDER, TIMMER})
    shown = await fill_in(world, NOOR)
    assert "niemand van school bereiken" in shown.text
    receipt = await world.tap(NOOR, "Versturen")
    assert "niemand van school bereiken" in receipt.text
    await deliver(world)
    assert "M-2026-0001" in got(world, ADMIN)
    assert "insta" not in got(world, ADMIN)
    sound(world)
