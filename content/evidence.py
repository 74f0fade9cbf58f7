"""How much each word of a question speaks for each case, rule and kind.

A *case* is one thing a message can be about: a situation asked about, a situation reported, a kind
of danger, a topic. For a feature (word, pair of neighbours, concept, part of a word) and a case
the evidence is ``log(1 + contrast * p(feature | case) / p(feature))``: nothing where the case
never uses it, more the more telling it is. The same is done for the *groups* that cases form
(their label, kind), so that a word that is new to a case still speaks for its rule. Only
the features of a question are visited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from content.batch import Batch, Found
from content.corpus import Corpus, Floats, Ints, added_up
from content.features import Asked, Features
from content.postings import Postings
from content.tuning import Tuning
from content.wordparts import WordParts, has_parts

_CELLS = 1_200_000
"""Numbers kept in rows at most (4 bytes each): bounds the memory whatever the size of the pack."""
_FEWEST_ROWS = 800
_READY, _AT_ONCE = 250, 50
"""So many frequent words are made ready, and so many of them together."""
_NO_PAIRS: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Level:
    """One way to group cases: ``groups[case]`` is a number from 0; ``weight`` a factor."""

    weight: float
    groups: Sequence[int]


@dataclass(frozen=True)
class Row:
    """What features are worth: to every case, and to every group of every level."""

    cases: NDArray[np.floating]
    groups: Floats


class Groups:
    """The groups of all levels, numbered through."""

    def __init__(self, levels: Sequence[Level], sizes: Ints, shrink: float) -> None:
        """``sizes``: the number of phrasings of each case."""
        widths = [max(level.groups, default=-1) + 1 for level in levels]
        offsets = [sum(widths[:at]) for at in range(len(levels))]
        self.count = sum(widths)
        self.of_cases: list[Ints] = [
            np.array(level.groups, np.int64) + offset
            for level, offset in zip(levels, offsets, strict=True)
        ]
        """For each level the group of each case."""
        self.last = slice(offsets[-1], self.count)
        """Where the groups of the last level are."""
        phrasings = np.zeros(self.count)
        for groups in self.of_cases:
            phrasings += added_up(groups, sizes, self.count)
        self.weights: Floats = np.repeat([level.weight for level in levels], widths)
        self.shares: Floats = 1 / (phrasings + shrink)

    def of_case(self, case: int) -> list[int]:
        """The groups of one case."""
        return [groups.item(case) for groups in self.of_cases]

    def worth(self, found: Found, batch: Batch, steep: Floats) -> Floats:
        """What the features of each row of a batch are worth to each group; see ``Tuning``.

        ``steep``: for each feature how steeply its worth grows with its share in a group.
        """
        width = len(steep) * self.count
        lines = found.features * self.count
        counts = np.zeros(width)
        for groups in self.of_cases:
            counts += added_up(lines + groups[found.cases], found.counts, width)
        ratios = steep[:, None] * (counts.reshape(-1, self.count) * self.shares)
        worth = batch.scales[:, None] * self.weights * np.log1p(ratios)
        # Not a product of matrices: its last digits depend on what else is in the batch.
        cells = batch.rows[:, None] * self.count + np.arange(self.count)
        sums = added_up(cells.ravel(), worth.ravel(), batch.height * self.count)
        return sums.reshape(batch.height, self.count)

    def spread(self, worth: Floats) -> Floats:
        """For each case what its groups are worth together."""
        total = np.zeros(len(self.of_cases[0]))
        for groups in self.of_cases:
            total += worth[groups]
        return total


class Evidence:
    """Learned from the phrasings of a corpus."""

    def __init__(
        self,
        corpus: Corpus,
        levels: Sequence[Level],
        concepts: Mapping[str, tuple[str, ...]],
        tuning: Tuning,
    ) -> None:
        self._tuning = tuning
        self.word_counts: Mapping[str, int] = corpus.word_counts
        self.features = Features(
            corpus, concepts if tuning.concepts else {}, tuning.concept_pairs > 0
        )
        features, texts = self.features.in_texts(corpus)
        self.postings = Postings(features, texts, corpus)
        singles = np.searchsorted(features, self.features.base)
        self.singles: tuple[Ints, Ints] = features[:singles], texts[:singles]
        """Words and concepts with the texts in which they stand, by feature; until ``release``."""
        self._sizes, self._total = corpus.sizes, corpus.texts or 1
        self._width = len(self._sizes)
        self._shares: Floats = 1 / (self._sizes + tuning.shrink)
        # What each sort of feature is worth, in the order of ``Features.sorts``.
        self._scales: Floats = np.array(
            [1.0, tuning.concept_weight, tuning.bigrams, tuning.concept_pairs]
        )
        self._groups = Groups(levels, self._sizes, tuning.shrink)
        self._weights = self._single_weights()
        self.squared_weights: Floats = np.array(self._weights[:-1]) ** 2
        """Of words and concepts, by number."""
        self._parts = WordParts((corpus.numbers[word], word) for word in self.word_counts)
        self._rows: dict[str, Row] = {}
        self._most_rows = max(_FEWEST_ROWS, _CELLS // (self._width + 1))
        self._get_ready()

    def release(self) -> None:
        """Drop what only the building of other parts needed: a third of all that is learned."""
        self.singles = _NO_PAIRS, _NO_PAIRS
        self.postings.totals = _NO_PAIRS

    def scores(self, asked: Asked) -> tuple[Floats, Floats]:
        """The evidence of a question's features for each case, and for each group."""
        rows = self._rows_of(asked.singles, asked.pairs)
        groups: Floats = np.add.reduce([row.groups for row in rows])
        scores = self._groups.spread(groups)
        scores += np.add.reduce([row.cases for row in rows])
        return scores, groups

    def _rows_of(self, singles: Sequence[str], pairs: Ints) -> list[Row]:
        """A row for each word or concept, worked out at its first use, and one for all pairs."""
        kept = self._rows
        rows = {single: kept.get(single) for single in singles}
        missing = [single for single, row in rows.items() if row is None]
        *made, of_pairs = self._weigh(self._batch(missing, pairs))
        new = dict(zip(missing, made, strict=True))
        if len(kept) + len(new) > self._most_rows:
            kept.clear()
        kept.update(new)
        return [*(row or new[single] for single, row in rows.items()), of_pairs]

    def _get_ready(self) -> None:
        """Work out the rows of the most frequent words with parts before the first question."""
        counts = self.word_counts
        words = sorted(filter(has_parts, counts), key=counts.__getitem__, reverse=True)[:_READY]
        for start in range(0, len(words), _AT_ONCE):
            self._rows_of(words[start : start + _AT_ONCE], _NO_PAIRS)

    def last_groups(self, groups: Floats) -> Floats:
        """The part of the last level in what is worth to all groups."""
        return groups[self._groups.last]

    def shares(self, words: Sequence[str], case: int) -> dict[str, float]:
        """What each of some words adds to one case."""
        rows = {word: self._rows.get(word) or self._rows_of([word], _NO_PAIRS)[0] for word in words}
        groups = [of_case.item(case) for of_case in self._groups.of_cases]
        return {
            word: row.cases.item(case) + sum([row.groups.item(group) for group in groups])
            for word, row in rows.items()
        }

    def weight(self, single: str) -> float:
        """How telling a word or concept is over all examples: its inverse document frequency."""
        return self._weights[self.features.numbers.get(single, -1)]

    def spread(self) -> dict[str, int]:
        """For each word the number of cases that use it."""
        counts = np.diff(self.postings.starts).tolist()
        # The words come first, in the order of their numbers, and each stands somewhere.
        return dict(zip(self.word_counts, counts, strict=False))

    def _single_weights(self) -> list[float]:
        """The weights of words and concepts by number; last that of a word never seen."""
        base, postings = self.features.base, self.postings
        counts = np.zeros(base + 1)
        known = np.searchsorted(postings.keys, base)
        counts[postings.keys[:known]] = postings.totals[:known]
        weights = np.log((self._total + 1) / (counts + 1))
        found: list[float] = (weights if self._tuning.weighting else np.ones(base + 1)).tolist()
        return found

    def _batch(self, singles: Sequence[str], pairs: Ints) -> Batch:
        """What has to be weighed for a row of each word or concept, and one of all pairs."""
        whole = self._whole(singles, pairs)
        if not self._tuning.grams:
            return whole
        long = [row for row, single in enumerate(singles) if has_parts(single)]
        if not long:
            return whole
        parts = self._word_parts([singles[row] for row in long], np.array(long, np.int64))
        return Batch.joined([whole, parts], whole.height)

    def _whole(self, singles: Sequence[str], pairs: Ints) -> Batch:
        """Words, concepts and pairs as they are."""
        numbers = [self.features.numbers.get(single, -1) for single in singles]
        keys = np.concatenate([np.array(numbers, np.int64), pairs])
        known, places = self.postings.matches(keys)
        scales = self._scales[self.features.sorts(keys[known])]
        rows = np.minimum(np.flatnonzero(known), len(singles))
        return Batch(places, np.arange(len(places)), scales, rows, len(singles) + 1)

    def _word_parts(self, words: Sequence[str], rows: Ints) -> Batch:
        """The parts of words. A part counts like a word that stands wherever one of its words does.

        The worth of all parts is divided by the root of their number, for they overlap.
        """
        shared = self._parts.sharing(words)
        scales = self._tuning.grams / np.sqrt(shared.counts[shared.asked])
        return Batch(shared.words - 1, shared.parts, scales, rows[shared.asked])

    def _weigh(self, batch: Batch) -> list[Row]:
        """The rows of a batch."""
        found = Found.by(batch, self.postings)
        cells = batch.rows[found.features] * self._width + found.cases
        totals = added_up(found.features, found.counts, len(batch.scales))
        rarity = self._total / (totals + self._tuning.common)
        if self._tuning.weighting:
            steep = self._tuning.contrast * rarity
            ratios = steep[found.features] * found.counts * self._shares[found.cases]
            worth = batch.scales[found.features] * np.log1p(ratios)
            groups = self._groups.worth(found, batch, self._tuning.group_contrast * rarity)
        else:
            worth = batch.scales[found.features] * found.counts / self._sizes[found.cases]
            groups = np.zeros((batch.height, self._groups.count))
        cases = added_up(cells, worth, batch.height * self._width).astype(np.float32)
        return list(map(Row, cases.reshape(batch.height, self._width), groups))
