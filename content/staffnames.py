"""The names of the staff in every form that a pupil may type, ready to be looked up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from content.namewords import CALLED, DEGREES, FIRST_NAMES, ORDINARY, PARTICLES, PUPIL_NAMES
from content.spoken import fold, sound

_PIECES: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SHORT_VAN: Final = re.compile(r"\b[vV]\.? ?d\.? (?=\w)")
_WRITTEN: Final[dict[str, tuple[str, ...]]] = {
    "van": ("van", "v", "vn"),
    "von": ("von", "v"),
    "de": ("de", "d", "der", "den"),
    "der": ("der", "de", "d", "den"),
    "den": ("den", "de", "d", "der"),
    "ter": ("ter", "ten", "te", "t"),
    "ten": ("ten", "ter", "te", "t"),
    "het": ("het", "t"),
    "t": ("t", "het"),
    "el": ("el", "al"),
    "al": ("al", "el"),
}
_MOST_VARIANTS: Final = 40


@dataclass(frozen=True, slots=True)
class StaffName:
    """A member of staff as a pupil may name them; ``mentor``: of the pupil's own class.

    ``code`` is the school's abbreviation; ``roles`` are those of the roster (mentor, deputy,
    coordinator, confidential, board); ``classes`` are the labels of the classes of a mentor.
    """

    id: str
    name: str = field(repr=False)
    mentor: bool = False
    code: str = field(default="", repr=False)
    roles: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The parts of one name: "Anne-Marie van den Berg" has one first name and the core "berg"."""

    who: int
    first: tuple[str, ...] = field(repr=False)
    initials: str = field(repr=False)
    surnames: tuple[tuple[tuple[str, ...], str], ...] = field(repr=False)
    """Particles and core of every surname."""

    @property
    def given(self) -> tuple[str, ...]:
        """Return first names and the call names that go with them."""
        called = (name for first in self.first for name in CALLED.get(first, "").split())
        return (*self.first, *called)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write (part of) a name; ``kind``: whole, core, first, pet, code, initials."""

    who: int
    kind: str
    core: str = field(default="", repr=False)

    @property
    def ordinary(self) -> bool:
        """Tell whether this surname is also an ordinary word or somebody's first name."""
        core = self.core
        return core in ORDINARY or core in FIRST_NAMES or core.removesuffix("s") in FIRST_NAMES


class Roster:
    """Every form of every name of a staff, given as names with codes."""

    def __init__(self, staff: Sequence[tuple[str, str]]) -> None:
        self.people = tuple(parse(who, name) for who, (name, _) in enumerate(staff))
        self.forms: dict[str, list[Form]] = {}
        self.sounds: dict[str, list[str]] = {}
        for person in self.people:
            for text, form in _forms(person):
                self._add(text, form)
        for who, (_, code) in enumerate(staff):
            if code:
                self._add(f"code:{fold(code)}", Form(who, "code"))
        self.names = frozenset(t for t in self.forms if ":" not in t)
        self.first = self._typed("first")
        self.typed = self._typed("whole", "core", "first")
        self.surnames = by_start(self._typed("whole", "core"))
        self.given = by_start(self.first)
        self.rare = by_start(name for name in self.first if name not in PUPIL_NAMES)
        for text in self._typed("whole", "core"):
            self.sounds.setdefault(sound(text), []).append(text)

    def _add(self, text: str, form: Form) -> None:
        forms = self.forms.setdefault(text, [])
        if form not in forms:
            forms.append(form)

    def _typed(self, *kinds: str) -> tuple[str, ...]:
        return tuple(t for t in self.names if any(f.kind in kinds for f in self.forms[t]))

    def of(self, text: str, *kinds: str) -> list[Form]:
        """Return the forms of these kinds that are written as ``text``."""
        return [form for form in self.forms.get(text, ()) if form.kind in kinds]


def by_start(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return ``names`` by the letter that a typing error may leave in front."""
    starts: dict[str, tuple[str, ...]] = {}
    for name in names:
        for letter in {name[0], name[1]} if len(name) > 4 else {name[0]}:
            starts[letter] = (*starts.get(letter, ()), name)
    return starts


def parse(who: int, name: str) -> Person:
    """Return the parts of a name as rosters write it ("Vos, Marit" and "P. de Wit" too)."""
    last, comma, rest = name.partition(",")
    full = _SHORT_VAN.sub("van de ", f"{rest} {last}" if comma else name)
    pieces = _PIECES.findall(fold(full))
    while len(pieces) > 1 and pieces[0] in DEGREES:
        pieces = pieces[1:]
    at = next(
        (i for i, p in enumerate(pieces) if i and (p in PARTICLES or "-" in p)),
        len(pieces) - 1,
    )
    if pieces and pieces[0] in PARTICLES and pieces[0] != "ben":
        at = 0
    given = [word for piece in pieces[:at] for word in _split(piece)]
    names = [word for word in given if len(word) > 1]
    glued = [piece.replace("-", "") for piece in pieces[:at] if "-" in piece]
    surnames = tuple(_surnames(w for piece in pieces[at:] for w in _split(piece)))
    # A middle word may be a first of two surnames (García López) or a second first name.
    middle = tuple(((), word) for word in names[1:] if word not in FIRST_NAMES and not glued)
    return Person(who, (*names, *glued), "".join(w[0] for w in given), (*surnames, *middle))


def _split(piece: str) -> list[str]:
    return re.split(r"['’\-]", piece)


def _surnames(words: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    particles: list[str] = []
    for word in words:
        if word in PARTICLES:
            particles.append(word)
        else:
            yield tuple(particles), word
            particles = []
    if particles:
        yield tuple(particles[:-1]), particles[-1]


def _forms(person: Person) -> Iterator[tuple[str, Form]]:
    for particles, core in person.surnames:
        if len(core) > 1:
            yield core, Form(person.who, "core" if particles else "whole", core)
        for start in range(len(particles)):
            for glued in _glued(particles[start:], core):
                yield glued, Form(person.who, "whole", core)
        for pet in _pets(core):
            yield pet, Form(person.who, "pet", core)
        yield from _initials(person, particles, core)
    both = "".join(core[:1] for _, core in person.surnames)
    if len(both) > 1:
        yield f"initials:{both}", Form(person.who, "initials", both)
    for first in person.given:
        yield first, Form(person.who, "first", first)
        for pet in _pets(first):
            yield pet, Form(person.who, "pet", first)


def _glued(particles: tuple[str, ...], core: str) -> Iterator[str]:
    ways = itertools.product(*(_WRITTEN.get(p, (p,)) for p in particles))
    for way in itertools.islice(ways, _MOST_VARIANTS):
        yield "".join(way) + core


def _pets(name: str) -> set[str]:
    stems = {name}
    if len(name) > 4:
        stems |= {name.removesuffix("en"), name.removesuffix("s"), name.removesuffix("er")}
    ends = ("je", "tje", "pje", "etje", "ie", "y", "ke", "o")
    return {stem + end for stem in stems if len(stem) > 2 for end in ends} - {name}


def _initials(person: Person, particles: tuple[str, ...], core: str) -> Iterator[tuple[str, Form]]:
    letters = "".join(p[0] for p in particles) + core[:1]
    spellings = {letters, person.initials[:1] + letters, person.initials[:1] + core[:1], core[:1]}
    for spelling in spellings:
        yield f"initials:{spelling}", Form(person.who, "initials", letters)
