"""Links and QR codes, the poster of a class, the letter of a member of staff."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from bot.errors import BotError
from bot.files import write_private
from bot.screen import Speech
from bot.views.report import helper
from content.pack import OPENING

if TYPE_CHECKING:
    from bot.pages import Page

Kind = Literal["svg", "png", "pdf"]
SCALE: Final = 8
BORDER: Final = 4
CODE: Final = 1150
"""Side of the QR code on paper in dots: about ten centimetres."""
QUIET: Final = 90
"""About the white border of the code, which may stand in the margin."""
ROOMY: Final = 12
MOST_RULES: Final = 30


def class_link(username: str, code: str) -> str:
    """Return the deep link of a class (core.telegram.org/bots/features#deep-linking)."""
    return f"https://t.me/{username}?start=c-{code}"


def staff_link(username: str, code: str) -> str:
    """Return the personal link of a member of staff."""
    return f"https://t.me/{username}?start=s-{code}"


def qr_png(link: str) -> bytes:
    """Return a QR code as PNG."""
    import segno

    out = BytesIO()
    segno.make(link, error="m").save(out, kind="png", scale=SCALE, border=BORDER)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a letter is for; ``label``: the class, empty for the whole school."""

    name: str
    role: str
    label: str
    link: str


def poster(say: Speech, username: str, link: str, label: str, kind: Kind) -> bytes:
    """Return the poster of a class as ``kind``; as svg only its QR code with the label below."""
    if kind == "svg":
        return _svg(link, label).encode()
    from bot.pages import as_pdf, as_png

    page = class_page(say, username, link, label)
    return as_png(page) if kind == "png" else as_pdf([page])


def posters(say: Speech, username: str, links: Iterable[tuple[str, str]]) -> bytes:
    """Return a PDF with a page for each class; ``links``: label and link."""
    from bot.pages import as_pdf

    return as_pdf(class_page(say, username, link, label) for label, link in links)


def class_page(say: Speech, username: str, link: str, label: str) -> Page:
    """Draw the poster of a class: how to join, the rules in short, what the bot keeps."""
    from bot.pages import INNER, MARGIN, Page, fitting

    page = Page()
    page.text(say.pack.school.full_name, 15)
    page.text(say.label("poster.ask"), 46, weight="bold")
    page.space(8)
    top, side = page.y, page.code(link, CODE, MARGIN - QUIET)
    x = MARGIN + side - QUIET
    width = MARGIN + INNER - x
    page.space(14)
    title = say.label("poster.class", label=label)
    page.text(title, fitting(title, 30, width), weight="bold", x=x, width=width)
    page.space(8)
    page.text(say.label("poster.how"), 16, weight="bold", x=x, width=width)
    page.space(4)
    page.text(say.label("poster.steps"), 15, x=x, width=width)
    page.space(6)
    page.text(say.label("poster.without", username=username), 12, x=x, width=width)
    page.y = max(page.y, top + side)
    page.space(4)
    page.line()
    page.space(12)
    _rules(say, page)
    page.space(10)
    page.text(say.label("poster.kept"), 16, weight="bold")
    page.space(4)
    page.points(say.label("poster.keeps").split("\n"), 12, x=MARGIN, width=INNER)
    page.space(6)
    page.text(say.label("poster.danger", line=helper(say)), 14, weight="bold")
    return page


def _rules(say: Speech, page: Page) -> None:
    """List the rules in two columns, as large as they fit."""
    from bot.pages import INNER, MARGIN

    page.text(say.label("poster.rules"), 16, weight="bold")
    page.space(4)
    lines = [
        say.label("poster.rule", rule=rule.id, title=rule.title.in_(say.lang))
        for rule in say.pack.rules
        if rule.id != OPENING
    ][:MOST_RULES]
    size = 14 if len(lines) <= ROOMY else 11
    top, lowest, half = page.y, page.y, (len(lines) + 1) // 2
    for column, part in enumerate((lines[:half], lines[half:])):
        page.y = top
        for line in part:
            page.text(line, size, x=MARGIN + column * (INNER // 2), width=INNER // 2 - QUIET)
            page.space(size * 0.25)
        lowest = max(lowest, page.y)
    page.y = lowest


def letter(say: Speech, to: Receiver) -> bytes:
    """Return the personal letter of a member of staff as PDF."""
    from bot.pages import INNER, MARGIN, Page, as_pdf

    page = Page()
    page.text(say.pack.school.full_name, 13)
    page.space(14)
    page.text(say.label("letter.title"), 24, weight="bold")
    page.space(16)
    page.text(say.label("letter.hello", name=to.name), 13)
    page.space(8)
    role = say.label(f"case.role.{to.role}")
    page.text(say.label("letter.why", role=f"{role} ({to.label})" if to.label else role), 13)
    page.space(14)
    page.text(say.label("letter.how"), 16, weight="bold")
    page.space(4)
    page.text(say.label("letter.steps"), 13)
    page.space(6)
    page.y += page.code(to.link, CODE * 3 // 4, MARGIN - QUIET)
    page.text(to.link, 9)
    page.space(6)
    page.text(say.label("letter.link"), 13, weight="bold")
    page.space(14)
    page.text(say.label("letter.then"), 16, weight="bold")
    page.space(4)
    page.points(say.label("letter.work").split("\n"), 13, x=MARGIN, width=INNER)
    page.space(8)
    page.text(say.label("letter.lost"), 13)
    return as_pdf([page])


def _svg(link: str, label: str) -> str:
    import segno

    code = segno.make(link, error="m")
    side = code.symbol_size(border=BORDER)[0]
    drawing = code.svg_inline(border=BORDER, omitsize=True, light="#fff")
    height = side + side // 6
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}"'
        f' width="{side * SCALE}" height="{height * SCALE}">'
        f'<rect width="{side}" height="{height}" fill="#fff"/>'
        f'<svg width="{side}" height="{side}">{drawing}</svg>'
        f'<text x="{side / 2}" y="{side + side // 9}" font-family="sans-serif"'
        f' font-size="{side // 9}" text-anchor="middle">{escape(label)}</text></svg>\n'
    )


def check_writable(path: Path, *, private: bool = False) -> None:
    """Raise BotError unless a file can be saved at ``path``; creates and changes nothing."""
    needed = {path.resolve().parent} if private else set()  # where the new file is made
    needed.add(path if path.exists() else path.parent)
    if path.is_dir() or not all(each.exists() and os.access(each, os.W_OK) for each in needed):
        raise BotError(f"{path}: cannot be written")


def save(data: bytes, path: Path, *, private: bool = False) -> None:
    """Write a file; ``private``: for its owner's eyes. Raises BotError when that fails."""
    try:
        if private:
            write_private(path, data)
        else:
            path.write_bytes(data)
    except OSError as error:
        raise BotError(f"{path}: {error.strerror}") from None
