"""Results of a class as a picture for the phone and as pages for the lesson. Drawn with Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from bot.pictures import DARK, LIGHT, MARGIN, WIDTH, Theme, font

if TYPE_CHECKING:
    from PIL import Image

TALLEST: Final = 6000
PAGE: Final = 1273  # A4 beside a width of 900
PDF_SCALE: Final = 2
PDF_DPI: Final = 218.0  # 1800 pixels over 210 mm
INNER: Final = WIDTH - 2 * MARGIN
BAR: Final = 24


@dataclass(frozen=True, slots=True)
class RuleBar:
    """One rule: ``share`` right now and in the previous quiz, 0 to 1."""

    label: str
    title: str
    share: float
    before: float | None = None


@dataclass(frozen=True, slots=True)
class ItemBar:
    """One question: its share right, the wrong answer chosen most, and what to talk about."""

    question: str
    share: float
    wrong: str = ""
    talk: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that stands in a chart, in words that a person reads."""

    title: str
    summary: str
    rules: Sequence[RuleBar]
    items: Sequence[ItemBar]
    legend: str = ""


def png(chart: Chart, *, dark: bool = False) -> bytes:
    """Draw the chart as one picture, as high as it needs, and return a PNG."""
    sheet = Sheet(DARK if dark else LIGHT, TALLEST)
    _draw(sheet, chart, talk=False)
    out = BytesIO()
    sheet.page.crop((0, 0, WIDTH, sheet.y + 24)).save(out, format="PNG", optimize=True)
    return out.getvalue()


def pdf(chart: Chart) -> bytes:
    """Draw the chart with its talking points on pages of A4 and return a PDF."""
    sheet = Sheet(LIGHT, PAGE, scale=PDF_SCALE)
    _draw(sheet, chart, talk=True)
    out = BytesIO()
    first, *more = sheet.pages
    first.save(out, format="PDF", save_all=True, append_images=more, resolution=PDF_DPI)
    return out.getvalue()


class Sheet:
    """Pages that are filled from top to bottom; all measures before scaling."""

    def __init__(self, theme: Theme, height: int, *, scale: int = 1) -> None:
        self.theme, self._height, self._scale = theme, height, scale
        self.pages: list[Image.Image] = []
        self._new_page()

    def _new_page(self) -> None:
        from PIL import Image, ImageDraw

        size = WIDTH * self._scale, self._height * self._scale
        self.page = Image.new("RGB", size, self.theme.ground)
        self._draw = ImageDraw.Draw(self.page)
        self.pages.append(self.page)
        self.y = 34

    def keep(self, height: int) -> None:
        """Go to a new page unless so much still fits on this one."""
        if self.y + height > self._height - MARGIN and self.y > 34:
            self._new_page()

    def text(
        self, words: str, size: int, colour: str, *, left: int = MARGIN, width: int = INNER
    ) -> None:
        """Write words, wrapped to ``width``, and go below them."""
        for line in self.wrapped(words, size, width):
            self.write(line, size, colour, left, self.y)
            self.y += round(size * 1.35)

    def write(self, line: str, size: int, colour: str, left: int, top: int) -> None:
        """Write one line at a place."""
        at = left * self._scale, top * self._scale
        self._draw.text(at, line, font=font(size * self._scale), fill=colour)

    def wrapped(self, words: str, size: int, width: int) -> list[str]:
        """Return ``words`` in lines that are at most ``width`` wide."""
        lines, used = [""], font(size * self._scale)
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._draw.textlength(longer, font=used) > width * self._scale:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def bar(self, share: float, before: float | None, left: int, top: int) -> None:
        """Draw a bar with its percentage; a stroke marks the share before."""
        right = WIDTH - MARGIN - 92
        self._box(left, top, right, self.theme.empty)
        if share > 0:
            self._box(left, top, left + max(BAR, round((right - left) * share)), self.theme.full)
        if before is not None:
            x, s = left + round((right - left) * before), self._scale
            box = ((x - 3) * s, (top - 6) * s, (x + 3) * s, (top + BAR + 6) * s)
            self._draw.rectangle(box, fill=self.theme.mark)
        self.write(f"{round(share * 100)}%", 28, self.theme.text, right + 18, top - 6)

    def _box(self, left: int, top: int, right: int, colour: str) -> None:
        s = self._scale
        box = (left * s, top * s, right * s, (top + BAR) * s)
        self._draw.rounded_rectangle(box, radius=BAR * s // 2, fill=colour)


def _draw(sheet: Sheet, chart: Chart, *, talk: bool) -> None:
    sheet.text(chart.title, 40, sheet.theme.text)
    sheet.text(chart.summary, 27, sheet.theme.faint)
    sheet.y += 22
    for rule in chart.rules:
        _rule(sheet, rule)
    if chart.legend:
        sheet.text(chart.legend, 24, sheet.theme.mark)
    sheet.y += 22
    for number, item in enumerate(chart.items, start=1):
        _item(sheet, number, item, talk=talk)


def _rule(sheet: Sheet, rule: RuleBar) -> None:
    sheet.keep(60)
    top = sheet.y
    sheet.write(rule.label, 28, sheet.theme.text, MARGIN, top)
    title = sheet.wrapped(rule.title, 26, 400)[:1]
    sheet.write(title[0], 26, sheet.theme.text, MARGIN + 56, top + 1)
    sheet.bar(rule.share, rule.before, 510, top + 6)
    sheet.y = top + 56


def _item(sheet: Sheet, number: int, item: ItemBar, *, talk: bool) -> None:
    parts = [(item.question, 26), (item.wrong, 24), (item.talk if talk else "", 24)]
    sheet.keep(sum(len(sheet.wrapped(words, size, INNER)) * 36 for words, size in parts) + 66)
    sheet.text(f"{number}. {item.question}", 26, sheet.theme.text)
    sheet.y += 10
    sheet.bar(item.share, None, MARGIN, sheet.y)
    sheet.y += BAR + 12
    if item.wrong:
        sheet.text(item.wrong, 24, sheet.theme.mark)
    if item.talk and talk:
        sheet.text(item.talk, 24, sheet.theme.faint)
    sheet.y += 26
