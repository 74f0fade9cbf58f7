"""What ``doctor`` finds: a line each, with what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

from bot.settings import Settings

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and what was found; every finding that is not ok has a remedy."""

    what: str
    found: str
    state: State = "ok"
    remedy: str = ""


Check = Callable[[Settings], AsyncIterator[Finding]]


def ok(what: str, found: str) -> Finding:
    """All is well."""
    return Finding(what, found)


def note(what: str, found: str, remedy: str) -> Finding:
    """Works, but not as it should in a school."""
    return Finding(what, found, "note", remedy)


def wrong(what: str, found: str, remedy: str) -> Finding:
    """Has to be mended."""
    return Finding(what, found, "wrong", remedy)
