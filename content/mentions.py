"""Which members of staff a text may be about. Unsure means: ask the pupil."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz

CLOSE: Final = 86.0
"""How near a typed word must be to a surname to count as a possible typing error (0 to 100)."""
PARTICLES: Final = frozenset(["van", "de", "der", "den", "ter", "ten", "het", "el", "la", "te"])
MY_MENTOR: Final = re.compile(r"\b(mij?n|m'n|me|mn|my|onze|our|de|the)\s+(klassen)?mento\w*", re.I)


@dataclass(frozen=True, slots=True)
class StaffName:
    """A member of staff as a pupil may name them; ``mentor``: of the pupil's own class."""

    id: str
    name: str = field(repr=False)
    mentor: bool = False


@dataclass(frozen=True, slots=True)
class Mentions:
    """Ids of staff who are named for sure, and of those who may be meant."""

    sure: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Return everybody who may be meant, the sure ones first."""
        return (*self.sure, *self.unsure)


def find(text: str, staff: Sequence[StaffName]) -> Mentions:
    """Return whom of ``staff`` the words of ``text`` name, or may name."""
    words = _words(text)
    mentor_said = MY_MENTOR.search(text) is not None
    sure, unsure = [], []
    for member in staff:
        likeness = max((_likeness(part, words) for part in _parts(member.name)), default=0.0)
        if likeness == 100 or (mentor_said and member.mentor):
            sure.append(member.id)
        elif likeness >= CLOSE:
            unsure.append(member.id)
    return Mentions(tuple(sure), tuple(unsure))


def _likeness(part: str, words: Iterable[str]) -> float:
    return max((fuzz.ratio(part, word) for word in words), default=0.0)


def _parts(name: str) -> list[str]:
    return [part for part in _words(name) if part not in PARTICLES and len(part) > 2]


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z]+", plain)
