"""Read a school's own rules from a plain text: numbered rules, lettered parts, what comes before.

A rule begins on a line with the next number: ``3. …``, ``3) …``, ``Regel 3: …``, ``Artikel 3``.
Its parts are lines with the next letter (``a. …``) or with its own number in front (``3.1 …``).
What stands between belongs to the rule or part above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from content.errors import ContentError

_HEAD: Final = re.compile(
    r"(?:(?:regel|artikel|afspraak|rule|article|§)\s*)?(\d{1,2})\s*[.):–-](?!\d)\s*(.*)"
    r"|(?:regel|artikel|afspraak|rule|article|§)\s*(\d{1,2})\s*(.*)",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(r"[-•*–]?\s*\(?([a-z])\s*[.):]\s+(.+)")
_PART: Final = re.compile(r"[-•*–]?\s*(\d{1,2})\.(\d{1,2})\s*[.):]?\s+(.+)")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
TITLE: Final = 60
PROSE: Final = 60
"""A line before the first rule that is this long, or ends like a sentence, is no heading."""


@dataclass
class Part:
    """A rule or a lettered part as it stands in the protocol."""

    label: str
    title: str = ""
    lines: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    """Every line as it stands, those of the parts included."""

    @property
    def text(self) -> str:
        """The words of the rule itself, without its parts, on one line."""
        return " ".join(self.lines) or self.title


@dataclass(frozen=True)
class Protocol:
    """What was read: the rules, and the words before the first one (may be empty)."""

    opening: str
    rules: tuple[Part, ...]


def decode(data: bytes) -> str:
    """The text of a file in UTF-8 or Windows-1252.

    Raises ContentError for what is no plain text, such as a Word or PDF file.
    """
    if data[:4] in (b"%PDF", b"PK\x03\x04") or b"\0" in data:
        raise ContentError("not a plain text: save the protocol as .txt first")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_protocol(text: str) -> Protocol:
    """Read the rules of a protocol. Raises ContentError when no line begins with ``1.``."""
    opening: list[str] = []
    rules: list[Part] = []
    for line in map(str.strip, text.splitlines()):
        head = _head(line, len(rules) + 1)
        if head is not None:
            said = [head] if head else []
            rules.append(Part(str(len(rules) + 1), lines=said, whole=list(said)))
        elif rules and line:
            _into(rules[-1], line)
        elif len(line) >= PROSE or line.endswith((".", "!")):
            opening.append(line)
    if not rules:
        raise ContentError("no rule found: each begins on its own line with 1., 2., 3. …")
    for rule in rules:
        _entitle(rule)
    return Protocol(" ".join(opening), tuple(rules))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without the sign at their end."""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        words = sentence.strip(" .!?;:")
        if words:
            yield words


def clipped(text: str, most: int) -> str:
    """The beginning of a text: whole sentences where one fits, else whole words and an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    kept = ""
    for sentence in _SENTENCE.split(text):
        if len(kept) + len(sentence) + 1 > most:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _head(line: str, expected: int) -> str | None:
    found = _HEAD.fullmatch(line)
    if found is None or int(found[1] or found[3]) != expected:
        return None
    return (found[2] if found[1] else found[4]).lstrip(" :–-").rstrip()


def _into(rule: Part, line: str) -> None:
    rule.whole.append(line)
    letter, numbered = _LETTER.fullmatch(line), _PART.fullmatch(line)
    following = chr(ord("a") + len(rule.parts))
    if letter and letter[1] == following:
        rule.parts.append(Part(rule.label + following, lines=[letter[2]]))
    elif numbered and numbered[1] == rule.label and int(numbered[2]) == len(rule.parts) + 1:
        rule.parts.append(Part(f"{rule.label}.{numbered[2]}", lines=[numbered[3]]))
    elif rule.parts and not _closes(rule.parts[-1].lines[-1]):
        rule.parts[-1].lines.append(line)
    else:
        rule.lines.append(line)


def _closes(line: str) -> bool:
    """Tell whether a part ended, so that what follows belongs to the whole rule again."""
    return line.endswith(".")


def _entitle(rule: Part) -> None:
    """Give a rule and its parts titles: a short first line, else the beginning of the text."""
    first = rule.lines[0] if rule.lines else ""
    has_more = len(rule.lines) > 1 or bool(rule.parts)
    if first and has_more and len(first) <= TITLE and not first.endswith((".", ":", ";", ",")):
        rule.title = first
        del rule.lines[0], rule.whole[0]
    for each in (rule, *rule.parts):
        begin = next(sentences(each.text), "") if not each.title else each.title
        each.title = _capital(clipped(begin, TITLE))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
