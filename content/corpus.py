"""All phrasings that are learned from as one row of numbers, and what arrays are used for.

Twenty thousand phrasings hold half a million features. As numbers in arrays they are counted in
milliseconds and take a tenth of the memory of strings in dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from content.words import BREAK, Reader

Ints: TypeAlias = NDArray[np.int64]
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
        self.numbers: dict[str, int] = _Numbers({BREAK: 0})
        numbers, sizes = self.numbers, []
        rows = []
        for texts in cases:
            sizes.append(len(texts))
            # The break at the end of a case is the one at the start of the next.
            words = reader.row(texts)[:-1]
            rows.append(np.array([numbers[word] for word in words], np.int64))
        self.row: Ints = np.concatenate([*rows, np.zeros(1, np.int64)])
        self.text_of: Ints = np.cumsum(self.row == 0) - 1
        self.sizes: Ints = np.array(sizes, np.int64)
        self.first_texts: Ints = starts_of(self.sizes)
        self.case_of: Ints = np.repeat(np.arange(len(sizes)), self.sizes)
        self.numbers = dict(numbers)
        counts = np.bincount(self.row).tolist()
        self.word_counts: dict[str, int] = dict(zip(numbers, counts, strict=True))
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


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they are first met."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class Occurrences:
    """Collects which feature stands in which text."""

    def __init__(self, texts: int) -> None:
        self._texts = texts
        self._found: list[Ints] = []

    def add(self, features: Ints, texts: Ints) -> None:
        """Note features, each with the text that it stands in; the same may come again."""
        self._found.append(features * self._texts + texts)

    def ordered(self) -> tuple[Ints, Ints]:
        """What was noted, each once: features and texts, by feature and then text."""
        both = distinct(np.concatenate([*self._found, np.zeros(0, np.int64)]))
        features, texts = np.divmod(both, max(self._texts, 1))
        return features, texts


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
    """The different values in ascending order."""
    ordered = np.sort(values)
    return ordered[runs(ordered)[:-1]]


def spans(starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """Every place from each start up to its stop: which span it is of, and the place."""
    lengths = stops - starts
    owners = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return owners, np.arange(len(owners)) + (starts - before)[owners]


def found_in(ordered: Ints, wanted: Ints) -> Ints:
    """The places in ``ordered`` of those wanted values that it has."""
    places = np.searchsorted(ordered, wanted)
    inside = places < len(ordered)
    places, wanted = places[inside], wanted[inside]
    found: Ints = places[ordered[places] == wanted]
    return found
