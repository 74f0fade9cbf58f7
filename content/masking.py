"""Take out of a kept question what could point to a person, before it is stored.

Masked are names (of the roster and frequent first names), numbers and classes, account names,
addresses and links. It is better to mask a word too many: a teacher still reads what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NAME, NUMBER, ACCOUNT, LINK = "[naam]", "[nummer]", "[account]", "[link]"
_PARTICLES = frozenset(
    [
        "van",
        "der",
        "den",
        "de",
        "het",
        "ten",
        "ter",
        "te",
        "von",
        "el",
        "al",
        "la",
        "le",
        "du",
        "bin",
        "ben",
    ]
)
_LINKS = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.-]+\.(?:nl|com|org|net|eu|be|de|me|ly|gg|tv)/\S*"
)
_ACCOUNTS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|@[\w.]+|\b\w+_\w*\b|\b_\w+\b")
_PHONES = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_WORDS = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_SHORTEST = 2


def mask(text: str, names: Iterable[str]) -> str:
    """``text`` with every name, number, account and link replaced by a word in brackets.

    ``names`` are full names of the roster and first names alike; each part of a name counts,
    apart from particles such as "van der". Case, diacritics and a possessive s do not matter.
    """
    known = frozenset(part for name in names for part in _parts(name))
    for pattern, token in ((_LINKS, LINK), (_ACCOUNTS, ACCOUNT), (_PHONES, NUMBER)):
        text = pattern.sub(token, text)
    return _WORDS.sub(lambda found: _masked(found, known), text)


def _masked(found: re.Match[str], known: frozenset[str]) -> str:
    word = found.group()
    if found.string[max(0, found.start() - 1)] == "[" and f"[{word}]" in (NUMBER, ACCOUNT, LINK):
        return word
    if any(form in known for form in _forms(word)):
        return NAME
    if any(ch.isdigit() for ch in word):
        return ACCOUNT if _LETTERS.search(word) else NUMBER
    return word


def _forms(word: str) -> Iterable[str]:
    plain = _plain(word)
    yield plain
    stem = re.split(r"['’]", plain)[0]
    yield stem
    yield stem.removesuffix("s")
    yield from plain.split("-")


def _parts(name: str) -> Iterable[str]:
    for part in re.split(r"[\s\-.,]+", _plain(name)):
        if len(part) >= _SHORTEST and part not in _PARTICLES:
            yield part


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))
