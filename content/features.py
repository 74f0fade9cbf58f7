"""What a question is made of, as numbers: words, pairs of neighbours, concepts, pairs of concepts.

A *single* is a word or a concept and has a number below ``base``. A pair has the number
``(first + 1) * base + second``; the start and end of a text are 0, the number of BREAK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from content.corpus import Corpus, Ints, Occurrences, matches, runs, spans


@dataclass(frozen=True)
class Asked:
    """The features of one question.

    ``singles``: its different words and concepts, by name; ``pairs``: the numbers of those pairs
    whose words the pack has; ``count``: how many different features there are, known or not.
    """

    singles: Sequence[str]
    pairs: Ints
    count: int


class Features:
    """Numbers the features of one corpus."""

    def __init__(
        self, corpus: Corpus, concepts: Mapping[str, tuple[str, ...]], concept_pairs: bool
    ) -> None:
        """``concepts``: from a word, or two with a space between, to the concepts that it means."""
        self._concept_pairs = concept_pairs
        numbers = self.numbers = dict(corpus.numbers)
        for meaning in concepts:
            for word in meaning.split():
                numbers.setdefault(word, len(numbers))
        self.words = len(numbers)
        """Numbers from here up to ``base`` are concepts."""
        for names in concepts.values():
            for name in names:
                numbers.setdefault(name, len(numbers))
        self.base = len(numbers)
        self.names = list(numbers)
        self._bounds = np.array([self.words, self.base, self._pair(self.words, 0)], np.int64)
        self._meanings = dict(self._numbered(concepts))

    def _numbered(
        self, concepts: Mapping[str, tuple[str, ...]]
    ) -> Iterable[tuple[int, tuple[int, ...]]]:
        for meaning, names in concepts.items():
            words = [self.numbers[word] for word in meaning.split()]
            if len(words) in (1, 2):
                key = words[0] if len(words) == 1 else self._pair(*words)
                yield key, tuple(self.numbers[name] for name in names)

    def _pair(self, first: int, second: int) -> int:
        return (first + 1) * self.base + second

    def sorts(self, features: Ints) -> Ints:
        """For each feature its sort: 0 a word, 1 a concept, 2 a pair of words, 3 of concepts."""
        return np.searchsorted(self._bounds, features, side="right")

    def of(self, words: Sequence[str]) -> Asked:
        """The features of one question."""
        base, known = self.base, self.numbers
        row = [0, *[known.get(word, -1) for word in words], 0]
        pairs = {(a + 1) * base + b for a, b in pairwise(row) if a >= 0 and b >= 0}
        meant = self._meant({*row, *pairs})
        both = combinations(meant, 2) if self._concept_pairs else ()
        of_concepts = [(a + 1) * base + b for a, b in both]
        neighbours = set(pairwise(["", *words, ""])) if -1 in row else pairs
        different = dict.fromkeys(words)
        return Asked(
            singles=(*different, *[self.names[concept] for concept in meant]),
            pairs=np.array([*sorted(pairs), *of_concepts], np.int64),
            count=len(different) + len(neighbours) + len(meant) + len(of_concepts),
        )

    def _meant(self, features: set[int]) -> list[int]:
        found = self._meanings.keys() & features
        return sorted({concept for feature in found for concept in self._meanings[feature]})

    def in_texts(self, corpus: Corpus) -> tuple[Ints, Ints]:
        """Each feature with each text that it stands in, once; ordered by feature, then text."""
        row, texts = corpus.row, corpus.text_of
        word = row > 0
        words, pairs = Occurrences(corpus.texts), Occurrences(corpus.texts)
        words.add(row[word], texts[word])
        pairs.add((row[:-1] + 1) * self.base + row[1:], texts[:-1])
        concepts, concept_pairs = Occurrences(corpus.texts), Occurrences(corpus.texts)
        said, neighbours = words.ordered(), pairs.ordered()
        concepts.add(*self._concept_texts(*said))
        concepts.add(*self._concept_texts(*neighbours))
        meant = concepts.ordered()
        if self._concept_pairs:
            for pair, stands in self._pairs_in_texts(*meant):
                concept_pairs.add(pair, stands)
        # In the order of their numbers.
        found = (said, meant, neighbours, concept_pairs.ordered())
        return (
            np.concatenate([features for features, _ in found]),
            np.concatenate([stands for _, stands in found]),
        )

    def _concept_texts(self, features: Ints, texts: Ints) -> tuple[Ints, Ints]:
        """Concepts with the texts in which one of their words, or pairs of words, stands."""
        bounds = runs(features)
        known = features[bounds[:-1]]
        pairs = [(feature, one) for feature, found in self._meanings.items() for one in found]
        meanings, concepts = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
        said, places = matches(known, meanings)
        lengths, at = spans(bounds[places], bounds[places + 1])
        return np.repeat(concepts[said], lengths), texts[at]

    def _pairs_in_texts(self, concepts: Ints, texts: Ints) -> Iterable[tuple[Ints, Ints]]:
        """Each two concepts of a text, the lower number first."""
        order = np.argsort(texts, kind="stable")
        concepts, texts = concepts[order], texts[order]
        step = 1
        while (together := texts[step:] == texts[:-step]).any():
            pairs = (concepts[:-step] + 1) * self.base + concepts[step:]
            yield pairs[together], texts[step:][together]
            step += 1
