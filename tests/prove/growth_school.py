"""The school of ``growth``: how much of it there is, and who is who in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.storage.rows import WHEN

PER_CLASS: Final = 25
OPEN_EVERY: Final = 250
"""One report in so many is open: ten each for every tenth class."""
DAYS: Final = 200
PUPIL: Final = 10_000_000
STAFF: Final = 20_000_000


def ident(kind: str, number: int) -> str:
    """Return the id of row ``number`` of a kind: spread like the program's own ids."""
    return hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Size:
    """How much there is; ``reports`` counts reports and, as many, events, receivers and orders."""

    people: int
    reports: int

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return max(self.people // PER_CLASS, 1)


def is_open(number: int) -> bool:
    """Tell whether report ``number`` is still open."""
    return number % OPEN_EVERY == 0


def class_of(size: Size, number: int) -> int:
    """Return the class of the pupil who made report ``number``."""
    return number % size.people // PER_CLASS


def made_at(size: Size, number: int) -> datetime:
    """Return when report ``number`` was made, naive as it is stored."""
    age = timedelta(days=DAYS) * (1 - number / size.reports)
    return (WHEN - age - timedelta(days=2)).replace(tzinfo=None)


def staff_of(role: str, number: int) -> str:
    """Return the id of who has ``role`` for class ``number`` (or of the school's, from 0 on)."""
    return ident(role, number)


def account_of(size: Size, role: str, number: int) -> int:
    """Return the Telegram account of a member of staff."""
    base = {"mentor": 0, "deputy": 1, "coordinator": 2, "confidential": 3, "board": 4}[role]
    return STAFF + base * (size.classes + 10) + number


def posts(size: Size) -> Iterator[tuple[str, int, int | None]]:
    for number in range(size.classes):
        yield "mentor", number, number
        yield "deputy", number, number
        yield "coordinator", number // 20, number
    for role in ("confidential", "board"):
        yield from ((role, number, None) for number in range(2))
