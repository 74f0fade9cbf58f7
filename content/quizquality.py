"""Quiz items that are valid but weak: they give themselves away, or do not fit a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rapidfuzz.fuzz import ratio

from content.models import QuizItem
from content.pack import Pack

GIVEAWAY: Final = 1.4
"""The right option is so many times as long as the longest other one, or as short."""
QUESTION: Final = 200
OPTION: Final = 90
"""Characters that a phone shows without scrolling away from the options."""
ALIKE: Final = 88.0
"""Two options that agree to so many of a hundred say the same: two may be right."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is weak about an item in one language."""

    item: str
    lang: str
    what: str

    def __str__(self) -> str:
        return f"{self.item} ({self.lang}): {self.what}"


def weaknesses(pack: Pack) -> tuple[Weakness, ...]:
    """All weaknesses of all items, in the order of the pack."""
    return tuple(
        Weakness(item.id, lang, what)
        for item in pack.quiz
        for lang in pack.school.languages
        for what in _of(item, lang)
    )


def _of(item: QuizItem, lang: str) -> Iterator[str]:
    question, options = item.question.in_(lang), [each.in_(lang) for each in item.options]
    if len(question) > QUESTION:
        yield f"the question has {len(question)} characters; a phone shows {QUESTION} well"
    longest = max(map(len, options))
    if longest > OPTION:
        yield f"an option has {longest} characters; a phone shows {OPTION} well"
    right, others = len(options[0]), [len(each) for each in options[1:]]
    if right > GIVEAWAY * max(others):
        yield f"the right option gives itself away: {right} characters, the others {others}"
    if right * GIVEAWAY < min(others):
        yield f"the right option gives itself away: only {right} characters, the others {others}"
    for one, other in combinations(options, 2):
        if ratio(one.casefold(), other.casefold()) >= ALIKE:
            yield f"two options are nearly the same: {one!r} and {other!r}"
