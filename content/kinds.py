"""Question or account? Heard from the small words, whatever they are about.

The words of content are taken out first: what is left of "mag ik een foto van haar posten" is
"mag ik een * van haar ~en". What opens the message, who did it and in which tense then tell a
question from an account, also about things that no example mentions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from content.corpus import Corpus, Ints, Occurrences, found_in, runs
from content.models import Kind, Lexicon
from content.words import BREAK, tokens

_Number = TypeVar("_Number", int, Ints)

KINDS: tuple[Kind, ...] = ("ask", "report", "crisis", "meta", "smalltalk", "oos")
_SHAPES = re.compile(
    r"(?P<ge>(?:be|ge|ver|ont|her)\w{2,}(?:t|d|en)|\w+(?:af|op|aan|uit|door|rond|mee)ge\w+)"
    r"|(?P<ing>\w{3,}ing)|(?P<ed>\w{3,}ed)|(?P<en>\w{3,}en)"
)
_CONTENT = "*"
_BARE = (BREAK, _CONTENT, "~ge", "~ing", "~ed", "~en")
"""What is left of words of content, in the order of its numbers."""
_LONGEST, _STEP = 24, 4
"""Lengths are told apart up to so many words, in steps of so many."""
_SMOOTHING = 0.4
_SPREAD = 1 / 12
"""A word counts as small when at least this share of all cases uses it."""


class KindModel:
    """Naive Bayes over what is left of a message without its content words.

    A feature is a number: a bare word its own, a pair of neighbours ``(first + 1) * n + second``
    with n bare words, and behind all pairs the openings of three words and the lengths.
    """

    def __init__(self, corpus: Corpus, kinds: Sequence[Kind | None], small: Iterable[str]) -> None:
        """``kinds``: of each text of the corpus; None for a text not to learn from."""
        self._numbers = {bare: number for number, bare in enumerate((*_BARE, *sorted(small)))}
        self._count = len(self._numbers)
        self._openings = (self._count + 1) * self._count
        self._lengths = self._openings + self._count**3
        places = np.array([-1 if kind is None else KINDS.index(kind) for kind in kinds], np.int64)
        self._totals = np.bincount(places[places >= 0], minlength=len(KINDS))
        self._seen = [index for index, total in enumerate(self._totals.tolist()) if total]
        features, texts = self._in_texts(corpus, places >= 0)
        self._learn(features, places[texts])

    def _in_texts(self, corpus: Corpus, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Each feature with each chosen text that it stands in, once; by feature."""
        bare = np.array([0, *map(self._bare, corpus.word_counts)], np.int64)
        within = chosen[corpus.text_of[:-1]]
        row, texts = bare[corpus.row[:-1][within]], corpus.text_of[:-1][within]
        row = np.append(row, np.zeros(3, np.int64))
        starts = np.flatnonzero(row[:-3] == 0)
        first = row[starts + 1]
        second = np.where(first, row[starts + 2], 0)
        third = np.where(second, row[starts + 3], 0)
        lengths = np.diff(starts, append=len(texts)) - 1
        row = row[:-2]
        found = Occurrences(corpus.texts)
        found.add(row[row > 1], texts[row[:-1] > 1])
        found.add((row[:-1] + 1) * self._count + row[1:], texts)
        found.add(self._opening(first, second, third), texts[starts])
        found.add(self._length(np.minimum(lengths, _LONGEST)), texts[starts])
        return found.ordered()

    def _learn(self, features: Ints, kinds: Ints) -> None:
        """Keep the log-likelihood ratios of each feature by kind, and those of an unknown one."""
        bounds = runs(features)
        self._features = features[bounds[:-1]]
        places = np.repeat(np.arange(len(self._features)), np.diff(bounds))
        width = len(KINDS)
        counts = np.bincount(places * width + kinds, minlength=len(self._features) * width)
        table = np.vstack([counts.reshape(-1, width), np.zeros((1, width))])
        general = (table.sum(axis=1, keepdims=True) + 1.0) / (self._totals.sum() + 2.0)
        strength = 6 * _SMOOTHING
        self._logs = np.log(
            (table + strength * general) / (self._totals + strength) / general
        ).astype(np.float32)

    def chances(self, words: Sequence[str], asked: bool) -> dict[Kind, float]:
        """The chance of each kind, from 0 to 1; ``asked``: a question mark was typed."""
        if not self._seen:
            return dict.fromkeys(KINDS, 1 / len(KINDS))
        features = self._of(words)
        known = self._logs[found_in(self._features, features)]
        unknown = len(features) - len(known)
        sums = (known.sum(axis=0, dtype=float) + unknown * self._logs[-1]).tolist()
        # Neighbouring features tell nearly the same: raw sums would be far too sure.
        scale = 1.6 / math.sqrt(len(features) + 4)
        if asked:
            sums[KINDS.index("report")] -= 2.0
        best = max(sums[index] for index in self._seen)
        odds = {
            index: math.exp(scale * (sums[index] - best)) if index in self._seen else 0.0
            for index in range(len(KINDS))
        }
        total = sum(odds.values())
        return {KINDS[index]: odd / total for index, odd in odds.items()}

    def _of(self, words: Sequence[str]) -> Ints:
        """Small words, pairs of what is left, how it opens, and how long it is."""
        bare = [self._bare(word) for word in words]
        first, second, third = (*bare[:3], 0, 0, 0)[:3]
        found = {word for word in bare if word != 1}
        found.update((a + 1) * self._count + b for a, b in pairwise([0, *bare, 0]))
        found.add(self._opening(first, second, third))
        found.add(self._length(min(len(bare), _LONGEST)))
        return np.array(sorted(found), np.int64)

    def _opening(self, first: _Number, second: _Number, third: _Number) -> _Number:
        return self._openings + (first * self._count + second) * self._count + third

    def _length(self, words: _Number) -> _Number:
        return self._lengths + words // _STEP

    def _bare(self, word: str) -> int:
        """The number of what is left of a word: a small one itself, another one its shape."""
        return self._numbers.get(word) or self._numbers[shape(word)]


def small_words(spread: Mapping[str, int], cases: int, lexicon: Lexicon) -> frozenset[str]:
    """The words that say how, not what: frequent over ``cases``, or marks of the lexicon."""
    least = max(3, cases * _SPREAD)
    frequent = {word for word, found in spread.items() if found >= least}
    phrases = (lexicon.question_marks, lexicon.telling_marks)
    marks = {token for group in phrases for _, phrase in group for token in tokens(phrase)}
    return frozenset(
        frequent | marks | {plain for word in lexicon.stopwords for plain in tokens(word)}
    )


def shape(word: str) -> str:
    """What the form of a content word tells: a participle, an infinitive, or nothing."""
    found = _SHAPES.fullmatch(word)
    return f"~{found.lastgroup}" if found else _CONTENT
