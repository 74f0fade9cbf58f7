"""From what a pupil typed to plain words: case, accents, chat spelling, names, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from content.models import Lexicon

NAME = "#name"
NUMBER = "#number"
BREAK = "\x01"
"""Stands between texts that are read together; no word, so no text can hold it as one."""
_TOKEN = re.compile(r"[^\W_]+|[\u2600-\u27bf\U0001f300-\U0001faff]")
_TOKEN_OR_BREAK = re.compile(f"{_TOKEN.pattern}|{BREAK}")
_ONLY_WORDS = "".join(chr(n) if chr(n).isalnum() or chr(n) == BREAK else " " for n in range(128))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_APOSTROPHE = re.compile(r"[’‘´]")
_REPEATED = re.compile(r"(.)\1{2,}")
_NUMBERISH = re.compile(r"[a-z]{0,3}\d+[a-z]{0,2}")


def plain(text: str) -> str:
    """Lower case without accents, apostrophes, or letters repeated more than twice."""
    return _REPEATED.sub(r"\1\1", _folded(text))


def tokens(text: str) -> list[str]:
    """The words and emoji of a text in order, each in plain form."""
    return _TOKEN.findall(plain(text))


def token_row(texts: Sequence[str]) -> list[str]:
    """The tokens of many texts in one row, a BREAK before and after each text; in any spelling."""
    parts = ["", *(text.replace(BREAK, " ") for text in texts), ""]
    folded = _folded(f" {BREAK} ".join(parts))
    if folded.isascii():
        # Five times faster than looking for words.
        return folded.translate(_ONLY_WORDS).split()
    return _TOKEN_OR_BREAK.findall(folded)


def _folded(text: str) -> str:
    if not text.isascii():
        text = _FOREIGN.sub(_without_marks, text)
    return text.replace("'", "").replace("`", "").casefold()


def _without_marks(letters: re.Match[str]) -> str:
    """Letters that are not ASCII, without accents and typographic apostrophes."""
    decomposed = unicodedata.normalize("NFKD", letters.group())
    bare = "".join([ch for ch in decomposed if not unicodedata.combining(ch)])
    return _APOSTROPHE.sub("", bare)


class Reader:
    """Reads texts with one pack's lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        spellings = {plain(short): tuple(tokens(full)) for short, full in lexicon.spellings.items()}
        names = {plain(name): (NAME,) for name in lexicon.names}
        self._readings = _Readings({**names, **spellings})

    def words(self, text: str) -> list[str]:
        """The words of a text, chat spelling written out, names and numbers as one word each."""
        readings = self._readings
        return [word for token in _TOKEN.findall(_folded(text)) for word in readings[token]]

    def reading(self, token: str) -> tuple[str, ...]:
        """The words that one token stands for."""
        return self._readings[token]


_REMEMBERED = 20_000


class _Readings(dict[str, tuple[str, ...]]):
    """What each token stands for; a token that is not in the lexicon for itself."""

    def __missing__(self, token: str) -> tuple[str, ...]:
        short = _REPEATED.sub(r"\1\1", token)
        reading = self.get(short) or (short,)
        if (token[0].isdigit() or token[-1].isdigit()) and _NUMBERISH.fullmatch(token):
            reading = (NUMBER,)
        if len(self) < _REMEMBERED:
            self[token] = reading
        return reading


def concept_table(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """From a word (or two words with a space) to the concepts it stands for, as ``@photo``."""
    table: dict[str, tuple[str, ...]] = {}
    for concept, members in lexicon.concepts.items():
        for member in members:
            key = " ".join(tokens(member))
            table[key] = (*table.get(key, ()), f"@{concept.replace(' ', '_')}")
    return table
