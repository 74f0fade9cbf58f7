"""Which words of a pack share a part with a word: an index of character n-grams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from content.corpus import Indices, Ints, Occurrences, distinct, matches, runs, spans

LENGTHS = (4, 5)
SHORTEST = 4


def has_parts(word: str) -> bool:
    """Whether a word is long enough, and one of letters only."""
    return len(word) >= SHORTEST and word.isalpha()


@dataclass(frozen=True)
class Shared:
    """The parts that some words share with those of the pack.

    ``counts``: the number of all parts of each word asked about. A shared part is one of
    ``len(asked)``: ``asked`` is the place of the word that it is of. ``words`` are the numbers of
    the pack's words that have such a part, ``parts`` tells which part.
    """

    counts: Ints
    asked: Ints
    parts: Ints
    words: Ints


class WordParts:
    """Looks up the words of a pack by their parts: four and five letters, start and end marked.

    A part is a number: that of its letters in an alphabet of those that the pack uses, written one
    after the other; so no two parts share one.
    """

    def __init__(self, words: Iterable[tuple[int, str]]) -> None:
        """``words`` with a number of the caller's own."""
        chosen = [(number, word) for number, word in words if has_parts(word)]
        self._numbers = np.array([number for number, _ in chosen], np.int64)
        letters = sorted({letter for _, word in chosen for letter in word} | {"<", ">"})
        self._letters = {letter: at for at, letter in enumerate(letters, start=1)}
        self._unknown = len(letters) + 1
        parts, owners = self._parts_of([word for _, word in chosen])
        having = Occurrences(len(chosen))
        having.add(parts, owners)
        parts, words_of = having.ordered()
        self._words: Indices = words_of.astype(np.int32)
        self._starts: Indices = runs(parts).astype(np.int32)
        self._parts = parts[self._starts[:-1]]

    def sharing(self, words: Sequence[str]) -> Shared:
        """The parts of words that are also parts of words of the pack."""
        parts, owners = self._parts_of(words)
        known, places = matches(self._parts, parts)
        lengths, at = spans(self._starts[places], self._starts[places + 1])
        return Shared(
            counts=np.bincount(owners, minlength=len(words)),
            asked=owners[known],
            parts=np.repeat(np.arange(len(places)), lengths),
            words=self._numbers[self._words[at]],
        )

    def _parts_of(self, words: Sequence[str]) -> tuple[Ints, Ints]:
        """Every part of every word, once in each, and the place of its word; by word."""
        number, unknown = self._letters.get, self._unknown
        spelled = [number(letter, unknown) for word in words for letter in f"<{word}>"]
        letters = np.array(spelled, np.int64)
        owners = np.repeat(np.arange(len(words)), [len(word) + 2 for word in words])
        most = (unknown + 1) ** max(LENGTHS)
        found = [
            (owners[:-more] * most + part)[owners[:-more] == owners[more:]]
            for more, part in self._windows(letters)
        ]
        of_word, parts = np.divmod(distinct(np.concatenate(found)), most)
        return parts, of_word

    def _windows(self, letters: Ints) -> Iterable[tuple[int, Ints]]:
        """The parts that start at each letter, and how many letters come after the first."""
        part = letters
        for more in range(1, max(LENGTHS)):
            part = part[:-1] * (self._unknown + 1) + letters[more:]
            if more + 1 in LENGTHS:
                yield more, part
