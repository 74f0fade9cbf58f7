"""Danger heard in a few words: the signal phrases of the pack, with words between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

Phrase = tuple[str, ...]
GAP = 2
"""Other words allowed within a phrase: "ik wil (gewoon echt) dood"."""


class Phrases:
    """Finds phrases in a question; visits only those whose rarest word is there."""

    def __init__(self, phrases: Iterable[tuple[int, Phrase]], counts: Mapping[str, int]) -> None:
        """``phrases`` come with a number of the caller's own, such as a case."""
        self._by_word: dict[str, list[tuple[int, Phrase]]] = {}
        for number, phrase in phrases:
            if phrase:
                rarest = min(phrase, key=lambda word: counts.get(word, 0))
                self._by_word.setdefault(rarest, []).append((number, phrase))

    def found(self, words: Sequence[str]) -> list[tuple[int, Phrase]]:
        """Number and words of every phrase in the question, in no order."""
        near = [pair for word in set(words) for pair in self._by_word.get(word, ())]
        return [(number, phrase) for number, phrase in near if stands_in(phrase, words)]


def stands_in(phrase: Phrase, words: Sequence[str], gap: int = GAP) -> bool:
    """Whether the words of ``phrase`` stand in ``words`` in order, with few others between.

    A phrase of one or two words stands for itself only: with gaps it would be found everywhere.
    """
    span = len(phrase) + (gap if len(phrase) > 2 else 0)
    starts = (place for place, word in enumerate(words) if word == phrase[0])
    return any(_in_order(phrase, words[start : start + span]) for start in starts)


def _in_order(phrase: Phrase, words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(word in rest for word in phrase)


def phrase_list(
    phrasings: Iterable[tuple[int, str]], words_of: Callable[[str], Sequence[str]]
) -> list[tuple[int, Phrase]]:
    """Numbered texts as numbered phrases of plain words."""
    return [(number, tuple(words_of(text))) for number, text in phrasings]
