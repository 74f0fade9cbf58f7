"""Who of the staff is meant by a role: "mijn mentor", "de mentor van h3b", "de gymleraar"."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from content import namewords as lists
from content.spoken import Word, helping, is_class
from content.staffnames import StaffName

UNSURE: Final = 1
SURE: Final = 2
_FORMER: Final = lists.word_set("ex oude oud vorige vroegere old former previous last andere ander")
_LATER: Final = lists.word_set("worden become worde")


@dataclass(frozen=True, slots=True)
class Said:
    """A role that was said: words ``start`` to ``stop``, and the word before it that decides."""

    role: str
    start: int
    stop: int
    kind: str
    """mine, definite, indefinite, others, former, bare."""


def spoken_of(
    words: Sequence[Word], staff: Sequence[StaffName], named: Collection[int]
) -> dict[int, int]:
    """Return for members of ``staff`` (by place) how sure a role in ``words`` means them.

    ``named`` are the places in ``words`` where a name follows, so that the role is no riddle.
    """
    found: dict[int, int] = {}
    for said in _roles(words):
        if said.stop in named and said.role != "mentor":
            continue
        for who, level in _meant(words, staff, said).items():
            weaker = helping(words, said.start, said.stop) or said.stop in named
            found[who] = max(found.get(who, 0), min(level, UNSURE) if weaker else level)
    return found


def _meant(words: Sequence[Word], staff: Sequence[StaffName], said: Said) -> dict[int, int]:
    mentors = {who: UNSURE for who, each in enumerate(staff) if each.mentor}
    if said.role == "mentor":
        return _mentor(words, staff, said)
    if said.role == "teacher":
        return mentors if _is_somebody(words, said) else {}
    if _of_something_else(words, said):
        return {}
    if said.kind in {"indefinite", "bare"} and not _is_somebody(words, said):
        return {}
    holders = [who for who, each in enumerate(staff) if said.role in each.roles]
    if not holders:
        return mentors if said.role in {"coordinator", "deputy"} else {}
    sure = len(holders) == 1 and said.kind in {"mine", "definite"}
    return dict.fromkeys(holders, SURE if sure else UNSURE)


def _of_something_else(words: Sequence[Word], said: Said) -> bool:
    """Tell whether the post is not one of the school: "de directeur van tiktok"."""
    after = [word.plain for word in words[said.stop : said.stop + 2]]
    if len(after) < 2 or after[0] not in {"van", "of", "bij", "at"}:
        return False
    own = lists.MINE | lists.DEFINITE | {"school", "het", "ecl", "havo", "vwo", "mavo"}
    return after[1] not in own and not is_class(after[1])


def _mentor(words: Sequence[Word], staff: Sequence[StaffName], said: Said) -> dict[int, int]:
    if said.kind == "indefinite" and _asks(words, said, lists.PERMISSION | lists.ASKING):
        return {}
    own = [who for who, each in enumerate(staff) if each.mentor]
    label = _class_after(words, said.stop)
    if label is not None:
        theirs = [w for w, each in enumerate(staff) if any(_same(label, c) for c in each.classes)]
        if theirs:
            return dict.fromkeys(theirs, SURE)
        return dict.fromkeys(own, UNSURE)
    sure = said.kind in {"mine", "definite"}
    return dict.fromkeys(own, SURE if sure else UNSURE)


def _roles(words: Sequence[Word]) -> Iterator[Said]:
    at = 0
    while at < len(words):
        role, length = _role(words, at)
        if role:
            start, kind = _owner(words, at)
            yield Said(role, start, at + length, kind)
        at += max(length, 1)


def _role(words: Sequence[Word], at: int) -> tuple[str, int]:
    word = words[at].plain
    after = words[at + 1].plain if at + 1 < len(words) and words[at + 1].joined else ""
    if (word, after) in lists.MENTOR_PAIRS:
        return "mentor", 2
    if (word, after) in lists.OFFICE_PAIRS:
        return lists.OFFICE_PAIRS[word, after], 2
    if word in lists.MENTOR_WORDS | lists.MENTOR_PLURALS or _misspelt_mentor(word):
        return ("", 2) if after in lists.NOT_PERSONS else ("mentor", 1)
    for end, role in lists.OFFICES.items():
        if word.endswith(end):
            return role, 1
    return ("teacher", 1) if _is_teacher(words, at, after) else ("", 1)


def _misspelt_mentor(word: str) -> bool:
    likely = word.startswith("me") and 5 <= len(word) <= 8 and word not in lists.NO_MENTORS
    return likely and any(OSA.distance(word, right) <= 1 for right in ("mentor", "mentrix"))


def _is_teacher(words: Sequence[Word], at: int, after: str) -> bool:
    word = words[at].plain
    if word in lists.TEACHERS | lists.TEACHER_PLURALS or word.endswith(lists.TEACHER_ENDS):
        return not word.startswith(tuple(lists.ELSEWHERE))
    for end in ("juf", "meester", "juffrouw", "docenten", "leraren"):
        if word.endswith(end) and word.removesuffix(end) in lists.SUBJECTS:
            return True
    subject = len(words) > at + 2 and words[at + 2].plain in lists.SUBJECTS
    return word in lists.VOCATIVES and (after in lists.ACTS or (after in {"van", "of"} and subject))


def _owner(words: Sequence[Word], at: int) -> tuple[int, str]:
    """Return where the words of a role begin, and whose it is said to be."""
    former = False
    for back in range(at - 1, max(-1, at - 4), -1):
        word = words[back]
        if not words[back + 1].joined:
            break
        former = former or word.plain in _FORMER
        kind = _kind(word.plain)
        if kind:
            return back, "former" if former and kind != "indefinite" else kind
        if word.plain in lists.ACTS | lists.PREPOSITIONS:
            break
    return at, "bare"


def _kind(word: str) -> str:
    groups = (
        ("mine", lists.MINE),
        ("definite", lists.DEFINITE),
        ("indefinite", lists.INDEFINITE),
        ("others", lists.OTHERS),
    )
    return next((kind for kind, group in groups if word in group), "")


def _is_somebody(words: Sequence[Word], said: Said) -> bool:
    """Tell whether a teacher without a name is one person who did something."""
    last = words[said.stop - 1]
    sentence = {w.plain for w in words if w.sentence == last.sentence}
    if sentence & _LATER or any(w.plain in lists.LONG_AGO for w in words[said.stop :][:4]):
        return False
    plural = last.plain.endswith(("leraren", "docenten", "leraars", "teachers", "krachten"))
    definite = said.kind in {"mine", "definite", *(() if plural else ("others", "former"))}
    if definite and not plural:
        return True
    if _asks(words, said):
        return False
    compound = last.plain.endswith(lists.TEACHER_ENDS) and last.plain not in lists.TEACHERS
    acts = said.stop < len(words) and words[said.stop].plain in lists.ACTS
    return definite or (compound and not plural) or (acts and bool(sentence & lists.ME))


def _asks(words: Sequence[Word], said: Said, first: Collection[str] = lists.PERMISSION) -> bool:
    """Tell whether the sentence asks what is allowed, so that it is about no one in particular."""
    here = [w.plain for w in words if w.sentence == words[said.start].sentence]
    return any(word in first for word in here[:4])


def _class_after(words: Sequence[Word], stop: int) -> str | None:
    """Return the class in "de mentor van klas h 3 b", folded."""
    after = [word.plain for word in words[stop : stop + 5]]
    if after[:1] not in (["van"], ["of"], ["uit"]):
        return after[0] if after and is_class(after[0]) else None
    label = [w for w in after[1:] if w not in {"klas", "class", "de", "the"}]
    for length in (3, 2, 1):
        joined = "".join(label[:length])
        if is_class(joined) and all(len(word) <= 2 for word in label[1:length]):
            return joined
    return None


def _same(said: str, label: str) -> bool:
    plain = "".join(ch for ch in label.lower() if ch.isalnum())
    return said in {plain, plain.lstrip("abcdefghijklmnopqrstuvwxyz")}
