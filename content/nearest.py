"""Which phrasings of the pack a question resembles most: TF-IDF cosine over words and pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

TOP = 3


@dataclass(frozen=True)
class Phrasings:
    """The phrasings of a case: in which of them a feature stands, and how long each one is."""

    with_feature: Mapping[str, Sequence[int]]
    lengths: Sequence[float]


class Nearest:
    """Compares a question with the phrasings of the few cases that are in the running."""

    def __init__(
        self, features: Callable[[int], Sequence[Iterable[str]]], weight: Callable[[str], float]
    ) -> None:
        """``features(case)`` gives the features of each of its phrasings, ``weight`` the IDF."""
        self._features = features
        self._weight = weight
        self._cases: dict[int, Phrasings] = {}

    def likeness(self, question: Iterable[str], cases: Iterable[int]) -> dict[int, float]:
        """For each case the mean similarity (0 to 1) of its three nearest phrasings."""
        asked = self._measured(question)
        return {case: _top(self._similarities(asked, case).values()) for case in cases}

    def phrasings(self, question: Iterable[str], case: int) -> list[tuple[float, int]]:
        """Similarity and place of the three nearest phrasings of one case, nearest first."""
        found = self._similarities(self._measured(question), case)
        return sorted(((like, place) for place, like in found.items()), reverse=True)[:TOP]

    def _similarities(self, asked: Mapping[str, float], case: int) -> dict[int, float]:
        """The cosine with each phrasing that shares a feature with the question."""
        phrasings = self._phrasings_of(case)
        places = phrasings.with_feature
        shared: dict[int, float] = {}
        for feature in asked.keys() & places.keys():
            weight = asked[feature]
            for place in places[feature]:
                shared[place] = shared.get(place, 0.0) + weight
        length = math.sqrt(sum(asked.values())) or 1.0
        return {
            place: weight / (length * phrasings.lengths[place]) for place, weight in shared.items()
        }

    def _phrasings_of(self, case: int) -> Phrasings:
        found = self._cases.get(case)
        if found is None:
            places: dict[str, list[int]] = {}
            lengths: list[float] = []
            for place, features in enumerate(self._features(case)):
                measured = self._measured(features)
                lengths.append(math.sqrt(sum(measured.values())) or 1.0)
                for feature in measured:
                    places.setdefault(feature, []).append(place)
            found = self._cases[case] = Phrasings(places, lengths)
        return found

    def _measured(self, features: Iterable[str]) -> dict[str, float]:
        """Features with their squared weight; pairs of words count less than words."""
        weight = self._weight
        return {one: weight(one) ** 2 * (0.4 if " " in one else 1.0) for one in features}


def _top(similarities: Iterable[float]) -> float:
    nearest = sorted(similarities, reverse=True)[:TOP]
    return sum(nearest) / len(nearest) if nearest else 0.0
