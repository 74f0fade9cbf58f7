"""Long lists in pages: Telegram takes at most a hundred buttons under a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from bot.screen import Button, Rows, Speech

T = TypeVar("T")

ROWS: Final = 20
"""Rows of one page: with four buttons a row, and some below, under a hundred buttons."""
MARK: Final = "~"
"""Begins the number of a page in a button's data; no id and no label of a rule has it."""


def number_of(data: str) -> int | None:
    """Return which page a part of a button's data asks for (``~2``); None when it asks for none."""
    number = data.removeprefix(MARK)
    asked = data.startswith(MARK) and number.isascii() and number.isdigit() and len(number) < 5
    return int(number) if asked else None


def part(items: Sequence[T], page: int, size: int = ROWS) -> Sequence[T]:
    """Return the items of one page; of the last one when there are fewer pages by now."""
    first = _within(len(items), page, size) * size
    return items[first : first + size]


def turns(say: Speech, count: int, page: int, data: Callable[[str], str], size: int = ROWS) -> Rows:
    """Return the row that turns the page, or none. ``data`` makes a button's data of ``~2``."""
    page, last = _within(count, page, size), _last(count, size)
    buttons: list[Button] = []
    if page > 0:
        buttons.append(say.button("page.earlier", data(f"{MARK}{page - 1}")))
    if page < last:
        shown = {"page": page + 2, "pages": last + 1}
        buttons.append(say.button("page.later", data(f"{MARK}{page + 1}"), **shown))
    return (tuple(buttons),) if buttons else ()


def paged(say: Speech, rows: Rows, page: int, data: Callable[[str], str]) -> Rows:
    """Return the rows of one page with the row that turns it."""
    return (*part(rows, page), *turns(say, len(rows), page, data))


def abreast(buttons: Sequence[Button], width: int) -> Rows:
    """Return buttons in rows of exactly ``width``."""
    return tuple(tuple(buttons[n : n + width]) for n in range(0, len(buttons), width))


def _last(count: int, size: int) -> int:
    return max(0, (count - 1) // size)


def _within(count: int, page: int, size: int) -> int:
    return min(max(page, 0), _last(count, size))
