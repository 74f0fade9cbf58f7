"""How much each word of a question speaks for each case, rule and kind.

A *case* is one thing a message can be about: a situation asked about, a situation reported, a kind
of danger, a topic. For a feature (word, pair of neighbours, concept, part of a word) and a case
the evidence is ``log(1 + contrast * p(feature | case) / p(feature))``: nothing where the case
never uses it, more the more telling it is. The same is done for the *groups* that cases form
(their label, kind), so that a word that is new to a case still speaks for its rule. Only
the features of a question are visited; what a feature is worth is worked out at its first use.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from content.tuning import Tuning
from content.words import bigrams, grams

Counts = dict[int, int]
Posting = list[tuple[int, int]]
"""Cases with the number of their phrasings in which a feature stands."""
_DENSE_FROM = 10
"""A row is spread out when more than one in so many cases has a worth."""
_CELLS = 40_000_000
"""Numbers kept in rows at most: bounds the memory whatever the size of the pack."""
SHORTEST_WITH_GRAMS = 4


@dataclass(frozen=True)
class Level:
    """One way to group cases: ``groups[case]`` is a number from 0; ``weight`` a factor."""

    weight: float
    groups: Sequence[int]


@dataclass(frozen=True)
class Row:
    """What a feature is worth: to cases, and to every group of every level.

    A feature that speaks for many cases has ``dense`` instead, a number for each case: adding up
    lists is many times faster than look-ups.
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
        self._postings: dict[str, Posting] = defaultdict(list)
        words: Counter[str] = Counter()
        for case, phrasings in enumerate(examples):
            self._learn(case, phrasings)
            words.update(chain.from_iterable(phrasings))
        self.word_counts: Mapping[str, int] = words
        self._postings.default_factory = None
        self._weights: dict[str, float] = {}
        self._families = self._find_families() if tuning.grams else {}
        self._rows: dict[str, Row] = {}
        self._family_rows: dict[tuple[str, ...], Row] = {}
        self._most_rows = max(500, _CELLS // (len(examples) + 1))
        self._no_groups = [0.0] * len(self._group_sizes)
        self._shares = [1 / (size + tuning.shrink) for size in self._sizes]
        self._group_shares = [1 / (size + tuning.shrink) for size in self._group_sizes]

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
            postings[feature].append((case, count))

    def single(self, words: Sequence[str]) -> set[str]:
        """The words and concepts of a question without pairs."""
        found = set(words)
        for key in self._concepts.keys() & found:
            found.update(self._concepts[key])
        return found

    def features(self, words: Sequence[str]) -> set[str]:
        """Words, pairs and concepts of a question; parts of words come with their word."""
        found = {*words, *bigrams(words)}
        if self._concepts:
            meant: set[str] = set()
            for key in self._concepts.keys() & found:
                meant.update(self._concepts[key])
            found |= meant
            if self._tuning.concept_pairs:
                found.update(map("&".join, combinations(sorted(meant), 2)))
        return found

    def scores(self, features: Iterable[str]) -> tuple[list[float], list[float]]:
        """The evidence of a question's features for each case, and for each group."""
        rows = [self.row(feature) for feature in features]
        groups = [sum(column) for column in zip(*(row.groups for row in rows), strict=True)]
        # Cases of the same label and kind stand in the same groups: one sum for all.
        common = [sum([groups[group] for group in standing]) for standing in self._standings]
        base = [common[place] for place in self._standing]
        dense = [row.dense for row in rows if row.dense]
        scores: list[float] = list(map(sum, zip(base, *dense, strict=True)))
        for row in rows:
            for case, worth in row.cases.items():
                scores[case] += worth
        return scores, groups

    def share(self, feature: str, case: int) -> float:
        """What one feature adds to one case."""
        row = self.row(feature)
        own = row.dense[case] if row.dense else row.cases.get(case, 0.0)
        return own + sum(row.groups[at] for at in self._case_groups[case])

    def weight(self, feature: str) -> float:
        """How telling a feature is over all examples: its inverse document frequency."""
        weight = self._weights.get(feature)
        if weight is None:
            count = sum([count for _, count in self._postings.get(feature, ())])
            weight = math.log((self._total + 1) / (count + 1)) if self._tuning.weighting else 1.0
            self._weights[feature] = weight
        return weight

    def last_groups(self) -> range:
        """The places of the last level's groups among all groups."""
        return range(self._offsets[-1], len(self._group_sizes))

    def spread(self) -> dict[str, int]:
        """For each word the number of cases that use it."""
        return {word: len(self._postings[word]) for word in self.word_counts}

    def row(self, feature: str) -> Row:
        """What a feature is worth, worked out at its first use."""
        row = self._rows.get(feature)
        if row is None:
            if len(self._rows) >= self._most_rows:
                self._rows.clear()
            row = self._work_out(feature)
            if len(row.cases) * _DENSE_FROM > len(self._sizes):
                row = Row({}, row.groups, array("f", self._spread_out(row.cases)))
            self._rows[feature] = row
        return row

    def _work_out(self, feature: str) -> Row:
        counts = dict(self._postings.get(feature, ()))
        tuning = self._tuning
        if feature[0] == "@":
            pair = "&" in feature
            return self._row(counts, tuning.concept_pairs if pair else tuning.concept_weight)
        if " " in feature:
            return self._row(counts, tuning.bigrams)
        own = self._row(counts, 1.0)
        if not tuning.grams or len(feature) < SHORTEST_WITH_GRAMS or not feature.isalpha():
            return own
        return self._with_grams(own, feature)

    def _with_grams(self, own: Row, word: str) -> Row:
        """A word's row with what its parts are worth. Parts of the same words are worth the same.

        The worth of all parts is divided by the root of their number, for they overlap.
        """
        parts = grams(word)
        families = self._families
        shared = Counter(families[part] for part in parts if part in families)
        if not shared:
            return own
        scale = self._tuning.grams / math.sqrt(len(parts))
        rows = [(self._family_row(words), scale * times) for words, times in shared.items()]
        dense = self._spread_out(own.cases)
        for row, factor in rows:
            for case, worth in row.cases.items():
                dense[case] += factor * worth
        groups = list(own.groups)
        for row, factor in rows:
            groups = [a + factor * b for a, b in zip(groups, row.groups, strict=True)]
        return Row({}, groups, array("f", dense))

    def _family_row(self, words: tuple[str, ...]) -> Row:
        """The worth of a part that stands in just these words."""
        row = self._family_rows.get(words)
        if row is None:
            if len(self._family_rows) >= self._most_rows:
                self._family_rows.clear()
            counts: Counts = dict(self._postings[words[0]])
            for word in words[1:]:
                for case, count in self._postings[word]:
                    counts[case] = counts.get(case, 0) + count
            row = self._family_rows[words] = self._row(counts, 1.0)
        return row

    def _find_families(self) -> dict[str, tuple[str, ...]]:
        """For each part of a word the words that have it."""
        found: dict[str, list[str]] = defaultdict(list)
        for word in self.word_counts:
            if len(word) >= SHORTEST_WITH_GRAMS and word.isalpha():
                for gram in grams(word):
                    found[gram].append(word)
        return {gram: tuple(words) for gram, words in found.items()}

    def _row(self, counts: Counts, scale: float) -> Row:
        """Weigh the counts of one feature; ``scale`` is the worth of its sort."""
        tuning = self._tuning
        if not tuning.weighting:
            flat = {case: scale * count / self._sizes[case] for case, count in counts.items()}
            return Row(flat, self._no_groups, None)
        if not counts:
            return Row({}, self._no_groups, None)
        general = (sum(counts.values()) + tuning.common) / self._total
        steep, shares, log1p = tuning.contrast / general, self._shares, math.log1p
        cases = {
            case: scale * log1p(steep * count * shares[case]) for case, count in counts.items()
        }
        groups = self._group_row(counts, scale, tuning.group_contrast / general)
        return Row(cases, groups, None)

    def _spread_out(self, cases: Mapping[int, float]) -> list[float]:
        dense = [0.0] * len(self._sizes)
        for case, worth in cases.items():
            dense[case] = worth
        return dense

    def _group_row(self, counts: Counts, scale: float, steep: float) -> list[float]:
        standing_counts: dict[int, int] = {}
        get, standing = standing_counts.get, self._standing
        for case, count in counts.items():
            place = standing[case]
            standing_counts[place] = get(place, 0) + count
        groups: dict[int, int] = {}
        for place, count in standing_counts.items():
            for group in self._standings[place]:
                groups[group] = groups.get(group, 0) + count
        worth = list(self._no_groups)
        shares, weights = self._group_shares, self._group_weights
        for group, count in groups.items():
            worth[group] = weights[group] * scale * math.log1p(steep * count * shares[group])
        return worth
