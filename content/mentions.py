"""Which members of staff a text may be about. Unsure means: ask the pupil.

A report must never reach the person it is about, so a doubt counts as unsure, not as nobody.
Names that are ordinary words or first names of pupils need a title, a capital or a deed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from content import namewords as lists
from content.spoken import Word, around, helping, of_a_pupil, read
from content.staffnames import Roster, StaffName
from content.staffroles import SURE, UNSURE, spoken_of
from content.staffspots import Spot, spots

__all__ = ["Mentions", "StaffName", "find"]

NOBODY: Final = 0
_LINKS: Final = lists.word_set("en dat want of toen omdat als maar and that because when but dus")
_LESSONS: Final = lists.word_set("les lessen lokaal toets vak uur klas insta snap story lesson")
_STATES: Final = lists.word_set("is was wordt werd staat vind vindt")
_OWNS: Final = lists.word_set("dr zn haar zijn")
_STUFF: Final = lists.word_set(
    """water zand steen vet wind zon rust hart mei maan winter zomer post vrede zee bos kerk
    stad wood stone bloem mens man baas peer appel brood bond bush hall park berg dijk"""
)
"""Ordinary words that follow a preposition without an article."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Ids of staff who are named for sure, and of those who may be meant."""

    sure: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Return everybody who may be meant, the sure ones first."""
        return (*self.sure, *self.unsure)


def find(text: str, staff: Sequence[StaffName]) -> Mentions:
    """Return whom of ``staff`` the words of ``text`` name, or may name.

    Who is plainly a helper or addressee ("I told my mentor") is unsure, never sure.
    """
    roster = _roster(tuple((each.name, each.code) for each in staff))
    words = read(text, roster.names)
    levels: dict[int, int] = {}
    named: set[int] = set()
    for spot in spots(words, roster):
        level = _level(words, spot, roster)
        if level == SURE and helping(words, spot.lead.start, spot.stop):
            level = UNSURE
        if level and spot.lead.start < spot.start:
            named.update(range(spot.lead.start, spot.start + 1))
        levels[spot.form.who] = max(levels.get(spot.form.who, NOBODY), level)
    for who, level in spoken_of(words, staff, named).items():
        levels[who] = max(levels.get(who, NOBODY), level)
    return Mentions(
        tuple(each.id for who, each in enumerate(staff) if levels.get(who) == SURE),
        tuple(each.id for who, each in enumerate(staff) if levels.get(who) == UNSURE),
    )


@lru_cache(maxsize=4)
def _roster(staff: tuple[tuple[str, str], ...]) -> Roster:
    # Keyed on names and codes alone: who is whose mentor differs from pupil to pupil.
    return Roster(staff)


def _level(words: Sequence[Word], spot: Spot, roster: Roster) -> int:
    kind = spot.form.kind
    if kind in {"code", "initials"}:
        return SURE if spot.exact else UNSURE
    if kind == "first":
        return _first(words, spot, roster)
    if kind == "pet":
        return _pet(words, spot, roster)
    level = _surname(words, spot, roster)
    return level if spot.exact else min(level, UNSURE)


def _surname(words: Sequence[Word], spot: Spot, roster: Roster) -> int:
    ahead, whole = spot.lead, spot.form.kind == "whole"
    pupil = not ahead.titled and of_a_pupil(words, ahead.start, spot.stop)
    if ahead.clashes:
        # A first name in full that differs is somebody else; initials often hide a call name.
        differs = bool(roster.people[spot.form.who].first) or pupil
        return UNSURE if ahead.titled or not differs else NOBODY
    if ahead.titled or ahead.fits:
        return SURE if whole else UNSURE
    if not spot.form.ordinary:
        certain = whole and not pupil and not _after_article(words, spot)
        return SURE if certain else UNSURE
    if pupil:
        return NOBODY
    return _ordinary(words, spot)


def _after_article(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether it may be a word that no list has: "de maas"."""
    before, _ = around(words, spot.start, spot.stop)
    article = before[-1:] and before[-1] in {"de", "het", "een", "the", "a", "an"}
    return bool(article) and not words[spot.start].capital and words[spot.start].joined


def _ordinary(words: Sequence[Word], spot: Spot) -> int:
    """Return the level of an ordinary word, or a first name, that is also a surname."""
    last, core = words[spot.stop - 1], spot.form.core
    long = _long(words, spot)
    if _alone(words, spot) and last.plain.endswith(core):
        return UNSURE
    if core in lists.FIRST_NAMES:
        return UNSURE if last.capital and long else NOBODY
    if last.capital:
        before, _ = around(words, spot.start, spot.stop)
        article = not long and bool(before) and before[-1] in lists.DETERMINERS
        certain = spot.form.kind == "whole" and core in lists.ORDINARY and not article
        return SURE if certain else UNSURE
    if spot.form.kind != "whole":
        return NOBODY
    return UNSURE if (_long_name if long else _short_name)(words, spot) else NOBODY


def _deed(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether a person's deed follows the name directly."""
    after = words[spot.stop] if spot.stop < len(words) else None
    return after is not None and after.joined and after.plain in lists.ACTS


def _short_name(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether "vos" in small letters is used as a name: "vos zei", "door vos"."""
    last, core = words[spot.stop - 1], spot.form.core
    before, after = around(words, spot.start, spot.stop)
    if last.plain.endswith("s") and not core.endswith("s") and set(after[:1]) & _LESSONS:
        return True
    if not before or before[-1] in _LINKS:
        colour = core in lists.ADJECTIVES and set(after[:1]) & _STATES
        owned = not before and bool(set(after[:1]) & _OWNS)
        return owned or (_deed(words, spot) and not colour)
    person = core in lists.NOUNS - _STUFF and last.plain == core
    return before[-1] in lists.PREPOSITIONS and person


def _long(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether the name stands with its particles, glued or apart."""
    return spot.stop - spot.start > 1 or not words[spot.start].plain.startswith(spot.form.core)


def _long_name(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether "de boer" in small letters is used as a name."""
    before, _ = around(words, spot.start, spot.stop)
    glued = spot.stop - spot.start == 1
    first = words[spot.start].plain
    if glued or (spot.form.core in lists.ADJECTIVES and first in {"de", "d"}):
        return True
    if before[-1:] and before[-1] in lists.PREPOSITIONS and first in {"van", "v"}:
        return True
    here = {w.plain for w in words if w.sentence == words[spot.start].sentence}
    return _deed(words, spot) and bool(here & lists.ME)


def _alone(words: Sequence[Word], spot: Spot) -> bool:
    """Tell whether the text is hardly more than this name."""
    if len(words) > 8:
        return False
    beside = [*words[: spot.lead.start], *words[spot.stop :]]
    return all(w.plain in lists.FILLERS | lists.TITLES | lists.PARTICLES for w in beside)


def _first(words: Sequence[Word], spot: Spot, roster: Roster) -> int:
    name, ahead = spot.form.core, spot.lead
    person = roster.people[spot.form.who]
    shared = len({form.who for form in roster.of(name, "first")}) > 1
    letter = _surname_letter(words, spot.stop)
    if letter:
        fits = any(core[0] == letter for _, core in person.surnames)
        return UNSURE if ahead.titled or fits else NOBODY
    if _other_surname(words, spot, roster):
        return UNSURE if ahead.titled else NOBODY
    if ahead.titled:
        return SURE if spot.exact and not shared and name in person.first else UNSURE
    if of_a_pupil(words, spot.start, spot.stop):
        return NOBODY
    if _alone(words, spot):
        return UNSURE
    word = words[spot.start]
    ordinary = name in lists.ORDINARY | lists.ACTS | lists.COMMON or len(name) < 4
    rare = name not in lists.PUPIL_NAMES and (word.capital or not ordinary)
    return UNSURE if rare else NOBODY


def _surname_letter(words: Sequence[Word], at: int) -> str:
    """Return the capital that stands for a surname ("Linda J.", "Anton van D."), if any."""
    while at < len(words) and words[at].joined and words[at].plain in lists.PARTICLES:
        at += 1
    if at >= len(words) or not words[at].joined or words[at].shouted:
        return ""
    word = words[at]
    return word.plain if len(word.plain) == 1 and word.raw.isupper() and word.plain != "i" else ""


def _other_surname(words: Sequence[Word], spot: Spot, roster: Roster) -> bool:
    """Tell whether a surname follows that is not this person's."""
    at = spot.stop
    while at < len(words) and words[at].joined and words[at].plain in lists.PARTICLES:
        at += 1
    if at >= len(words) or not words[at].joined:
        return False
    mine = {core for _, core in roster.people[spot.form.who].surnames}
    follows = words[at].plain
    if follows in mine or follows.removesuffix("s") in mine:
        return False
    theirs = any(form.who != spot.form.who for form in roster.of(follows, "whole", "core"))
    return words[at].capital or theirs


def _pet(words: Sequence[Word], spot: Spot, roster: Roster) -> int:
    form, word = spot.form, words[spot.start]
    if spot.lead.titled:
        return UNSURE
    given = roster.people[form.who].given
    if form.core in given or of_a_pupil(words, spot.start, spot.stop):
        return NOBODY
    if form.ordinary:
        return UNSURE if word.capital and form.core in lists.ORDINARY else NOBODY
    safe = word.plain not in lists.COMMON | lists.FIRST_NAMES and len(word.plain) > 4
    return UNSURE if safe else NOBODY
