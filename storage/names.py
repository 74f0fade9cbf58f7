"""How names are tidied and compared."""

from __future__ import annotations

import unicodedata


def tidy(name: str) -> str:
    """Return ``name`` on one line, without control characters and double spaces."""
    shown = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in name)
    return " ".join(shown.split())


def fold(name: str) -> str:
    """Return what two spellings of one name have in common: no case, accents, dots or hyphens."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (char if char.isalnum() else " " for char in letters if not unicodedata.combining(char))
    return " ".join("".join(kept).split())
