"""A typed yes or no, taken like the button. What is not plainly one of the two is neither.

A no must be a no and nothing more: "nee, straks pas" may well hold what matters. After a yes any
words may follow, as long as none of them denies it.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from content.models import Lexicon

WORD: Final = re.compile(r"\w+")
SHORT: Final = 2  # "helemaal niet"; "het is niet voorbij" is no no
Words = frozenset[str]


class YesNo:
    """Reads answers with one pack's lexicon, in both languages at once."""

    def __init__(self, lexicon: Lexicon, *, yes: str = "", no: str = "") -> None:
        """``yes`` and ``no`` are the labels of the buttons, which count in any case."""
        self._yes = _all([yes, *(text for _, text in lexicon.yes)])
        self._no = _all([no, *(text for _, text in lexicon.no)])
        self._beside = _all([text for _, text in lexicon.beside_yes_no])

    def read(self, text: str) -> bool | None:
        """Return the answer; None for what is none, or says both."""
        words = _words(text)
        if not words:
            return None
        if not any(word in self._no for word in words):
            return True if words[0] in self._yes else None
        plain = all(word in self._no | self._beside for word in words)
        return False if plain and (words[0] in self._no or len(words) == SHORT) else None


def _words(text: str) -> list[str]:
    """Return the words with runs of a letter as one: "jaaa", "neee"."""
    return ["".join(sign for sign, _ in groupby(w)) for w in WORD.findall(text.casefold())]


def _all(texts: list[str]) -> Words:
    return frozenset(word for text in texts for word in _words(text))
