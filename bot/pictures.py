"""Pictures: progress of one pupil, results of a class. Drawn with Pillow, readable on a phone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # imported where something is drawn: most processes never do
    from PIL import ImageDraw, ImageFont

WIDTH: Final = 900
ROW: Final = 78
TOP: Final = 110
MARGIN: Final = 36
BAR_LEFT: Final = 560
BAR: Final = 26
LABEL: Final = 44
GAP: Final = 18
FONT: Final = Path(__file__).parent / "fonts" / "DejaVuSans-latin.ttf"
WIDE: Final = 0.88
"""The font is wider than others of its height."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours; contrast of text on background is above 7:1 in both themes."""

    ground: str
    text: str
    faint: str
    empty: str
    full: str
    mark: str


LIGHT: Final = Theme("#ffffff", "#1d2733", "#51606f", "#dfe5ea", "#1f7a5c", "#b4530a")
DARK: Final = Theme("#17212b", "#f2f5f7", "#b6c2cc", "#2f3d4a", "#57c79d", "#ffb35c")


@dataclass(frozen=True, slots=True)
class Line:
    """One bar: ``share`` from 0 to 1, None where there is nothing; ``mark`` stands behind it."""

    label: str
    title: str
    share: float | None
    mark: str = ""


def bars(title: str, lines: Sequence[Line], *, dark: bool = False, foot: str = "") -> bytes:
    """Draw labelled bars below each other and return a PNG."""
    theme = DARK if dark else LIGHT
    height = TOP + ROW * len(lines) + (70 if foot else 30)
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, height), theme.ground)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, 34), title, font=font(40), fill=theme.text)
    labels = [math.ceil(draw.textlength(line.label, font=font(30))) for line in lines]
    indent = max(LABEL, *labels, 0) + GAP
    for number, line in enumerate(lines):
        _line(draw, TOP + number * ROW, line, theme, MARGIN + indent)
    if foot:
        draw.text((MARGIN, height - 56), foot, font=font(26), fill=theme.faint)
    out = BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _line(draw: ImageDraw.ImageDraw, y: int, line: Line, theme: Theme, left: int) -> None:
    draw.text((MARGIN, y + 8), line.label, font=font(30), fill=theme.text)
    title = _fit(draw, line.title, BAR_LEFT - left - GAP)
    draw.text((left, y + 10), title, font=font(27), fill=theme.text)
    right = WIDTH - MARGIN - 60
    box = (BAR_LEFT, y + 12, right, y + 12 + BAR)
    draw.rounded_rectangle(box, radius=BAR // 2, fill=theme.empty)
    if line.share is not None:
        end = BAR_LEFT + max(BAR, round((right - BAR_LEFT) * min(1.0, line.share)))
        draw.rounded_rectangle((BAR_LEFT, y + 12, end, y + 12 + BAR), BAR // 2, fill=theme.full)
    if line.mark:
        draw.text((right + 14, y + 8), line.mark, font=font(28), fill=theme.mark)


def _fit(draw: ImageDraw.ImageDraw, text: str, width: int) -> str:
    used = font(27)
    if draw.textlength(text, font=used) <= width:
        return text
    while text and draw.textlength(text + "…", font=used) > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the font for a line about so many pixels high: Pillow's own has no é."""
    from PIL import ImageFont

    return ImageFont.truetype(FONT, round(size * WIDE))
