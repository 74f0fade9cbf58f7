"""Where in a text a name of the staff may stand: exact, misspelt, as initials or as a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content import namewords as lists
from content.spoken import Word, sound
from content.staffnames import Form, Person, Roster

_LONGEST: Final = 5
"""Words in one surname, particles included, as typed."""
_NO_NAMES: Final = (
    lists.ACTS | lists.PREPOSITIONS | lists.DETERMINERS | lists.ME | lists.PARTICLES
    | lists.TITLES | lists.SUBJECTS | lists.FILLERS | lists.ADDRESSING
    | lists.PERMISSION | lists.READS | lists.HELPS
)  # fmt: skip
_NEVER_MISSPELT: Final = (
    _NO_NAMES | lists.COMMON | lists.FIRST_NAMES | lists.ORDINARY | lists.TALK | lists.MATES
)
_SKIPPED: Final = lists.PARTICLES | lists.SHORT_PARTICLES
_MIXED: Final = re.compile(r"[A-Z]?[a-z]{1,3}[A-Z]{1,2}")
_WEAK_LETTERS: Final = frozenset("kntmduiaes")
"""Lower-case letters that chat spelling uses as words."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands before a name: where it begins, a title, a first name that fits or does not."""

    start: int
    titled: bool = False
    fits: bool = False
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Spot:
    """A possible name: words ``start`` to ``stop``, and whose in which form."""

    start: int
    stop: int
    form: Form
    lead: Lead
    exact: bool = True


def spots(words: Sequence[Word], roster: Roster) -> Iterator[Spot]:
    """Return every place where a member of the staff may be named."""
    at = 0
    while at < len(words):
        length = 0
        for spot in _exact(words, at, roster):
            length = max(length, spot.stop - at)
            yield spot
        if not length:
            yield from _near(words, at, roster)
        yield from _code(words, at, roster)
        yield from _initials(words, at, roster)
        at += max(length, 1)


def _exact(words: Sequence[Word], at: int, roster: Roster) -> Iterator[Spot]:
    for stop in range(_last(words, at), at, -1):
        text = "".join([word.plain for word in words[at:stop]])
        if text not in roster.names and text.removesuffix("s") not in roster.names:
            continue
        kinds = ("whole", "core", "first", "pet") if stop == at + 1 else ("whole", "core")
        stem = text.removesuffix("s") if len(text) > 3 else text
        forms = roster.of(text, *kinds) or roster.of(stem, *kinds)
        if forms:
            for form in forms:
                yield Spot(at, stop, form, lead(words, at, roster.people[form.who]))
            return


def _last(words: Sequence[Word], at: int) -> int:
    stop = at + 1
    while stop < min(len(words), at + _LONGEST) and words[stop].joined:
        stop += 1
    return stop


def lead(words: Sequence[Word], start: int, person: Person | None = None) -> Lead:
    """Return what leads to the name at ``start``, judged for ``person`` when one is given."""
    at, titled, fits, clashes = start, False, False, False
    while at > 0 and start - at < 5 and words[at].joined:
        before = words[at - 1]
        if is_title(before.plain):
            titled = True
        elif before.plain not in _SKIPPED and not titled:
            given = person is not None and _given(before, person)
            if given is None or fits or clashes:
                break
            fits, clashes = bool(given), not given
        elif titled:
            break
        at -= 1
    if not (titled or fits or clashes):
        at = start
    return Lead(at, titled, fits, clashes)


def _misspelt_title(plain: str) -> bool:
    near = 1 + (len(plain) > 6)
    return any(OSA.distance(plain, title) <= near for title in lists.LONG_TITLES)


def is_title(plain: str) -> bool:
    """Tell whether a word is a title, typing errors included."""
    if plain in lists.TITLES:
        return True
    likely = len(plain) > 4 and plain[0] in "mj" and plain not in lists.NO_TITLES
    return likely and _misspelt_title(plain)


def _given(word: Word, person: Person) -> bool | None:
    """Tell whether a word is this person's first name, another's, or (None) no name."""
    plain = word.plain
    if len(plain) == 1:
        fits = plain == person.initials[:1]
        if word.raw.isupper() and not word.shouted:
            return fits
        return True if fits and plain not in _WEAK_LETTERS else None
    if _fits(plain, person):
        return True
    if plain in lists.FIRST_NAMES and plain not in _NO_NAMES:
        return False
    return False if word.capital and plain not in _NO_NAMES | lists.ORDINARY else None


def _fits(plain: str, person: Person) -> bool:
    if not person.first:
        return plain in lists.FIRST_NAMES and plain[:1] == person.initials[:1] != ""
    long_enough = len(plain) > 2
    return any(
        plain == name
        or (long_enough and (name.startswith(plain) or plain.startswith(name)))
        or (len(plain) > 4 and OSA.distance(plain, name, score_cutoff=1) <= 1)
        for name in person.given
    )


def _near(words: Sequence[Word], at: int, roster: Roster) -> Iterator[Spot]:
    word = words[at]
    plain = word.plain
    if len(plain) < 3 or plain in _NO_NAMES or any(ch.isdigit() for ch in plain):
        return
    ahead = lead(words, at)
    names = _after_title(plain, roster) if ahead.titled else _untitled(words, at, roster)
    for name in dict.fromkeys(names):
        for form in roster.of(name, "whole", "core", "first"):
            led = lead(words, at, roster.people[form.who])
            yield Spot(at, at + 1, form, led, exact=False)


def _after_title(plain: str, roster: Roster) -> list[str]:
    """Return the names that a word after a title is nearest to."""
    names = _alike(plain, roster.surnames, _reach(len(plain)), roster)
    if len(plain) > 3:
        names += _alike(plain, roster.given, 1, roster)
    least = min((distance for _, distance in names), default=0)
    begun = [name for name in roster.typed if name.startswith(plain)]
    return [*(name for name, distance in names if distance == least), *begun]


def _untitled(words: Sequence[Word], at: int, roster: Roster) -> list[str]:
    """Return the names that a word without title may be a typing error of."""
    word = words[at]
    if word.plain in _NEVER_MISSPELT or len(word.plain) < 3:
        return []
    found = []
    reach = 1 + (len(word.plain) > 8)
    for name, _ in _alike(word.plain, roster.surnames, reach, roster):
        for form in roster.of(name, "whole", "core"):
            fits = lead(words, at, roster.people[form.who]).fits
            glued = name != form.core and len(name) > 6
            plainly = len(word.plain) > 4 and (not form.ordinary or word.capital or glued)
            if fits or plainly or (word.capital and len(word.plain) > 3):
                found.append(name)
    if len(word.plain) > 4:
        found += [name for name, _ in _alike(word.plain, roster.rare, 1, roster)]
    return found


def _alike(
    plain: str, starts: Mapping[str, Sequence[str]], reach: int, roster: Roster
) -> list[tuple[str, int]]:
    """Return names within ``reach`` typing errors, with how many; 1 for what sounds the same."""
    names = starts.get(plain[0], ())
    near = process.extract(plain, names, scorer=OSA.distance, score_cutoff=reach, limit=12)
    found = {n: int(d) for n, d, _ in near if _starts_alike(plain, n) and len(n) > d + 1}
    for stem in {plain, plain.removesuffix("s")}:
        for name in roster.sounds.get(sound(stem), ()):
            found.setdefault(name, 1)
    return list(found.items())


def _starts_alike(plain: str, name: str) -> bool:
    return plain[0] == name[0] or (len(name) > 4 and plain[:2] == name[1::-1])


def _reach(length: int) -> int:
    """Return how many typing errors a word after a title may have."""
    return 1 if length < 6 else 2 if length < 9 else 3


def _code(words: Sequence[Word], at: int, roster: Roster) -> Iterator[Spot]:
    word = words[at]
    for form in roster.of(f"code:{word.plain}", "code"):
        ahead = lead(words, at)
        capitals = len(word.plain) > 1 and word.raw.isupper() and not word.shouted
        certain = capitals and word.plain not in lists.ORDINARY | _NO_NAMES
        if capitals or ahead.titled or len(words) <= 2:
            yield Spot(at, at + 1, form, ahead, exact=certain)


def _initials(words: Sequence[Word], at: int, roster: Roster) -> Iterator[Spot]:
    stop = at + 1
    if len(words[at].plain) == 1:
        last = _last(words, at)
        stop = next((i for i in range(at, last) if len(words[i].plain) > 1), last)
    if at and words[at].joined and len(words[at - 1].plain) == 1:
        return
    letters = "".join(word.plain for word in words[at:stop])
    typed = "".join(word.raw for word in words[at:stop])
    if not _may_be_initials(words, at, stop, typed, roster):
        return
    for form in roster.of(f"initials:{letters}", "initials"):
        yield Spot(at, stop, form, lead(words, at), exact=False)
    for form in roster.of(letters, "whole") if stop - at > 3 else ():
        yield Spot(at, stop, form, lead(words, at), exact=False)


def _may_be_initials(words: Sequence[Word], at: int, stop: int, typed: str, roster: Roster) -> bool:
    after = words[stop].plain if stop < len(words) and words[stop].joined else ""
    if after in roster.names or after in lists.SUBJECTS:
        return False
    if len(typed) > 1 and (_MIXED.fullmatch(typed) or (typed[-1].isupper() and stop - at > 1)):
        return not words[at].shouted
    if not lead(words, at).titled or len(typed) > 4 or typed.lower() in _NO_NAMES - {"d", "v"}:
        return len(typed) == 3 and typed.isupper() and not words[at].shouted
    return len(typed) > 1 or typed.isupper() or typed not in _WEAK_LETTERS
