"""A pupil's words as tokens that remember capitals, sentences and what joins them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from content import namewords as lists

_TOKEN: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"[‘`´]")
_BREAK: Final = re.compile(r"[.!?\n;:]")
_JOIN: Final = re.compile(r"[ \t\-.'_]*")
_ASKS: Final = lists.PERMISSION | {"leest", "weet", "ziet", "does", "wil", "wilt", "zou"}
_SOUNDS: Final = (
    ("ij", "y"), ("ei", "y"), ("ck", "k"), ("sch", "sg"), ("ch", "g"), ("ph", "f"), ("th", "t"),
    ("dt", "t"), ("c", "k"), ("z", "s"), ("x", "ks"), ("v", "f"), ("ae", "a"), ("ou", "au"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One word: ``plain`` is lower case without accents, ``raw`` as typed without accents."""

    plain: str
    raw: str
    opens: bool
    """The first of its sentence, so that a capital says nothing."""
    sentence: int
    joined: bool
    """Nothing but spaces, hyphens or dots stands between the word before and this one."""
    shouted: bool
    """The whole text is in capitals."""

    @property
    def capital(self) -> bool:
        """Tell whether the capital of this word says that it is a name."""
        return self.raw[0].isupper() and not self.opens and not self.shouted


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents."""
    return _bare(text).lower()


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("ø", "o"))
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch))


def sound(word: str) -> str:
    """Return a spelling that is the same for names that sound the same (Meijer, Meyer)."""
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", word)


def read(text: str, known: Iterable[str] = ()) -> list[Word]:
    """Return the words of ``text``; "meneerjansen" is split when ``known`` has the name."""
    bare = _APOSTROPHE.sub("'", _bare(text).replace("’", "'"))
    bare = re.sub(r"\b([MmZz])'n\b", r"\1ijn", bare)
    bare = re.sub(r"(?<=\w)'(s)?\b", r"\1", bare)
    letters = [ch for ch in bare if ch.isalpha()]
    shouted = len(letters) > 6 and sum(map(str.isupper, letters)) > 0.7 * len(letters)
    names = frozenset(known)
    words: list[Word] = []
    end = 0
    for found in _TOKEN.finditer(bare):
        _add(words, bare[end : found.start()], found.group(), names, shouted)
        end = found.end()
    return words


def _add(words: list[Word], gap: str, raw: str, names: frozenset[str], shouted: bool) -> None:
    last = words[-1] if words else None
    abbreviated = last is not None and (len(last.plain) == 1 or last.plain in lists.TITLES)
    broken = _BREAK.search(gap.replace(".", "") if abbreviated else gap) is not None
    opens = last is None or broken
    sentence = (last.sentence if last else 0) + int(broken)
    joined = last is not None and not broken and _JOIN.fullmatch(gap) is not None
    for part in _parts(raw, names):
        words.append(Word(part.lower(), part, opens, sentence, joined, shouted))
        opens, joined = False, True


def _parts(raw: str, names: frozenset[str]) -> Sequence[str]:
    plain = raw.lower()
    if len(plain) < 6 or plain in names:
        return (raw,)
    for title in lists.GLUED_TITLES:
        rest = plain[len(title) :]
        if plain.startswith(title) and (rest in names or rest.removesuffix("s") in names):
            return (raw[: len(title)], raw[len(title) :])
    return (raw,)


def around(words: Sequence[Word], start: int, stop: int) -> tuple[list[str], list[str]]:
    """Return the plain words of the same sentence before ``start`` and from ``stop`` on."""
    here = words[start].sentence
    before = [w.plain for w in words[:start] if w.sentence == here]
    return before, [w.plain for w in words[stop:] if w.sentence == here]


def of_a_pupil(words: Sequence[Word], start: int, stop: int) -> bool:
    """Tell whether the words around a name say that it is a pupil's."""
    before, after = around(words, start, stop)
    near = after[:6]
    if any(word in lists.YOUNG for word in before[-2:]):
        return True
    if near[:1] and near[0] in {"uit", "in", "from", "van", "of"}:
        return any(w in lists.CLASS_WORDS or is_class(w) for w in near[1:4])
    mate = [word for word in near[:4] if word in lists.MATES]
    return bool(mate) and near[0] in lists.MINE | lists.INDEFINITE | {"is"}


def is_class(word: str) -> bool:
    """Tell whether a word is the label of a class: 3b, h3b, 4vwo."""
    return re.fullmatch(r"[a-z]{0,3}[1-6][a-z]{0,4}", word) is not None


def helping(words: Sequence[Word], start: int, stop: int) -> bool:
    """Tell whether the person named from ``start`` to ``stop`` is plainly helper or addressee."""
    before, after = around(words, start, stop)
    asked = bool(before) and before[0] in _ASKS and any(w in lists.READS for w in after[:5])
    return asked or _greeted(words, start, stop, before) or _told(before, after) or _helps(after)


def _greeted(words: Sequence[Word], start: int, stop: int, before: Sequence[str]) -> bool:
    ends = stop >= len(words) or not words[stop].joined
    polite = any(word in lists.THANKS for word in before[-4:])
    greeted = bool(before) and len(before) <= 3 and before[0] in lists.GREETINGS
    if polite or greeted:
        return ends or words[stop].plain in lists.ADDRESSING
    return ends and stop - start > 1 and bool(before) and not words[start].joined


def _told(before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether words go to this person: "aan mijn mentor verteld", "I told my mentor"."""
    if before[-1:] == ["van"] or before[-2:-1] == ["van"]:
        return any(word in {"moest", "moet", "mocht", "mag"} for word in after[:1])
    while before and before[-1] in lists.MINE | lists.DEFINITE | lists.TITLES:
        before = before[:-1]
    if before and before[-1] in lists.TOLD:
        return True
    if len(before) > 1 and before[-1] == "to" and before[-2] in lists.TALK | {"went", "go"}:
        return True
    to = {"aan", "tegen", "met", "naar", "bij", "to", "with"}
    if not before or before[-1] not in to:
        return False
    spoken = lists.TALK - {"laten"} if before[-1] in {"met", "bij", "tegen"} else lists.TALK
    return any(word in spoken for word in (*after[:3], *before[-4:-1]))


def _helps(after: Sequence[str]) -> bool:
    helps = any(word in lists.HELPS for word in after[:3])
    if any(word in {"zei", "zegt", "said", "says", "told", "vindt"} for word in after[:2]):
        return any(word in lists.SENDS for word in after[2:10])
    return helps and not any(word in lists.NEGATIONS for word in after[:6])
