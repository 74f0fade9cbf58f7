"""Question or account? Heard from the small words, whatever they are about.

The words of content are taken out first: what is left of "mag ik een foto van haar posten" is
"mag ik een * van haar ~en". What opens the message, who did it and in which tense then tell a
question from an account, also about things that no example mentions.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from content.models import Kind, Lexicon
from content.words import bigrams, tokens

KINDS: tuple[Kind, ...] = ("ask", "report", "crisis", "meta", "smalltalk", "oos")
_SHAPES = (
    (re.compile(r"(?:be|ge|ver|ont|her)\w{2,}(?:t|d|en)"), "~ge"),
    (re.compile(r"\w+(?:af|op|aan|uit|door|rond|mee)ge\w+"), "~ge"),
    (re.compile(r"\w{3,}ing"), "~ing"),
    (re.compile(r"\w{3,}ed"), "~ed"),
    (re.compile(r"\w{3,}en"), "~en"),
)
_CACHE = 50_000
_SMOOTHING = 0.4
_SPREAD = 1 / 12
"""A word counts as small when at least this share of all cases uses it."""


class KindModel:
    """Naive Bayes over what is left of a message without its content words."""

    def __init__(
        self,
        examples: Iterable[tuple[Kind, Sequence[str]]],
        small: frozenset[str],
    ) -> None:
        self._small = small
        self._bare: dict[str, str] = {}
        counted: list[Counter[str]] = [Counter() for _ in KINDS]
        self._totals = [0] * len(KINDS)
        for kind, words in examples:
            index = KINDS.index(kind)
            counted[index].update(self._features(words))
            self._totals[index] += 1
        self._counts = counted
        self._seen = [index for index, total in enumerate(self._totals) if total]
        self._logs: dict[str, list[float]] = {}

    def chances(self, words: Sequence[str], asked: bool) -> dict[Kind, float]:
        """The chance of each kind, from 0 to 1; ``asked``: a question mark was typed."""
        if not self._seen:
            return dict.fromkeys(KINDS, 1 / len(KINDS))
        rows = [self._log(feature) for feature in self._features(words)]
        sums = [sum(column) for column in zip(*rows, strict=True)] or [0.0] * len(KINDS)
        # Neighbouring features tell nearly the same: raw sums would be far too sure.
        scale = 1.6 / math.sqrt(len(rows) + 4)
        if asked:
            sums[KINDS.index("report")] -= 2.0
        best = max(sums[index] for index in self._seen)
        odds = {
            index: math.exp(scale * (sums[index] - best)) if index in self._seen else 0.0
            for index in range(len(KINDS))
        }
        total = sum(odds.values())
        return {KINDS[index]: odd / total for index, odd in odds.items()}

    def _log(self, feature: str) -> list[float]:
        """Log-likelihood ratios of one feature by kind."""
        logs = self._logs.get(feature)
        if logs is None:
            counts = [counted[feature] for counted in self._counts]
            general = (sum(counts) + 1.0) / (sum(self._totals) + 2.0)
            strength = 6 * _SMOOTHING
            logs = self._logs[feature] = [
                math.log((count + strength * general) / (total + strength) / general)
                for count, total in zip(counts, self._totals, strict=True)
            ]
        return logs

    def _features(self, words: Sequence[str]) -> set[str]:
        """Small words, pairs of what is left, how it opens, and how long it is."""
        known = self._bare
        bare = [known.get(word) or self._stripped(word) for word in words]
        opening = " ".join(bare[:3])
        found = {*bare, *bigrams(bare), f"start {opening}", f"length {min(len(bare), 24) // 4}"}
        found.discard("*")
        return found

    def _stripped(self, word: str) -> str:
        bare = word if word in self._small else shape(word)
        if len(self._bare) < _CACHE:
            self._bare[word] = bare
        return bare


def small_words(spread: Mapping[str, int], cases: int, lexicon: Lexicon) -> frozenset[str]:
    """The words that say how, not what: frequent over ``cases``, or marks of the lexicon."""
    frequent = {word for word, found in spread.items() if found >= max(3, cases * _SPREAD)}
    phrases = (lexicon.question_marks, lexicon.telling_marks)
    marks = {token for group in phrases for _, phrase in group for token in tokens(phrase)}
    return frozenset(
        frequent | marks | {plain for word in lexicon.stopwords for plain in tokens(word)}
    )


def shape(word: str) -> str:
    """What the form of a content word tells: a participle, an infinitive, or nothing."""
    for pattern, name in _SHAPES:
        if pattern.fullmatch(word):
            return name
    return "*"
