"""Which words of a pack share a part with a word: an index of character n-grams."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from content.corpus import Ints, distinct, found_in, runs, spans
from content.words import GRAM_LENGTHS, grams

SHORTEST_WITH_GRAMS = 4


def has_parts(word: str) -> bool:
    """Whether a word is long enough, and one of letters only."""
    return len(word) >= SHORTEST_WITH_GRAMS and word.isalpha()


class WordParts:
    """Looks up the words of a pack by their parts.

    A part is a number: that of its letters in an alphabet of those that the pack uses, written one
    after the other; so no two parts share one.
    """

    def __init__(self, words: Iterable[tuple[int, str]]) -> None:
        """``words`` with a number of the caller's own."""
        chosen = [(number, f"<{word}>") for number, word in words if has_parts(word)]
        text = "".join(marked for _, marked in chosen)
        letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(
            np.int64
        )
        alphabet = np.unique(letters)
        self._letters = {chr(letter): at + 1 for at, letter in enumerate(alphabet.tolist())}
        self._base = len(alphabet) + 1
        lengths = np.array([len(marked) for _, marked in chosen], np.int64)
        owners = np.repeat(np.arange(len(chosen)), lengths)
        self._index(np.searchsorted(alphabet, letters) + 1, owners)
        self._numbers = np.array([number for number, _ in chosen], np.int64)

    def _index(self, letters: Ints, owners: Ints) -> None:
        """List for each part the words that have it, each once."""
        found: list[Ints] = [np.zeros(0, np.int64)]
        words = int(owners[-1]) + 1 if len(owners) else 1
        for length in GRAM_LENGTHS:
            last = len(letters) - length + 1
            if last <= 0:
                continue
            parts = np.zeros(last, np.int64)
            for at in range(length):
                parts = parts * self._base + letters[at : at + last]
            within = owners[:last] == owners[length - 1 :]
            found.append((parts * words + owners[:last])[within])
        parts, self._words = np.divmod(distinct(np.concatenate(found)), words)
        self._starts = runs(parts)
        self._parts = parts[self._starts[:-1]]

    def sharing(self, word: str) -> tuple[int, Ints, Ints]:
        """The number of parts of a word, and the pack's words that share one.

        Those come as two arrays: which of the shared parts (numbered from 0), and which word.
        """
        parts = grams(word)
        wanted = np.array(sorted(self._number(part) for part in parts), np.int64)
        places = found_in(self._parts, wanted)
        owners, at = spans(self._starts[places], self._starts[places + 1])
        return len(parts), owners, self._numbers[self._words[at]]

    def _number(self, part: str) -> int:
        number = 0
        for letter in part:
            at = self._letters.get(letter)
            if at is None:
                return -1
            number = number * self._base + at
        return number
