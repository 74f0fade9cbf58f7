"""How much each word of a question speaks for each case, rule and kind.

A *case* is one thing a message can be about: a situation asked about, a situation reported, a kind
of danger, a topic. For a feature (word, pair of neighbours, concept, part of a word) and a case
the evidence is ``log(1 + contrast * p(feature | case) / p(feature))``: nothing where the case
never uses it, more the more telling it is. The same is done for the *groups* that cases form
(their label, kind), so that a word that is new to a case still speaks for its rule. Only
the features of a question are visited.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from content.corpus import Corpus, Floats, Ints, added_up
from content.features import Asked, Features
from content.postings import Postings
from content.tuning import Tuning
from content.wordparts import WordParts, has_parts

_CELLS = 2_500_000
"""Numbers kept in rows at most (4 bytes each): bounds the memory whatever the size of the pack."""
_FEWEST_ROWS = 300


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


@dataclass(frozen=True)
class Found:
    """In how many phrasings of a case each of some features stands, case by case."""

    features: Ints
    cases: NDArray[np.integer]
    counts: NDArray[np.number]

    @classmethod
    def counted(
        cls, features: Ints, cases: NDArray[np.integer], counts: NDArray[np.number], width: int
    ) -> Found:
        """Add up what comes more than once; ``width``: the number of cases."""
        both = features * width + cases
        if len(both) < 2 or (both[1:] > both[:-1]).all():
            return cls(features, cases, counts)
        sums = np.bincount(both, counts)
        filled = np.flatnonzero(sums)
        return cls(filled // width, filled % width, sums[filled])


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

    def worth(self, found: Found, steep: Floats, scales: Floats) -> Floats:
        """What features are worth to each group, by their steepness and scale."""
        cells = len(steep) * self.count
        lines = found.features * self.count
        counts = np.zeros(cells)
        for groups in self.of_cases:
            counts += added_up(lines + groups[found.cases], found.counts, cells)
        ratios = np.log1p(steep[:, None] * (counts.reshape(-1, self.count) * self.shares))
        worth: Floats = self.weights * (scales @ ratios)
        return worth

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
        """Words and concepts with the texts in which they stand, by feature."""
        self._sizes, self._total = corpus.sizes, corpus.texts or 1
        self._width = len(self._sizes)
        self._shares: Floats = 1 / (self._sizes + tuning.shrink)
        self._groups = Groups(levels, self._sizes, tuning.shrink)
        self._weights = self._single_weights()
        self.squared_weights: Floats = np.array(self._weights[:-1]) ** 2
        """Of words and concepts, by number."""
        self._parts = WordParts((corpus.numbers[word], word) for word in self.word_counts)
        rows = max(_FEWEST_ROWS, _CELLS // (self._width + 1))
        self._row = lru_cache(rows)(self._work_out)

    def scores(self, asked: Asked) -> tuple[Floats, Floats]:
        """The evidence of a question's features for each case, and for each group."""
        rows = [self._row(single) for single in asked.singles]
        if len(asked.pairs):
            rows.append(self._pairs(asked.pairs))
        if not rows:
            return np.zeros(self._width), np.zeros(self._groups.count)
        groups: Floats = np.sum([row.groups for row in rows], axis=0)
        scores = self._groups.spread(groups)
        for row in rows:
            scores += row.cases
        return scores, groups

    def last_groups(self, groups: Floats) -> Floats:
        """The part of the last level in what is worth to all groups."""
        return groups[self._groups.last]

    def share(self, single: str, case: int) -> float:
        """What one word or concept adds to one case."""
        row = self._row(single)
        groups = [row.groups.item(group) for group in self._groups.of_case(case)]
        return float(row.cases.item(case)) + sum(groups)

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

    def _work_out(self, single: str) -> Row:
        """The row of a word or concept; that of a word with what its parts are worth.

        A part counts like a word that stands wherever one of its words does. The worth of all
        parts is divided by the root of their number, for they overlap.
        """
        number = self.features.numbers.get(single, -1)
        places = self.postings.find(np.array([number]))
        own = 1.0 if number < self.features.words else self._tuning.concept_weight
        owners, scales = np.zeros(len(places), np.int64), [own]
        if self._tuning.grams and has_parts(single):
            count, parts, words = self._parts.sharing(single)
            scale = self._tuning.grams / math.sqrt(count)
            scales += [scale] * (int(parts[-1]) + 1 if len(parts) else 0)
            owners = np.concatenate([owners, parts + 1])
            places = np.concatenate([places, words - 1])
        row = self._together(owners, places, np.array(scales))
        return Row(row.cases.astype(np.float32), row.groups)

    def _pairs(self, pairs: Ints) -> Row:
        """The row of all pairs of a question."""
        places = self.postings.find(pairs)
        of_concepts = self.features.is_concept_pair(self.postings.keys[places])
        scales = np.where(of_concepts, self._tuning.concept_pairs, self._tuning.bigrams)
        return self._together(np.arange(len(places)), places, scales)

    def _together(self, owners: Ints, places: Ints, scales: Floats) -> Row:
        """What several features are worth together, each by its scale.

        A feature may stand at several places of the postings: ``owners`` is the feature, numbered
        from 0 in the order of ``scales``, of each place.
        """
        of_place, at = self.postings.of(places)
        owners, counts = owners[of_place], self.postings.counts[at]
        found = Found.counted(owners, self.postings.cases[at], counts, self._width)
        totals = added_up(owners, counts, len(scales))
        if not self._tuning.weighting:
            flat = scales[found.features] * found.counts / self._sizes[found.cases]
            return Row(added_up(found.cases, flat, self._width), np.zeros(self._groups.count))
        rarity = self._total / (totals + self._tuning.common)
        steep = self._tuning.contrast * rarity[found.features] * self._shares[found.cases]
        worth = scales[found.features] * np.log1p(steep * found.counts)
        groups = self._groups.worth(found, self._tuning.group_contrast * rarity, scales)
        return Row(added_up(found.cases, worth, self._width), groups)
