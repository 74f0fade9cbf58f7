"""Read a word that the pack does not know as one that it does.

In this order: doubled letters, words that sound the same in Dutch, a compound of two known words,
and last, by RapidFuzz, one or two typing errors. An exact look-up costs nothing and the fuzzy
search compares with words of about the same length only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

_DOUBLED = re.compile(r"(.)\1")
_SOUNDS = {
    **dict.fromkeys(("ij", "ei", "y"), "y"),
    **dict.fromkeys(("ou", "ouw", "auw", "au"), "au"),
    **dict.fromkeys(("ch", "gg", "g"), "g"),
    **dict.fromkeys(("ck", "c", "q"), "k"),
    **dict.fromkeys(("v", "ph"), "f"),
    **dict.fromkeys(("d", "dt"), "t"),
    **{"z": "s", "x": "ks", "ie": "i"},
}
_SOUND = re.compile(r"ij|ei|y|ouw?|auw?|ch|g+|ck|[cqzxv]|ph|ie|dt?$|n$|(.)\1")
SEEN = 2
"""A word that the pack has only once may be a typing error itself."""
ENDS = 2
"""So many letters at one end of a word are right when there is but one error."""
SHORTEST_FUZZY = 4
SHORTEST_TWO_ERRORS = 8
SHORTEST_COMPOUND = 7
SHORTEST_PART = 3
_CACHE = 5_000


class Speller:
    """Knows the words of a pack with how often each occurs."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._by_start: dict[tuple[int, str], list[str]] = {}
        self._by_end: dict[tuple[int, str], list[str]] = {}
        self._by_sound: dict[str, str] = {}
        self._read: dict[str, tuple[str, ...]] = {}
        self._index()

    def _index(self) -> None:
        """List the words by their length and their first or last letters, and by their sound."""
        for word in sorted(self._counts, key=lambda known: (-self._counts[known], known)):
            if self._counts[word] >= SEEN and word.isalpha():
                length = len(word)
                self._by_start.setdefault((length, word[0]), []).append(word)
                self._by_start.setdefault((length, word[:ENDS]), []).append(word)
                self._by_end.setdefault((length, word[-ENDS:]), []).append(word)
                if length >= SHORTEST_FUZZY:
                    self._by_sound.setdefault(sound(word), word)

    def correct(self, words: Sequence[str]) -> list[str]:
        """The words with unknown ones replaced where a known one is near, else as they are."""
        if all(map(self._counts.__contains__, words)):
            return list(words)
        found: list[str] = []
        for word in self._joined(words):
            if word in self._counts or not word.isalpha():
                found.append(word)
            else:
                found.extend(self._reading(word))
        return found

    def knows(self, word: str) -> bool:
        """Whether the pack has this very word."""
        return word in self._counts

    def _joined(self, words: Sequence[str]) -> Iterable[str]:
        """Two words that the pack writes as one (groeps app) become one, if either is unknown."""
        place = 0
        while place < len(words):
            pair = "".join(words[place : place + 2])
            parts = words[place : place + 2]
            unknown = len(parts) > 1 and not all(part in self._counts for part in parts)
            if unknown and pair in self._counts:
                yield pair
                place += 2
            else:
                yield words[place]
                place += 1

    def _reading(self, word: str) -> tuple[str, ...]:
        if word not in self._read:
            if len(self._read) >= _CACHE:
                self._read.clear()
            self._read[word] = self._look_up(word)
        return self._read[word]

    def _look_up(self, word: str) -> tuple[str, ...]:
        single = _DOUBLED.sub(r"\1", word)
        if single in self._counts:
            return (single,)
        alike = self._by_sound.get(sound(word))
        if alike is not None and len(word) >= SHORTEST_PART:
            return (alike,)
        return self._fuzzy(word, 1) or self._split(word) or self._fuzzy(word, 2) or (word,)

    def _split(self, word: str) -> tuple[str, ...]:
        """The compound's two parts, the rarer one as frequent as can be; a linking s is dropped."""
        if len(word) < SHORTEST_COMPOUND:
            return ()
        best: tuple[int, tuple[str, ...]] = (1, ())
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            left, right = word[:cut], word[cut:]
            for first in {left, left.removesuffix("s")}:
                rarer = min(self._counts.get(first, 0), self._counts.get(right, 0))
                best = max(best, (rarer, (first, right)))
        return best[1]

    def _fuzzy(self, word: str, errors: int) -> tuple[str, ...]:
        if len(word) < (SHORTEST_FUZZY if errors == 1 else SHORTEST_TWO_ERRORS):
            return ()
        near = process.extract(
            word,
            self._candidates(word, errors),
            scorer=OSA.distance,
            score_cutoff=errors,
            limit=None,
        )
        options = [(int(off), -self._counts[candidate], candidate) for candidate, off, _ in near]
        return (min(options)[2],) if options else ()

    def _candidates(self, word: str, errors: int) -> set[str]:
        """The words that can be within so many errors: of about the same length.

        One error leaves the first two or the last two letters as they are, save for the two in the
        middle of four that changed places. With two errors only the first letter must be right.
        """
        found: set[str] = set()
        for length in range(len(word) - errors, len(word) + errors + 1):
            start = word[:ENDS] if errors == 1 else word[0]
            found.update(self._by_start.get((length, start), ()))
            if errors == 1:
                found.update(self._by_end.get((length, word[-ENDS:]), ()))
        swapped = word[0] + word[2:0:-1] + word[3:]
        if len(word) == 2 * ENDS and self._counts.get(swapped, 0) >= SEEN:
            found.add(swapped)
        return found


def sound(word: str) -> str:
    """A word by its sound, so that "vint" and "vind", "wijt" and "weid" are the same."""
    return _SOUND.sub(_sounded, word)


def _sounded(found: re.Match[str]) -> str:
    letters = found.group()
    if letters == "n":
        return "" if found.string[-2:-1] == "e" else "n"
    return _SOUNDS.get(letters) or _SOUNDS.get(letters[0], letters[0])
