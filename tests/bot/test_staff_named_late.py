"""Staff who are named after the question about them was answered still get nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.orm import Session

from storage import drafts
from storage.tables import Post
from tests.bot.staffroom import (
    DEMIR,
    KOK,
    NOOR,
    SMIT,
    STRANGER,
    TIMMER,
    VOS,
    WHAT,
    class_id,
    deliver,
    fill_in,
    got,
    newest,
    open_school,
    report,
    sound,
    staff_id,
)
from tests.bot.world import World

TOUCHING = ["een leraar betast mij", "mijn mentor raakt me steeds aan"]


@pytest.fixture
async def school(world: World) -> AsyncIterator[World]:
    """H3b with one mentor, after school hours."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def test_words_changed_after_no(school: World) -> None:
    """Changed words that accuse the mentor, thanked at first, bring the question back."""
    await fill_in(school, NOOR, "ik heb mijn mentor verteld dat iemand fotos van mij op insta zet")
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "Wat er is gebeurd")
    shown = await school.say(NOOR, "mijn mentor zet steeds fotos van mij op insta")
    assert "Gaat je melding over Marit Vos" in shown.text


@pytest.mark.parametrize(("typed", "gets"), [("nee", True), ("Ja!", False)])
async def test_typed_answer_about_words_that_wait(school: World, typed: str, gets: bool) -> None:
    """Added words that name staff wait for a yes or no; typed, it is taken like the button."""
    await report(school)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026-0001")
    await school.tap(NOOR, "Iets toevoegen")
    assert "Gaat dit over Marit Vos" in (await school.say(NOOR, "marit vos was erbij")).text
    await school.say(NOOR, typed)
    await deliver(school)
    assert ("marit vos was erbij" in got(school, VOS)) is gets
    assert typed not in got(school, VOS) + got(school, SMIT)


@pytest.mark.parametrize("words", TOUCHING)
async def test_a_sexual_matter_changed_after_no(school: World, words: str) -> None:
    """After a "no", words about touching by staff bring the question back before the preview."""
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "Wat er is gebeurd")
    shown = await school.say(NOOR, words)
    assert "Gaat" in shown.text
    assert "Naar:" not in shown.text


@pytest.mark.parametrize("words", TOUCHING)
async def test_a_sexual_matter_typed_at_the_preview(school: World, words: str) -> None:
    """Typed at the preview, they take the mentor off it."""
    await fill_in(school, NOOR)
    shown = await school.say(NOOR, words)
    assert "Naar: Marit Vos" not in shown.text


async def test_another_danger_does_not_make_it_forgotten(school: World) -> None:
    """Danger told later does not undo that the report is about touching by staff."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, "een leraar betast mij")
    await school.tap(NOOR, "Instagram")
    await school.tap(NOOR, "Gisteren")
    await school.say(NOOR, "ik wil dood")
    await school.tap(NOOR, "Overslaan")
    assert "Naar: Marit Vos" not in school.last(NOOR).text


async def test_danger_told_at_the_name(school: World) -> None:
    """Danger typed where a name was asked is kept, and whom it names is recognised."""
    await school.say(STRANGER, "/melden")
    await school.say(STRANGER, "mevrouw Vos slaat mij elke dag en ik wil dood")
    shown = await school.say(STRANGER, "Bo Bakker")
    for label in ("Instagram", "Gisteren", "Overslaan"):
        shown = await school.tap(STRANGER, label)
    assert "Marit Vos" in shown.text


async def test_danger_told_too_long(school: World) -> None:
    """A story that is too long still shuts out whom it names."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, "mevrouw Vos slaat mij elke dag en ik wil dood. " + "bla " * 650)
    for label in ("Instagram", "Gisteren", "Overslaan", "Overslaan"):
        shown = await school.tap(NOOR, label)
    assert "Naar: Marit Vos" not in shown.text


async def test_who_stands_in_for_the_accused(school: World) -> None:
    """When the absent mentor turns out to be accused, the stand-in gets no more of it."""
    await school.say(VOS, "/afwezig")
    await school.tap(VOS, "Een week")
    await school.tap(VOS, "Tom Timmer")
    await report(school)
    assert "insta" in (await school.tap(TIMMER, "Lezen")).text
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Iets toevoegen")
    shown = await school.say(NOOR, "mevrouw Vos deed zelf ook mee")
    await school.tap(NOOR, "Ja", shown)
    await deliver(school)
    assert "deed zelf" not in got(school, TIMMER)


async def test_my_mentor_of_an_unknown_class(world: World) -> None:
    """With the class unknown, "my mentor" may be a coordinator who is a mentor too."""
    world.pass_time(hours=8)
    await open_school(world)

    def also_a_mentor(session: Session) -> None:
        post = Post(staff_id=staff_id(SMIT), role="mentor", class_id=class_id("V5a"), rank=9)
        session.add(post)

    await world.run(also_a_mentor)
    await world.say(STRANGER, "/melden")
    await world.say(STRANGER, "Bo Bakker")
    await world.say(STRANGER, "mijn mentor zet steeds fotos van mij op insta")
    labels = ("Instagram", "Gisteren", "Overslaan", "Ja, mijn mentor", "Nee", "Weet ik niet", "Nee")
    for label in labels:
        shown = await world.tap(STRANGER, label)
    assert "Karel Smit" not in shown.text


@pytest.mark.parametrize(
    ("told", "said", "accused"),
    [
        ("mevrouw Vos zet steeds fotos van mij op insta", "ja en meneer Smit ook", {VOS, SMIT}),
        ("mevrouw Vos zet steeds fotos van mij op insta", "ja, en mevrouw Demir", {VOS, DEMIR}),
        ("meneer Smit zet steeds fotos van mij op insta", "ja, hij en mijn mentor", {SMIT, VOS}),
        (WHAT, "ja mijn mentor en meneer Smit", {VOS, SMIT}),
    ],
)
async def test_a_typed_yes_adds(school: World, told: str, said: str, accused: set[int]) -> None:
    """A typed yes is about all who were recognised, and all whom it names or calls "my mentor"."""
    await to_staff(school, NOOR, told)
    await school.say(NOOR, said)
    draft = await school.run(drafts.load, NOOR)
    assert set(draft.data["staff"]) == {staff_id(each) for each in accused}


async def test_a_typed_yes_never_sends_it_to_the_accused(school: World) -> None:
    """Who was recognised gets nothing when the pupil types a yes that names a second person."""
    await to_staff(school, NOOR, "mevrouw Vos zet steeds fotos van mij op insta")
    shown = await school.say(NOOR, "ja en meneer Smit ook")
    while "Dit wordt verstuurd" not in shown.text:
        shown = await school.tap(NOOR, "Nee")
    await school.tap(NOOR, "Versturen")
    await deliver(school)
    assert await school.run(newest)
    assert got(school, VOS) + got(school, SMIT) == ""


async def test_a_typed_yes_about_an_unknown_mentor_too(school: World) -> None:
    """With the class unknown, both who was recognised and the mentor of it are shut out."""
    await school.say(STRANGER, "/melden")
    await school.say(STRANGER, "Bo Bakker")
    await school.say(STRANGER, "meneer Smit zet steeds fotos van mij op insta")
    for label in ("Instagram", "Gisteren", "Overslaan"):
        await school.tap(STRANGER, label)
    await school.say(STRANGER, "ja, hij en mijn mentor")
    draft = await school.run(drafts.load, STRANGER)
    assert draft.data["staff"] == [staff_id(SMIT)]
    assert draft.data["staff_unknown"] is True
    for label in ("Nee", "H3b", "Nee"):
        shown = await school.tap(STRANGER, label)
    assert "Naar: Aylin Demir" in shown.text


async def to_staff(school: World, who: int, told: str) -> None:
    """Answer up to the question whether it is about staff."""
    await school.say(who, "/melden")
    await school.say(who, told)
    for label in ("Instagram", "Gisteren", "Overslaan"):
        await school.tap(who, label)
