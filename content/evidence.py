"""How much each word of a question speaks for each case, rule and kind.

A *case* is one thing a message can be about: a situation asked about, a situation reported, a kind
of danger, a topic. For a feature (word, pair of neighbours, concept, part of a word) and a case
the evidence is ``log(1 + contrast * p(feature | case) / p(feature))``: nothing where the case
never uses it, more the more telling it is. The same is done for the *groups* that cases form
(their rule, letter, kind), so that a word that is new to a case still speaks for its rule. Only
the features of a question are visited; what a feature is worth is worked out at its first use.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from content.tuning import Tuning
from content.words import bigrams, grams

Counts = dict[int, int]
_CACHE = 30_000
DENSE_FROM = 12
"""A row is laid out in full when one in so many cases has a worth."""
SHORTEST_WITH_GRAMS = 4


@dataclass(frozen=True)
class Level:
    """One way to group cases: ``groups[case]`` is a number from 0; ``weight`` a factor."""

    weight: float
    groups: Sequence[int]


@dataclass(frozen=True)
class Row:
    """What a feature is worth: to cases, and to every group of every level.

    ``dense`` holds the same as ``cases``, a number for each case, where most are not zero: adding
    up lists is many times faster than looking up each case.
    """

    cases: Mapping[int, float]
    groups: Sequence[float]
    dense: Sequence[float] | None


class Evidence:
    """Learned from examples: for each case the words of each of its phrasings."""

    def __init__(
        self,
        examples: Sequence[Sequence[Sequence[str]]],
        levels: Sequence[Level],
        concepts: Mapping[str, tuple[str, ...]],
        tuning: Tuning,
    ) -> None:
        self._tuning = tuning
        self._concepts = concepts if tuning.concepts else {}
        self._sizes = [len(phrasings) for phrasings in examples]
        self._total = sum(self._sizes) or 1
        self._offsets, self._group_sizes, self._group_weights = self._lay_out(levels)
        self._case_groups = [
            tuple(at + level.groups[case] for at, level in zip(self._offsets, levels, strict=True))
            for case in range(len(examples))
        ]
        self._standings = list(dict.fromkeys(self._case_groups))
        places = {groups: place for place, groups in enumerate(self._standings)}
        self._standing = [places[groups] for groups in self._case_groups]
        self._postings: dict[str, Counts] = defaultdict(dict)
        words: Counter[str] = Counter()
        for case, phrasings in enumerate(examples):
            self._learn(case, phrasings)
            words.update(chain.from_iterable(phrasings))
        self.word_counts: Mapping[str, int] = words
        self._postings.default_factory = None
        self._weights: dict[str, float] = {}
        self._words_with: dict[str, list[str]] | None = None
        self._rows: dict[str, Row] = {}
        self._gram_rows: dict[str, Row] = {}

    def _lay_out(self, levels: Sequence[Level]) -> tuple[list[int], list[int], list[float]]:
        """Number all groups through: offset of each level, size and weight of each group."""
        offsets: list[int] = []
        sizes: list[int] = []
        weights: list[float] = []
        for level in levels:
            offsets.append(len(sizes))
            width = max(level.groups, default=-1) + 1
            sizes += [0] * width
            weights += [level.weight] * width
            for case, group in enumerate(level.groups):
                sizes[offsets[-1] + group] += self._sizes[case]
        return offsets, sizes, weights

    def _learn(self, case: int, phrasings: Sequence[Sequence[str]]) -> None:
        """Count in how many phrasings of the case each feature stands."""
        counts: Counter[str] = Counter()
        for words in phrasings:
            counts.update(self.features(words))
        postings = self._postings
        for feature, count in counts.items():
            postings[feature][case] = count

    def features(self, words: Sequence[str]) -> set[str]:
        """Words, pairs and concepts of a question; parts of words come with their word."""
        found = {*words, *bigrams(words)}
        if self._concepts:
            for key in self._concepts.keys() & found:
                found.update(self._concepts[key])
        return found

    def scores(self, features: Iterable[str]) -> list[float]:
        """The evidence of a question's features for each case."""
        rows = [self.row(feature) for feature in features]
        groups = [sum(column) for column in zip(*(row.groups for row in rows), strict=True)]
        # Cases of the same rule, letter and kind stand in the same groups: one sum for all.
        common = [sum([groups[group] for group in standing]) for standing in self._standings]
        base = [common[place] for place in self._standing]
        dense = [row.dense for row in rows if row.dense]
        scores: list[float] = list(map(sum, zip(base, *dense, strict=True)))
        for row in rows:
            if not row.dense:
                for case, worth in row.cases.items():
                    scores[case] += worth
        return scores

    def share(self, feature: str, case: int) -> float:
        """What one feature adds to one case."""
        row = self.row(feature)
        return row.cases.get(case, 0.0) + sum(row.groups[at] for at in self._case_groups[case])

    def weight(self, feature: str) -> float:
        """How telling a feature is over all examples: its inverse document frequency."""
        weight = self._weights.get(feature)
        if weight is None:
            count = sum(self._postings.get(feature, {}).values())
            weight = math.log((self._total + 1) / (count + 1)) if self._tuning.weighting else 1.0
            self._weights[feature] = weight
        return weight

    def spread(self) -> dict[str, int]:
        """For each word the number of cases that use it."""
        return {word: len(self._postings[word]) for word in self.word_counts}

    def row(self, feature: str) -> Row:
        """What a feature is worth, worked out at its first use."""
        row = self._rows.get(feature)
        if row is None:
            if len(self._rows) >= _CACHE:
                self._rows.clear()
            row = self._rows[feature] = self._laid_out(self._work_out(feature))
        return row

    def _laid_out(self, row: Row) -> Row:
        if len(row.cases) * DENSE_FROM < len(self._sizes):
            return row
        dense = [0.0] * len(self._sizes)
        for case, worth in row.cases.items():
            dense[case] = worth
        return Row(row.cases, row.groups, dense)

    def _work_out(self, feature: str) -> Row:
        counts = self._postings.get(feature, {})
        tuning = self._tuning
        if " " in feature:
            return self._row(counts, tuning.bigrams)
        if feature[0] == "@":
            return self._row(counts, tuning.concept_weight)
        own = self._row(counts, 1.0)
        if not tuning.grams or len(feature) < SHORTEST_WITH_GRAMS or not feature.isalpha():
            return own
        parts = grams(feature)
        rows = [self._gram_row(part) for part in parts]
        return self._sum(own, rows, tuning.grams / math.sqrt(len(parts)))

    def _gram_row(self, gram: str) -> Row:
        row = self._gram_rows.get(gram)
        if row is None:
            if len(self._gram_rows) >= _CACHE:
                self._gram_rows.clear()
            counts: Counts = defaultdict(int)
            for word in self._words_by_gram().get(gram, ()):
                for case, count in self._postings[word].items():
                    counts[case] += count
            row = self._gram_rows[gram] = self._row(counts, 1.0)
        return row

    def _words_by_gram(self) -> dict[str, list[str]]:
        if self._words_with is None:
            self._words_with = defaultdict(list)
            for word in self.word_counts:
                if len(word) >= SHORTEST_WITH_GRAMS and word.isalpha():
                    for gram in grams(word):
                        self._words_with[gram].append(word)
        return self._words_with

    def _row(self, counts: Counts, scale: float) -> Row:
        """Weigh the counts of one feature; ``scale`` is the worth of its sort."""
        tuning = self._tuning
        if not tuning.weighting:
            return self._flat_row(counts, scale)
        general = (sum(counts.values()) + tuning.common) / self._total
        steep, shrink, sizes, log1p = (
            tuning.contrast / general,
            tuning.shrink,
            self._sizes,
            math.log1p,
        )
        cases = {
            case: scale * log1p(steep * count / (sizes[case] + shrink))
            for case, count in counts.items()
        }
        groups = self._grouped(counts)
        steep = tuning.group_contrast / general
        worth = [
            weight * scale * log1p(steep * count / (size + shrink)) if count else 0.0
            for count, size, weight in zip(
                groups, self._group_sizes, self._group_weights, strict=True
            )
        ]
        return Row(cases, worth, None)

    def _flat_row(self, counts: Counts, scale: float) -> Row:
        cases = {case: scale * count / self._sizes[case] for case, count in counts.items()}
        return Row(cases, [0.0] * len(self._group_sizes), None)

    def _grouped(self, counts: Counts) -> list[int]:
        groups = [0] * len(self._group_sizes)
        case_groups = self._case_groups
        for case, count in counts.items():
            for group in case_groups[case]:
                groups[group] += count
        return groups

    def _sum(self, own: Row, rows: Sequence[Row], scale: float) -> Row:
        cases: dict[int, float] = defaultdict(float, own.cases)
        for row in rows:
            for case, worth in row.cases.items():
                cases[case] += scale * worth
        columns = zip(own.groups, *(row.groups for row in rows), strict=True)
        groups = [first + scale * sum(rest) for first, *rest in columns]
        return Row(cases, groups, None)
