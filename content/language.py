"""Dutch or English, per question; a question in both counts as its main language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from content.models import Language

_STRONGEST = 3.0
_SMOOTHING = 0.5
_ENDINGS = (1, 2, 3)


class LanguageModel:
    """Learned from a pack's phrasings: which words, and which ends of words, are whose."""

    def __init__(self, dutch: Mapping[str, int], english: Mapping[str, int]) -> None:
        """How often each word stands in Dutch and in English phrasings."""
        self._dutch, self._english = dutch, english
        self._totals = (sum(dutch.values()), sum(english.values()))
        self._leans: dict[str, float] = {}
        self._ends: dict[str, list[int]] = {}
        for index, counted in enumerate((dutch, english)):
            for word, count in counted.items():
                for n in _ENDINGS:
                    self._ends.setdefault(word[-n:], [0, 0])[index] += count

    def of(self, words: Sequence[str], default: Language) -> Language:
        """The main language of a question; ``default`` when its words tell nothing."""
        if not all(self._totals):
            return "en" if self._totals[1] else default
        lean = sum(self._lean(word) for word in words if word.isalpha())
        if abs(lean) < 1e-9:
            return default
        return "en" if lean > 0 else "nl"

    def _lean(self, word: str) -> float:
        """Above 0 for English, below for Dutch; at most 3 either way."""
        lean = self._leans.get(word)
        if lean is None:
            counts = (self._dutch.get(word, 0), self._english.get(word, 0))
            if not any(counts):
                return self._lean_of_end(word)
            lean = self._leans[word] = self._log_ratio(counts, self._totals)
        return lean

    def _lean_of_end(self, word: str) -> float:
        known = [self._ends[word[-n:]] for n in _ENDINGS if word[-n:] in self._ends]
        return self._log_ratio(known[-1], self._totals) * 0.3 if known else 0.0

    @staticmethod
    def _log_ratio(counts: Sequence[int], totals: Sequence[int]) -> float:
        ratio = math.log(
            (counts[1] + _SMOOTHING)
            / (totals[1] + 1)
            / ((counts[0] + _SMOOTHING) / (totals[0] + 1))
        )
        return max(-_STRONGEST, min(_STRONGEST, ratio))
