"""What is printed: the poster of a class and the letter of a member of staff."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from bot import pages
from bot.pages import HEIGHT, MARGIN, WIDTH, Page, fitting, wrapped
from bot.posters import Receiver, class_link, class_page, letter, poster, staff_link
from bot.screen import Speech
from content.loader import load_pack
from content.pack import Pack

NAME: Final = "A_bot_with_a_name_of_32_signs_bot"
CODE: Final = "x" * 22
HARBOUR: Final = Path(__file__).parents[1] / "data" / "harbour"


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("label", ["H3b", "Havo 3 bovenbouw, groep b-extra"])
def test_a_poster_fits_its_page(pack: Pack, lang: str, label: str) -> None:
    """Whatever class and language: all stands within the margins of one A4 page."""
    for each in (pack, load_pack(HARBOUR)):
        page = class_page(Speech(each, lang), NAME, class_link(NAME, CODE), label)
        assert page.left > 0
        dark = page.image.point(lambda tone: 255 - tone).getbbox()
        assert dark is not None
        assert dark[0] >= MARGIN // 2
        assert dark[2] <= WIDTH - MARGIN // 2


def test_a_letter_fits_its_page(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long name and several classes too."""
    drawn: list[Page] = []
    as_pdf = pages.as_pdf

    def noted(made: list[Page]) -> bytes:
        drawn.extend(made)
        return as_pdf(made)

    monkeypatch.setattr(pages, "as_pdf", noted)
    name = "Anna-Sophia van der Meulen-Vlasblom"
    to = Receiver(name, "coordinator", "H3a, H3b, H3c, V3a, V3b", staff_link(NAME, CODE))
    for lang in ("nl", "en"):
        assert letter(Speech(pack, lang), to).startswith(b"%PDF")
    assert [page.left > 0 for page in drawn] == [True, True]


def test_the_code_is_readable(pack: Pack) -> None:
    """The code on paper is pure black and white, with its quiet zone, ten centimetres wide."""
    data = poster(Speech(pack, "nl"), NAME, class_link(NAME, CODE), "H3b", "png")
    picture = Image.open(BytesIO(data))
    assert (picture.size, picture.mode) == ((WIDTH, HEIGHT), "1")
    page = Page()
    side = page.code(class_link(NAME, CODE), 1150, 0)
    assert 1000 < side <= 1150
    quiet = page.image.crop((0, page.y, side, page.y + side // 20))
    assert quiet.getextrema() == (255, 255)


def test_words_wrap() -> None:
    """Lines break at spaces; a word that is too long stands alone; a heading shrinks to fit."""
    assert list(wrapped("een twee drie", 12, 10_000)) == ["een twee drie"]
    assert list(wrapped("een twee", 12, 10)) == ["een", "twee"]
    assert list(wrapped("", 12, 10)) == [""]
    assert fitting("H3b", 30, 10_000) == 30
    assert fitting("H3b" * 50, 30, 1000) < 10
