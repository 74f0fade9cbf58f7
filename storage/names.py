"""How names are tidied and compared."""

from __future__ import annotations

import unicodedata
from typing import Final

_SMALL: Final = frozenset({"de", "den", "der", "van", "het", "ter", "ten", "te", "la", "el", "al"})


def tidy(name: str) -> str:
    """Return ``name`` on one line, without control characters and double spaces."""
    shown = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in name)
    return " ".join(shown.split())


def fold(name: str) -> str:
    """Return what two spellings of one name have in common: no case, accents, dots or hyphens."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (char if char.isalnum() else " " for char in letters if not unicodedata.combining(char))
    return " ".join("".join(kept).split())


def share_a_word(one: str, other: str) -> bool:
    """Tell whether two names can be of one person: initials and words such as "de" say nothing."""
    return bool(_telling(one) & _telling(other))


def _telling(name: str) -> set[str]:
    words = fold(name).split()
    return {word for word in words if len(word) > 1 and word not in _SMALL} or set(words)
