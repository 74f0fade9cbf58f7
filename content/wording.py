"""The shipped texts in another school's words: "tutor" where they say "mentor"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from content.models import Language, Local

Words = Mapping[str, str]


def said_as(texts: Mapping[str, Local], wording: Mapping[Language, Words]) -> Mapping[str, Local]:
    """The texts with whole words replaced; placeholders, commands and mark-up stay."""
    if not any(wording.values()):
        return texts
    dutch, english = wording.get("nl", {}), wording.get("en", {})
    return {
        key: Local(nl=in_words(text.nl, dutch), en=in_words(text.en, english))
        for key, text in texts.items()
    }


def in_words(text: str, words: Words) -> str:
    """One text with whole words replaced; a capital stays a capital."""
    if not words:
        return text
    plain = {word.casefold(): instead for word, instead in words.items()}
    either = "|".join(re.escape(word) for word in sorted(plain, key=len, reverse=True))

    def instead(found: re.Match[str]) -> str:
        word = plain[found.group().casefold()]
        return word[:1].upper() + word[1:] if found.group()[:1].isupper() else word

    return re.sub(rf"(?<![\w{{/<])(?:{either})(?![\w}}>])", instead, text, flags=re.IGNORECASE)
