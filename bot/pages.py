"""A4 pages for the printer: black on white, 300 dots an inch, as PDF or PNG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Final, Literal

import segno
from PIL import Image, ImageDraw, ImageFont

from bot.pictures import FONT

DPI: Final = 300
WIDTH: Final = 2480
HEIGHT: Final = 3508
MARGIN: Final = 190
INNER: Final = WIDTH - 2 * MARGIN
LEADING: Final = 1.32
INK: Final = 0
Weight = Literal["plain", "bold"]


class Page:
    """One page; what is added stands below what was added before. Sizes in points."""

    def __init__(self) -> None:
        self.image = Image.new("L", (WIDTH, HEIGHT), 255)
        self._draw = ImageDraw.Draw(self.image)
        self.y = MARGIN

    @property
    def left(self) -> int:
        """Room that is left to the bottom margin, in dots."""
        return HEIGHT - MARGIN - self.y

    def text(
        self,
        text: str,
        size: float,
        *,
        weight: Weight = "plain",
        x: int = MARGIN,
        width: int = INNER,
        middle: bool = False,
    ) -> None:
        """Add a text, wrapped at ``width`` dots; each of its lines begins anew."""
        height = round(_dots(size) * LEADING)
        for line in text.split("\n"):
            for part in wrapped(line, size, width):
                at = (x + width // 2 if middle else x, self.y)
                bold = max(1, round(_dots(size) / 38)) if weight == "bold" else 0
                anchor = "ma" if middle else "la"
                font = _font(size)
                self._draw.text(at, part, INK, font, anchor=anchor, stroke_width=bold)
                self.y += height

    def points(self, lines: Sequence[str], size: float, *, x: int, width: int) -> None:
        """Add lines, each with a dot before it, and its further lines set in."""
        indent = round(_dots(size) * 0.9)
        for line in lines:
            dot, half = round(_dots(size) * 0.13), round(_dots(size) * 0.62)
            box = (x, self.y + half - dot, x + 2 * dot, self.y + half + dot)
            self._draw.ellipse(box, fill=INK)
            self.text(line, size, x=x + indent, width=width - indent)
            self.space(size * 0.18)

    def space(self, size: float) -> None:
        """Leave room of so many points."""
        self.y += round(_dots(size))

    def line(self) -> None:
        """Draw a thin line across the page."""
        self._draw.line((MARGIN, self.y, WIDTH - MARGIN, self.y), fill=INK, width=4)

    def code(self, link: str, side: int, x: int) -> int:
        """Draw a QR code of at most ``side`` dots at ``x``; return its side. Stays at this height.

        The quiet zone around it is part of it.
        """
        made = segno.make(link, error="m")
        modules = made.symbol_size(border=4)[0]
        scale = side // modules
        out = BytesIO()
        made.save(out, kind="png", scale=scale, border=4)
        drawn = Image.open(out).convert("L")
        self.image.paste(drawn, (x, self.y))
        return drawn.width


def as_png(page: Page) -> bytes:
    """Return a page as a picture."""
    out = BytesIO()
    _black(page).save(out, format="PNG", optimize=True, dpi=(DPI, DPI))
    return out.getvalue()


def as_pdf(pages: Iterable[Page]) -> bytes:
    """Return pages as PDF, compressed without loss; one after the other, as each takes 9 MB."""
    out = BytesIO()
    for number, page in enumerate(pages):
        out.seek(0)
        _black(page).save(out, format="PDF", resolution=float(DPI), append=number > 0)
    return out.getvalue()


def _black(page: Page) -> Image.Image:
    return page.image.point(lambda tone: 255 if tone > 140 else 0, "1")


def wrapped(text: str, size: float, width: int) -> Iterator[str]:
    """Break a line at spaces so that each part fits; a word that is too long stands alone."""
    font, part = _font(size), ""
    for word in text.split(" "):
        longer = f"{part} {word}" if part else word
        if part and font.getlength(longer) > width:
            yield part
            part = word
        else:
            part = longer
    yield part


def fitting(text: str, size: float, width: int) -> float:
    """Return ``size``, or the smaller one at which the text fits on one line."""
    length = _font(size).getlength(text)
    return size if length <= width else size * width / length


def _dots(size: float) -> float:
    return size * DPI / 72


@lru_cache(maxsize=32)
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, round(_dots(size)))
