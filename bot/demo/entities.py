"""Telegram's HTML as the Bot API reads it: text and entities, or its refusal.

Offsets and lengths are in UTF-16 code units, as in Telegram.
"""

from __future__ import annotations

import re
from typing import Any

from bot.demo.errors import bad

Entity = dict[str, Any]

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)([^>]*)(>?)")
ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));?")
FOUND = (
    ("url", re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]|\bt\.me/[\w?=+/-]+")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w&#])#(?!\d+\b)\w+")),
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z]\w{0,31}(?:@\w+)?\b")),
)


def utf16(text: str) -> int:
    """Return the length of ``text`` in UTF-16 code units."""
    return len(text) + sum(ch > "\uffff" for ch in text)


class _Reader:
    """One pass over a text; what is open is on a stack."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.length = 0
        self.open: list[tuple[str, Entity]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        at = 0
        while at < len(self.source):
            at = self._step(at)
        if self.open:
            raise self._refuse(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"'
            )
        return "".join(self.parts), self.entities

    def _step(self, at: int) -> int:
        ch = self.source[at]
        if ch == "<":
            return self._tag(at)
        if ch == "&" and (match := REFERENCE.match(self.source, at)):
            self._add(self._character(match))
            return match.end()
        self._add(ch)
        return at + 1

    def _tag(self, at: int) -> int:
        match = TAG.match(self.source, at)
        if match is None or not match[4]:
            raise self._refuse("Unclosed start tag", at)
        name = match[2].lower()
        if match[1]:
            self._end(name, at)
        else:
            self._start(name, match[3], at)
        return match.end()

    def _start(self, name: str, attributes: str, at: int) -> None:
        values = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in ATTRIBUTE.finditer(attributes)}
        kind = SIMPLE.get(name)
        if name == "span" and values.get("class") == "tg-spoiler":
            kind = "spoiler"
        if kind is None:
            raise self._refuse(f'Unsupported start tag "{name}"', at)
        entity: Entity = {"type": kind, "offset": self.length, "length": 0}
        if name == "a":
            entity["url"] = _unescape(values.get("href", ""))
        if name == "blockquote" and "expandable" in values:
            entity["type"] = "expandable_blockquote"
        if name == "code" and self.open and self.open[-1][0] == "pre" and "class" in values:
            self.open[-1][1]["language"] = values["class"].removeprefix("language-")
        self.open.append((name, entity))

    def _end(self, name: str, at: int) -> None:
        if not self.open:
            raise self._refuse("Unexpected end tag", at)
        expected, entity = self.open.pop()
        if name not in ("", expected):
            where = f', expected "</{expected}>", found "</{name}>"'
            raise self._refuse("Unmatched end tag", at, where)
        entity["length"] = self.length - entity["offset"]
        inside_pre = entity["type"] == "code" and any(tag == "pre" for tag, _ in self.open)
        empty_link = entity["type"] == "text_link" and not entity["url"]
        if entity["length"] and not inside_pre and not empty_link:
            self.entities.append(entity)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16(text)

    @staticmethod
    def _character(match: re.Match[str]) -> str:
        if match[3]:
            return NAMED.get(match[3], match[0])
        code = int(match[1]) if match[1] else int(match[2], 16)
        valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
        return chr(code) if valid else match[0]

    def _refuse(self, what: str, at: int | None = None, more: str = "") -> Exception:
        offset = "" if at is None else f" at byte offset {len(self.source[:at].encode())}"
        return bad(f"can't parse entities: {what}{offset}{more}")


def _unescape(text: str) -> str:
    return REFERENCE.sub(_Reader._character, text)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return text and entities of Telegram HTML.

    Raises ``ApiError`` 400 "can't parse entities" for a tag that Telegram does not know, that is
    not closed or that closes another.
    """
    return _Reader(source).read()


def detect(text: str) -> list[Entity]:
    """Return what Telegram makes active by itself: links, addresses, mentions, tags, commands."""
    found: list[Entity] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            entity = {
                "type": kind,
                "offset": utf16(text[: match.start()]),
                "length": utf16(match[0]),
            }
            if not any(_overlap(entity, other) for other in found):
                found.append(entity)
    return found


def _overlap(a: Entity, b: Entity) -> bool:
    return bool(a["offset"] < b["offset"] + b["length"] and b["offset"] < a["offset"] + a["length"])


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut white space at both ends, as Telegram does, and move the entities along."""
    cut = utf16(text) - utf16(text.lstrip())
    text = text.strip()
    end = utf16(text)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] + entity["length"] - cut, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return text, kept


def formatted(
    text: str, parse_mode: str | None = None, given: list[Entity] | None = None
) -> tuple[str, list[Entity]]:
    """Return what a message holds after ``text`` was sent with ``parse_mode`` or entities.

    Raises ``ApiError`` for a parse mode other than HTML (the bot uses no other) or bad HTML.
    """
    entities = list(given or [])
    if parse_mode and parse_mode.upper() != "HTML":
        raise bad("unsupported parse_mode")
    if parse_mode:
        text, entities = parse_html(text)
    text, entities = _trim(text, entities)
    fixed = [e for e in entities if e["type"] in ("code", "pre", "text_link")]
    entities += [e for e in detect(text) if not any(_overlap(e, other) for other in fixed)]
    return text, sorted(entities, key=lambda e: (e["offset"], -e["length"]))
