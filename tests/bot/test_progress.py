"""The picture of progress, its words, and the calm streak."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.pictures import DARK, LIGHT, Line, bars, font
from bot.streak import weeks_in_a_row
from content.pack import Pack
from tests.bot.world import World

MONDAY = date(2026, 11, 23)


async def test_nothing_yet(world: World) -> None:
    """Who never played sees an invitation, not an empty picture."""
    bubble = await world.say(1, "/voortgang")
    assert "nog geen quiz" in bubble.text
    assert "photo" not in bubble.params


async def test_picture_with_words(world: World) -> None:
    """After a round a picture comes, with the same in words as its caption, in two themes."""
    await world.say(1, "/quiz")
    for _ in range(5):
        await world.vote(1, 0)
    light = await world.say(1, "/progress")
    assert "10 Wat er gebeurt na een overtreding" in light.text
    assert len(light.text) <= 1024
    dark = await world.tap(1, "Donkere plaat")
    assert dark.message_id != light.message_id
    assert "Lichte plaat" in [label for label, _ in dark.buttons]


@pytest.mark.parametrize(("dark", "ground"), [(False, LIGHT.ground), (True, DARK.ground)])
def test_themes(dark: bool, ground: str) -> None:
    """The picture is as wide as a phone shows well, on the ground of its theme."""
    png = bars(
        "Titel", [Line("1", "Een lange titel " * 9, 0.5, "!"), Line("2", "x", None)], dark=dark
    )
    image = Image.open(BytesIO(png))
    assert image.width == 900
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((2, 2))) == ground  # type: ignore[misc]


@pytest.mark.parametrize(
    ("back", "weeks"),
    [([], 0), ([0], 1), ([7], 1), ([0, 7, 14], 3), ([14], 0), ([0, 14], 1), ([3, 9, 12, 20], 4)],
)
def test_streak(back: list[int], weeks: int) -> None:
    """Weeks in a row count up to this week or the last; a gap of a week ends the count."""
    today = MONDAY + timedelta(days=4)
    assert weeks_in_a_row([today - timedelta(days=n) for n in back], today) == weeks


@given(st.lists(st.integers(0, 400), max_size=60))
def test_streak_is_never_more_than_the_weeks_played(back: list[int]) -> None:
    """The streak never counts a week in which nothing was played."""
    today = MONDAY + timedelta(days=2)
    days = [today - timedelta(days=n) for n in back]
    assert weeks_in_a_row(days, today) <= len({day.isocalendar()[:2] for day in days})


def test_every_letter_of_the_pack_can_be_drawn(pack: Pack) -> None:
    """Titles, questions, options and explanations hold no letter that the font does not have."""
    drawn = [text for rule in pack.rules for text in (rule.title.nl, rule.title.en)]
    for item in pack.quiz:
        for each in (item.question, item.explanation, *item.options):
            drawn += [each.nl, each.en]
    drawn += [text.in_(lang) for text in pack.texts.values() for lang in ("nl", "en")]
    missing = bytes(font(30).getmask("\uffff"))
    letters = {sign for text in drawn for sign in text if sign.isalpha()} | set("“”‘’–…%|!")
    assert [sign for sign in sorted(letters) if bytes(font(30).getmask(sign)) == missing] == []
