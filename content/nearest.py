"""Which phrasings of the pack a question resembles most: TF-IDF cosine over words and pairs."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence

Phrasing = tuple[frozenset[str], float]
TOP = 3


class Nearest:
    """Compares a question with the phrasings of the few cases that are in the running."""

    def __init__(
        self, features: Callable[[int], Sequence[Iterable[str]]], weight: Callable[[str], float]
    ) -> None:
        """``features(case)`` gives the features of each of its phrasings, ``weight`` the IDF."""
        self._features = features
        self._weight = weight
        self._weights: dict[str, float] = {}
        self._cases: dict[int, list[Phrasing]] = {}

    def likeness(self, question: Iterable[str], cases: Iterable[int]) -> dict[int, float]:
        """For each case the mean similarity (0 to 1) of its three nearest phrasings."""
        asked, length = self._measured(question)
        return {case: self._top(asked, length, case) for case in cases}

    def phrasings(self, question: Iterable[str], case: int) -> list[tuple[float, int]]:
        """Similarity and place of the three nearest phrasings of one case, nearest first."""
        asked, length = self._measured(question)
        return heapq.nlargest(
            TOP, ((sim, -n) for n, sim in enumerate(self._similarities(asked, length, case)))
        )

    def _top(self, asked: frozenset[str], length: float, case: int) -> float:
        nearest = heapq.nlargest(TOP, self._similarities(asked, length, case))
        return sum(nearest) / len(nearest) if nearest else 0.0

    def _similarities(self, asked: frozenset[str], length: float, case: int) -> Iterable[float]:
        weights = self._weights
        for features, norm in self._phrasings_of(case):
            shared = asked & features
            yield sum([weights[one] for one in shared]) / (length * norm) if shared else 0.0

    def _phrasings_of(self, case: int) -> list[Phrasing]:
        if case not in self._cases:
            self._cases[case] = [self._measured(one) for one in self._features(case)]
        return self._cases[case]

    def _measured(self, features: Iterable[str]) -> Phrasing:
        """Features with the length of their vector; ``_weights`` holds squared IDF."""
        found = frozenset(features)
        for one in found:
            if one not in self._weights:
                self._weights[one] = self._weight(one) ** 2 * (0.4 if " " in one else 1.0)
        return found, math.sqrt(sum([self._weights[one] for one in found])) or 1.0
