"""Odd input in a report: media, strange and long words, forged taps, failures."""

from __future__ import annotations

from typing import Any

import pytest

from bot import reporting
from storage import drafts, reports
from tests.bot.staffroom import (
    KOK,
    NOOR,
    VOS,
    WHAT,
    deliver,
    fill_in,
    got,
    open_school,
    report,
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


async def test_media_is_refused_and_its_caption_taken(school: World) -> None:
    """A picture is refused kindly and not fetched; the words under it count as the answer."""
    await school.say(NOOR, "/melden")
    shown = await school.send(NOOR, voice={"file_id": "canaryfile", "duration": 3})
    assert "geen foto's" in got(school, NOOR)
    assert "Wat is er gebeurd" in shown.text
    photo = [{"file_id": "canaryfile", "file_unique_id": "u", "width": 1, "height": 1}]
    shown = await school.send(NOOR, photo=photo, caption=WHAT)
    assert "Waar gebeurde" in shown.text
    assert not [call for call in school.telegram.calls if call.method == "getFile"]
    assert "canaryfile" not in str(await school.run(drafts.load, NOOR))


async def test_danger_under_a_picture(school: World) -> None:
    """Help lines come before the refusal of the picture, and the report is urgent."""
    await school.say(NOOR, "/melden")
    before = len(school.telegram.chat(NOOR))
    await school.send(NOOR, photo=[{"file_id": "canaryfile"}], caption="ik wil dood")
    first, second = school.telegram.chat(NOOR)[before : before + 2]
    assert "113" in first.text
    assert "geen foto's" in second.text
    draft = await school.run(drafts.load, NOOR)
    assert (draft.data["danger"], draft.data["what"]) == (True, "ik wil dood")


@pytest.mark.parametrize(
    "text", ["   ", "<b>dik</b> & <script>", "\u202erechts naar links", "😭" * 500, "a\x00b"]
)
async def test_odd_words(school: World, text: str) -> None:
    """HTML, right-to-left, emoji: stored verbatim and shown as words, to pupil and mentor."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, text)
    if not text.strip():
        assert "Wat is er gebeurd" in school.last(NOOR).text
        return
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "Nee", "Versturen"):
        await school.tap(NOOR, label)
    await deliver(school)
    card = await school.tap(VOS, "Lezen")
    assert text in card.text


async def test_the_longest_report_fits_every_card(two_mentors: World) -> None:
    """The longest answers fit the preview, the mentor's card and the pupil's; longer is refused."""
    school = two_mentors
    what = "&" * reporting.LONGEST_WHAT
    short = "~" + "<" * reporting.LONGEST_SHORT
    await school.say(NOOR, "/melden")
    assert str(reporting.LONGEST_WHAT) in (await school.say(NOOR, what + "&&")).text + got(
        school, NOOR
    )
    await school.say(NOOR, "/stop")
    await report(school, NOOR, what, app=short, when=short, who=short, danger="Ja")
    card = await school.tap(VOS, "Lezen")
    assert what in card.text
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, what)
    await deliver(school)
    card = await school.tap(VOS, "Lezen")
    assert what in card.text
    await school.say(NOOR, "/meldingen")
    assert what in (await school.tap(NOOR, "M-2026")).text


async def test_forged_data_of_the_own_dialogue(school: World) -> None:
    """Data that does not fit the step changes nothing and fails nothing."""
    await school.say(NOOR, "/melden")
    shown = await school.say(NOOR, WHAT)
    for data in ("preview:send", "class:x", "staff:x", "pick:x", "rule:99", "what:skip", "::"):
        version = (await school.run(drafts.load, NOOR)).version
        await school.press(NOOR, f"draft:{version}:{data}", shown)
        assert await school.run(reports.mine, NOOR) == ()
        assert "Waar gebeurde" in school.last(NOOR).text


async def test_old_button_shows_where_the_dialogue_is(school: World) -> None:
    """A tap on an earlier question changes no answer."""
    await school.say(NOOR, "/melden")
    first = await school.say(NOOR, WHAT)
    data = first.data("Snapchat")
    await school.tap(NOOR, "Instagram")
    shown = await school.press(NOOR, data, first)
    assert "Wanneer" in shown.text
    assert (await school.run(drafts.load, NOOR)).data["app"] == "Instagram"


async def test_telegram_down_while_sending(school: World) -> None:
    """Telegram fails on the receipt: the report is stored once and the pupil gets its number."""
    await fill_in(school, NOOR)
    school.telegram.fail("sendMessage", 500, description="Internal Server Error")
    await school.tap(NOOR, "Versturen")
    assert len(await school.run(reports.mine, NOOR)) == 1
    assert "M-2026-0001" in got(school, NOOR)
