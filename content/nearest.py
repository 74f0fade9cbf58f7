"""Which phrasings of the pack a question resembles most: TF-IDF cosine over words and concepts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from content.corpus import Corpus, Floats, Occurrences, added_up, starts_of
from content.evidence import Evidence

TOP = 3
Similarities: TypeAlias = Mapping[int, Floats]
"""For each case that of each of its phrasings, in order."""


class Nearest:
    """Compares a question with the phrasings of the few cases that are in the running."""

    def __init__(self, corpus: Corpus, evidence: Evidence) -> None:
        self._evidence = evidence
        self._first_texts: list[int] = corpus.first_texts.tolist()
        singles, texts = evidence.singles
        # A BREAK, which no question has, stands in every text: so none is without a member.
        by_text = Occurrences(evidence.features.base)
        by_text.add(texts, singles)
        by_text.add(np.arange(corpus.texts), np.zeros(corpus.texts, np.int64))
        self._members = by_text.ordered()[1].astype(np.int32)
        self._starts = starts_of(np.bincount(texts, minlength=corpus.texts) + 1)
        squares = added_up(texts, evidence.squared_weights[singles], corpus.texts)
        self._lengths = np.where(squares > 0, np.sqrt(squares), 1.0)

    def similarities(self, question: Sequence[str], cases: Sequence[int]) -> Similarities:
        """For each case the cosine (0 to 1) of a question's words with each of its phrasings."""
        spans = [(case, *self._first_texts[case : case + 2]) for case in cases]
        spans = [span for span in spans if span[1] < span[2]]
        if not spans:
            return {}
        asked, length = self._measured(question)
        pieces = [self._members[self._starts[a] : self._starts[b]] for _, a, b in spans]
        before = [0, *accumulate(map(len, pieces))]
        starts = [
            self._starts[a:b] + (at - self._starts[a])
            for (_, a, b), at in zip(spans, before, strict=False)
        ]
        shared = np.add.reduceat(asked[np.concatenate(pieces)], np.concatenate(starts))
        lengths = np.concatenate([self._lengths[a:b] for _, a, b in spans])
        cosines = np.minimum(shared / (length * lengths), 1.0)  # not 1.0000000002
        stops = accumulate(b - a for _, a, b in spans)
        return {
            case: cosines[stop + a - b : stop]
            for (case, a, b), stop in zip(spans, stops, strict=True)
        }

    def _measured(self, question: Sequence[str]) -> tuple[Floats, float]:
        """The squared weight of every word and concept, 0 where the question has it not.

        Also the length of the question.
        """
        evidence = self._evidence
        numbers = [evidence.features.numbers.get(single, -1) for single in question]
        known = np.array([number for number in numbers if number >= 0], np.int64)
        unknown = len(numbers) - len(known)
        squares = evidence.squared_weights[known]
        asked = np.zeros(len(evidence.squared_weights))
        asked[known] = squares
        total = float(squares.sum()) + unknown * evidence.weight("") ** 2
        return asked, math.sqrt(total) or 1.0


def likeness(similarities: Floats) -> float:
    """The mean of the three greatest that are not 0."""
    some = len(similarities) > TOP
    nearest = np.partition(similarities, -TOP)[-TOP:] if some else similarities
    alike = [like for like in nearest.tolist() if like > 0]
    return sum(alike) / len(alike) if alike else 0.0


def nearest_places(similarities: Floats) -> list[tuple[float, int]]:
    """Similarity and place of the three greatest, greatest first."""
    places = np.argsort(-similarities, kind="stable")[:TOP].tolist()
    return [(similarities.item(place), place) for place in places if similarities[place] > 0]
