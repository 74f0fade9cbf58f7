"""Which phrasings of the pack a question resembles most: TF-IDF cosine over words and concepts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from content.corpus import Corpus, Floats, Occurrences, added_up, spans, starts_of
from content.evidence import Evidence

TOP = 3


class Nearest:
    """Compares a question with the phrasings of the few cases that are in the running."""

    def __init__(self, corpus: Corpus, evidence: Evidence) -> None:
        self._evidence = evidence
        self._first_texts = corpus.first_texts
        singles, texts = evidence.singles
        by_text = Occurrences(evidence.features.base)
        by_text.add(texts, singles)
        self._singles = by_text.ordered()[1].astype(np.int32)
        self._starts = starts_of(np.bincount(texts, minlength=corpus.texts))
        squares = added_up(texts, evidence.squared_weights[singles], corpus.texts)
        self._lengths = np.where(squares > 0, np.sqrt(squares), 1.0)

    def likeness(self, question: Sequence[str], cases: Sequence[int]) -> dict[int, float]:
        """For each case the mean similarity (0 to 1) of its three nearest phrasings."""
        found = self._similarities(question, cases)
        return {case: _top(near) for case, near in zip(cases, found, strict=True)}

    def phrasings(self, question: Sequence[str], case: int) -> list[tuple[float, int]]:
        """Similarity and place of the three nearest phrasings of one case, nearest first."""
        (found,) = self._similarities(question, [case])
        near = ((like, place) for place, like in enumerate(found) if like > 0)
        return sorted(near, reverse=True)[:TOP]

    def _measured(self, question: Sequence[str]) -> tuple[Floats, float]:
        """The squared weight of every word and concept, 0 where the question has it not.

        Also the length of the question.
        """
        evidence = self._evidence
        asked = np.zeros(len(evidence.squared_weights))
        squares = [evidence.weight(single) ** 2 for single in question]
        for single, square in zip(question, squares, strict=True):
            number = evidence.features.numbers.get(single)
            if number is not None:
                asked[number] = square
        return asked, math.sqrt(sum(squares)) or 1.0

    def _similarities(self, question: Sequence[str], cases: Sequence[int]) -> list[list[float]]:
        """For each case the cosine with each of its phrasings."""
        asked, length = self._measured(question)
        firsts = self._first_texts[np.array(cases, np.int64)[:, None] + (0, 1)]
        _, texts = spans(firsts[:, 0], firsts[:, 1])
        owners, at = spans(self._starts[texts], self._starts[texts + 1])
        shared = added_up(owners, asked[self._singles[at]], len(texts))
        alike = (shared / (length * self._lengths[texts])).tolist()
        stops = np.cumsum(firsts[:, 1] - firsts[:, 0]).tolist()
        return [alike[start:stop] for start, stop in pairwise([0, *stops])]


def _top(similarities: Iterable[float]) -> float:
    nearest = [like for like in sorted(similarities)[-TOP:] if like > 0]
    return sum(nearest) / len(nearest) if nearest else 0.0
