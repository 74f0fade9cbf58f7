"""A school's own words for its roles, put into words by which staff are recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from content import namewords as lists
from content.models import School

KNOWN: Final = {
    "mentor": "mentor",
    "deputy": "plaatsvervanger",
    "coordinator": "coordinator",
    "confidential": "vertrouwenspersoon",
    "board": "directeur",
}
"""Role, and a word that ``content.namewords`` has for it."""
_DETERMINERS: Final = lists.DETERMINERS | {"your", "jouw"}


def in_known_words(text: str, school: School) -> str:
    """A pupil's text, with "coach" as "mentor" where that is what the school calls a mentor.

    Only for finding out who is meant: a report must never reach the person it is about.
    """
    for phrase, word in _own(school):
        text = re.sub(rf"(?<!\w){phrase}(?!\w)", word, text, flags=re.IGNORECASE)
    return text


def _own(school: School) -> Iterator[tuple[str, str]]:
    """Patterns of the school's words that the lists do not have, the longest first.

    Its name too: "the principal of Harbour" is somebody of this school, not of another.
    """
    found = {_pattern(name): "school" for name in (school.full_name, school.name)}
    for role, word in KNOWN.items():
        names = school.roles.get(role)
        for text in (names.nl, names.en) if names else ():
            words = re.findall(r"\w+", text.lower())
            while words and words[0] in _DETERMINERS:
                del words[0]
            if words and not _is_known(words):
                found.setdefault(_pattern(" ".join(words)), word)
    return iter(sorted(found.items(), key=lambda item: -len(item[0])))


def _pattern(phrase: str) -> str:
    return r"\s+".join(map(re.escape, phrase.split()))


def _is_known(words: list[str]) -> bool:
    either = lists.MENTOR_WORDS | lists.MENTOR_PLURALS
    offices = tuple(lists.OFFICES)
    pairs = set(pairwise(words))
    return bool(
        either & set(words)
        or any(word.endswith(offices) for word in words)
        or pairs & (lists.MENTOR_PAIRS | set(lists.OFFICE_PAIRS))
    )
