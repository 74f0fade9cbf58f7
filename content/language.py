"""Dutch or English, per question; a question in both counts as its main language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from content.models import Language

_STRONGEST = 3.0
_SMOOTHING = 0.5
_ENDINGS = (1, 2, 3)


class LanguageModel:
    """Learned from a pack's phrasings: which words, and which ends of words, are whose."""

    def __init__(self, examples: Iterable[tuple[str, Sequence[str]]]) -> None:
        """``examples``: language and words of each phrasing."""
        counted: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
        for lang, words in examples:
            counted[lang == "en"].update(words)
        self._dutch, self._english = counted[False], counted[True]
        self._totals = (self._dutch.total(), self._english.total())
        self._ends: dict[str, list[int]] | None = None

    def of(self, words: Sequence[str], default: Language = "nl") -> Language:
        """The main language of a question; ``default`` when its words tell nothing."""
        if not all(self._totals):
            return "en" if self._totals[1] else default
        lean = sum(self._lean(word) for word in words if word.isalpha())
        if abs(lean) < 1e-9:
            return default
        return "en" if lean > 0 else "nl"

    def _lean(self, word: str) -> float:
        """Above 0 for English, below for Dutch; at most 3 either way."""
        counts = (self._dutch[word], self._english[word])
        if any(counts):
            return self._log_ratio(counts, self._totals)
        ends = self._by_end()
        known = [ends[word[-n:]] for n in _ENDINGS if word[-n:] in ends]
        return self._log_ratio(known[-1], self._totals) * 0.3 if known else 0.0

    def _by_end(self) -> Mapping[str, list[int]]:
        if self._ends is None:
            self._ends = {}
            for index, counted in enumerate((self._dutch, self._english)):
                for word, count in counted.items():
                    for n in _ENDINGS:
                        self._ends.setdefault(word[-n:], [0, 0])[index] += count
        return self._ends

    @staticmethod
    def _log_ratio(counts: Sequence[int], totals: Sequence[int]) -> float:
        ratio = math.log(
            (counts[1] + _SMOOTHING)
            / (totals[1] + 1)
            / ((counts[0] + _SMOOTHING) / (totals[0] + 1))
        )
        return max(-_STRONGEST, min(_STRONGEST, ratio))
