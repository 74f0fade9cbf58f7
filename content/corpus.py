"""All phrasings that are learned from as one row of numbers, and what arrays are used for.

Twenty thousand phrasings hold half a million features. As numbers in arrays they are counted in
milliseconds and take a tenth of the memory of strings in dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from content.words import BREAK, Reader, token_row

Ints: TypeAlias = NDArray[np.int64]
Indices: TypeAlias = NDArray[np.int32]
"""What is kept for as long as the bot runs, in half the room."""
Floats: TypeAlias = NDArray[np.float64]


class Corpus:
    """The phrasings of all cases.

    ``numbers`` gives each word its number (BREAK is 0). ``row`` is every text's words in order, a
    0 before and after each text, and ``text_of`` the text of each place in it (a 0 counts to the
    text behind it). ``case_of`` is the case of each text; ``first_texts[case]`` its first text,
    with one more at the end; ``sizes`` the number of texts of each case.
    """

    def __init__(self, reader: Reader, cases: Iterable[Sequence[str]]) -> None:
        """``cases``: the texts of each case."""
        numbers = _Numbers(reader)
        numbers[BREAK]
        sizes, rows = [], []
        for texts in cases:
            sizes.append(len(texts))
            # The break at the end of a case is the one at the start of the next.
            found = map(numbers.__getitem__, token_row(texts)[:-1])
            rows.append(np.fromiter(chain.from_iterable(found), np.int64))
        self.row: Ints = np.concatenate([*rows, np.zeros(1, np.int64)])
        self.text_of: Ints = np.cumsum(self.row == 0) - 1
        self.sizes: Ints = np.array(sizes, np.int64)
        self.first_texts: Ints = starts_of(self.sizes)
        self.case_of: Ints = np.repeat(np.arange(len(sizes)), self.sizes)
        self.numbers: dict[str, int] = numbers.words
        counts = np.bincount(self.row).tolist()
        self.word_counts: dict[str, int] = dict(zip(self.numbers, counts, strict=True))
        del self.word_counts[BREAK]

    @property
    def texts(self) -> int:
        """How many phrasings there are."""
        return len(self.case_of)

    def counts_in(self, chosen: NDArray[np.bool_]) -> dict[str, int]:
        """How often each word stands in the chosen texts; words that do not are left out."""
        row = self.row[:-1][chosen[self.text_of[:-1]]]
        counts = np.bincount(row, minlength=len(self.numbers)).tolist()
        found = zip(self.numbers, counts, strict=True)
        return {word: count for word, count in found if count and word != BREAK}


class _Numbers(dict[str, tuple[int, ...]]):
    """The numbers of the words that each token stands for; ``words`` are numbered as met."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self.words: dict[str, int] = {}

    def __missing__(self, token: str) -> tuple[int, ...]:
        words = self._reader.reading(token)
        found = tuple(self.words.setdefault(word, len(self.words)) for word in words)
        self[token] = found
        return found


class Occurrences:
    """Collects which feature stands in which text."""

    def __init__(self, texts: int) -> None:
        self._bits = texts.bit_length()
        self._found: list[Ints] = []

    def add(self, features: Ints, texts: Ints) -> None:
        """Note features, each with the text that it stands in; the same may come again."""
        self._found.append((features << self._bits) | texts)

    def ordered(self) -> tuple[Ints, Ints]:
        """What was noted, each once: features and texts, by feature and then text."""
        both = np.concatenate([*self._found, np.zeros(0, np.int64)])
        self._found.clear()
        both = distinct(both)
        return both >> self._bits, both & ((1 << self._bits) - 1)


def added_up(groups: NDArray[np.integer], values: NDArray[np.generic], count: int) -> Floats:
    """The sum of the values of each of ``count`` groups."""
    sums: Floats = np.bincount(groups, values, count).astype(np.float64, copy=False)
    return sums


def starts_of(sizes: Ints) -> Ints:
    """Where each of several runs of these sizes starts, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def runs(values: Ints) -> Ints:
    """Where each run of equal values starts, and where the last one ends."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    ends = [len(values)] if len(values) else []
    return np.concatenate([np.zeros(1, np.int64), changes, np.array(ends, np.int64)])


def distinct(values: Ints) -> Ints:
    """The different values in ascending order; ``values`` are put in order where they stand."""
    values.sort()
    return values[runs(values)[:-1]]


def spans(starts: Indices | Ints, stops: Indices | Ints) -> tuple[Ints, Ints]:
    """The length of each span, and every place from each start up to its stop."""
    lengths: Ints = stops - starts
    ends = np.cumsum(lengths)
    places = np.repeat(stops - ends, lengths)
    places += np.arange(len(places))
    return lengths, places


def matches(ordered: Ints, wanted: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """Which wanted values stand in ``ordered``, and the places of those that do."""
    if not len(ordered):
        return np.zeros(len(wanted), bool), np.zeros(0, np.int64)
    places = np.searchsorted(ordered, wanted)
    # Those beyond the last value are compared with it: they differ.
    places[places == len(ordered)] = len(ordered) - 1
    known = ordered[places] == wanted
    return known, places[known]


def found_in(ordered: Ints, wanted: Ints) -> Ints:
    """The places in ``ordered`` of those wanted values that it has."""
    return matches(ordered, wanted)[1]
