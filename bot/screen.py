"""What a view returns: text and buttons, with no connection to Telegram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from content.pack import Pack

CALLBACK_BYTES: Final = 64  # Bot API, InlineKeyboardButton.callback_data
ABREAST: Final = 5
ROW_SIGNS: Final = 22
"""Signs of all labels of a row together that a narrow phone shows whole."""


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: a press (``data``) or a link (``url``)."""

    label: str
    data: str = ""
    url: str | None = None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML text and rows of buttons; ``protect`` forbids forwarding and saving."""

    text: str
    rows: Rows = ()
    protect: bool = False
    silent: bool = False

    def with_rows(self, *rows: tuple[Button, ...]) -> Screen:
        """Return the same screen with more rows below."""
        return replace(self, rows=(*self.rows, *rows))

    @property
    def markup(self) -> InlineKeyboardMarkup | None:
        """Return the keyboard as the library wants it."""
        if not self.rows:
            return None
        return InlineKeyboardMarkup([[_button(button) for button in row] for row in self.rows])


class Speech:
    """The pack's bot texts in one language. Values are escaped: they may be a pupil's words."""

    def __init__(self, pack: Pack, lang: str) -> None:
        self.pack = pack
        self.lang = lang

    def __call__(self, key: str, **values: object) -> Html:
        """Return the text of ``key`` as HTML, with its values filled in."""
        safe = {
            name: value if isinstance(value, Html | int) else escape(str(value), quote=False)
            for name, value in values.items()
        }
        return Html(self.pack.text(key, self.lang, **safe))

    def after(self, key: str, **values: object) -> Html:
        """Return the text of ``key`` with a space before it: an addition within a line."""
        return Html(f" {self(key, **values)}")

    def label(self, key: str, **values: object) -> str:
        """Return the text of ``key`` for a button, a menu or an alert: plain, not HTML."""
        return self.pack.text(key, self.lang, **values)

    def button(self, key: str, data: str, **values: object) -> Button:
        """Return a button with the pack's label."""
        return Button(self.label(key, **values), data)


def in_rows(buttons: Iterable[Button]) -> Rows:
    """Set buttons beside each other: at most five, fewer where their labels are long."""
    rows: list[tuple[Button, ...]] = []
    row: tuple[Button, ...] = ()
    for button in buttons:
        if len(row) == ABREAST or sum(len(b.label) for b in (*row, button)) > ROW_SIGNS:
            rows.append(row)
            row = ()
        row = (*row, button)
    return tuple(each for each in (*rows, row) if each)


def _button(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)
