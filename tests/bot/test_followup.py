"""What a pupil corrects or adds later: danger first, staff who are named lose the report."""

from __future__ import annotations

from typing import Any

import pytest

from storage import drafts
from tests.bot.staffroom import (
    BOSMAN,
    DEMIR,
    KOK,
    NOOR,
    SMIT,
    VOS,
    WHAT,
    deliver,
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
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def test_corrected_before_it_is_read(school: World) -> None:
    """Other words take the place of the first; about the mentor now: the mentor loses it."""
    await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Verbeteren")
    await school.say(NOOR, "het was op snapchat")
    await school.tap(NOOR, "Verbeteren")
    await school.say(NOOR, "mijn mentor zet fotos van mij online")
    assert "Gaat dit over Marit Vos" in school.last(NOOR).text
    await school.tap(NOOR, "Ja")
    await deliver(school)
    assert "geen toegang" in (await school.tap(VOS, "Lezen")).text
    assert "mijn mentor zet fotos" in (await school.tap(DEMIR, "Lezen")).text


@pytest.mark.parametrize(("answer", "mentor_gets"), [("Nee", True), ("Ja", False)])
async def test_addition_that_names_the_mentor(
    school: World, answer: str, mentor_gets: bool
) -> None:
    """Words that name the mentor wait until the pupil says whether they are about that person."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    shown = await school.say(NOOR, "mevrouw Vos deed zelf ook mee")
    await deliver(school)
    assert "deed zelf" not in got(school, VOS)
    await school.tap(NOOR, answer, shown)
    await deliver(school)
    assert ("deed zelf" in got(school, VOS)) is mentor_gets
    assert "Toegevoegd" in got(school, NOOR)
    if not mentor_gets:
        assert "insta" not in school.texts(VOS)
        assert "deed zelf" in (await school.tap(DEMIR, "Lezen")).text


@pytest.mark.parametrize("words", ["mijn mentor raakt me steeds aan", "een leraar betast mij"])
async def test_addition_that_is_sexual_and_about_staff(school: World, words: str) -> None:
    """It leaves everybody of the class at once, for the confidential person."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    await school.say(NOOR, words)
    await deliver(school)
    assert words not in got(school, VOS) + got(school, DEMIR) + got(school, SMIT)
    assert "insta" not in school.texts(VOS)
    assert words in (await school.tap(BOSMAN, "Lezen")).text


async def test_danger_in_an_addition(school: World) -> None:
    """Danger typed later: help lines first, and the report is urgent from then on."""
    report_id = await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    before = len(school.telegram.chat(NOOR))
    await school.say(NOOR, "ik wil dood")
    assert "113" in school.telegram.chat(NOOR)[before].text
    assert (await school.run(row, report_id))["urgent"] is True


async def test_closed_while_an_addition_is_typed(school: World) -> None:
    """The mentor closes while the pupil types: the pupil hears that it is too late, kindly."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    await school.tap(VOS, "Afronden")
    await school.say(VOS, "klaar")
    assert "Dat kan nu niet meer" in (await school.say(NOOR, "nog iets")).text


async def test_an_answer_does_not_throw_away_a_report_in_the_making(school: World) -> None:
    """A tap on "Antwoord" in the middle of a new report: the report stays, the pupil is told."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "kom je?")
    await deliver(school)
    relayed = school.last(NOOR)
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    assert "nog bezig met een melding" in (await school.tap(NOOR, "Antwoord", relayed)).text
    assert (await school.run(drafts.load, NOOR)).kind == "report"


async def test_words_that_wait_are_not_lost(school: World) -> None:
    """While a choice is open more words come with it, and a new report has to wait."""
    await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    await school.say(NOOR, "mevrouw Vos deed mee")
    assert "wacht nog op je antwoord" in (await school.say(NOOR, "/melden")).text
    await school.say(NOOR, "en Sem zag het")
    await school.tap(NOOR, "Nee")
    await deliver(school)
    assert "mevrouw Vos deed mee\nen Sem zag het" in got(school, VOS)


async def test_danger_that_names_staff_does_not_wait(school: World) -> None:
    """Danger goes at once, past whom it names, to the next person."""
    report_id = await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    await school.say(NOOR, "mevrouw Vos is boos en ik word bedreigd met een mes")
    await deliver(school)
    assert "Je noemde Marit Vos" in school.texts(NOOR)
    assert "met een mes" not in got(school, VOS)
    assert "met een mes" in (await school.tap(DEMIR, "Lezen")).text
    assert (await school.run(row, report_id))["urgent"] is True


async def test_addition_that_is_sexual_said_by_choice(school: World) -> None:
    """Words without danger that name staff: the pupil's own "iets seksueels" counts."""
    await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    await school.say(NOOR, "mevrouw Vos deed mee")
    await school.tap(NOOR, "Ja, en het is")
    await deliver(school)
    assert "deed mee" not in got(school, VOS) + got(school, DEMIR) + got(school, SMIT)
    assert "deed mee" in (await school.tap(BOSMAN, "Lezen")).text
