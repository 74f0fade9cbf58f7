"""Who receives a report: pure functions over a snapshot of the school's staff.

In order: all mentors of the class, the deputies one by one, the coordinators of the class, the
coordinators of the school, the confidential person, the board. Nobody whom the report is about,
nor who stands in for such a person, is ever in the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Role = Literal["mentor", "deputy", "coordinator", "confidential", "board"]
Route = Literal["class", "staff", "confidential"]
Trial = Literal["plain", "mentor", "coordinator", "confidential"]
"""A kind of report that must reach somebody: an ordinary one, one about such a person, …"""

TOGETHER: Final = frozenset({"mentor", "coordinator"})  # roles that get a report all at once
CONFIDENTIAL: Final = frozenset({"confidential", "board"})


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff as far as routing cares; ``reachable``: confirmed, here, not blocked."""

    id: str
    reachable: bool = True
    absent_from: datetime | None = None
    absent_until: datetime | None = None
    stand_in_id: str | None = None

    def absent(self, now: datetime) -> bool:
        """Tell whether this person is away at ``now``; an open end counts as away."""
        started = self.absent_from is not None and self.absent_from <= now
        ended = self.absent_until is not None and self.absent_until <= now
        return started and not ended


@dataclass(frozen=True, slots=True)
class Duty:
    """A role of one person for one class; ``class_id`` None is the whole school."""

    class_id: str | None
    staff_id: str
    role: Role
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The staff of the school at one moment."""

    members: Mapping[str, Member]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What of a report decides who gets it; ``picked`` is a mentor whom the pupil chose."""

    class_id: str | None
    route: Route = "class"
    accused: frozenset[str] = frozenset()
    picked: str | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to send a report to; ``instead_of`` is the absent person they stand in for."""

    staff_id: str
    role: Role
    instead_of: str | None = None


Step = tuple[Receiver, ...]


def steps(roster: Roster, case: Case, now: datetime) -> tuple[Step, ...]:
    """Return who would get the report, in the order in which they are tried.

    Each step has at least one person who can be reached now; nobody is in two steps. Empty: nobody
    can be reached.
    """
    shunned = skipped(roster, case)
    found: list[Step] = []
    seen: set[str] = set()
    for duties in _groups(roster, case):
        step: list[Receiver] = []
        for duty in duties:
            receiver = _present(roster, duty, shunned, now)
            if receiver and receiver.staff_id not in seen:
                seen.add(receiver.staff_id)
                step.append(receiver)
        if step:
            found.append(tuple(step))
    return tuple(found)


def first(roster: Roster, case: Case, now: datetime, beyond: Collection[str] = ()) -> Step:
    """Return the first step with anybody who is not in ``beyond``, without those who are."""
    for step in steps(roster, case, now):
        fresh = tuple(each for each in step if each.staff_id not in beyond)
        if fresh:
            return fresh
    return ()


def escalated(roster: Roster, case: Case, now: datetime, beyond: Collection[str]) -> Step:
    """Return who gets a report after a missed term: the next step and the coordinators."""
    following = first(roster, case, now, beyond)
    known = {each.staff_id for each in following} | set(beyond)
    coordinators = [
        each
        for step in steps(roster, case, now)
        for each in step
        if each.role == "coordinator" and each.staff_id not in known
    ]
    return (*following, *coordinators)


def candidates(roster: Roster, case: Case, now: datetime) -> Step:
    """Return everybody to whom the report may be handed over by name."""
    return tuple(each for step in steps(roster, case, now) for each in step)


def pickable(roster: Roster, case: Case, now: datetime) -> Step:
    """Return the mentors whom the pupil may still pick when another mentor is accused."""
    if case.route == "confidential":
        return ()
    mentors = _of(roster, "mentor", case.class_id) if case.class_id is not None else ()
    found = (_present(roster, duty, case.accused, now) for duty in mentors)
    return tuple(each for each in found if each and each.instead_of is None)


def dead_ends(roster: Roster, class_ids: Collection[str], now: datetime) -> tuple[str, ...]:
    """Return the classes in which some report would reach nobody now; see ``lacking``."""
    return tuple(each for each, kinds in lacking(roster, class_ids, now).items() if kinds)


def lacking(
    roster: Roster, class_ids: Collection[str], now: datetime
) -> dict[str, frozenset[Trial]]:
    """Return for each class which kinds of report would reach nobody now.

    Tried are a plain report, one about each mentor or coordinator of the class, and a confidential
    one. Urgency changes no way.
    """
    of_class: dict[str | None, list[Duty]] = {}
    for duty in roster.duties:
        of_class.setdefault(duty.class_id, []).append(duty)
    school = of_class.get(None, [])
    found: dict[str, frozenset[Trial]] = {}
    for each in class_ids:
        part = Roster(roster.members, (*of_class.get(each, ()), *school))
        tried = _trials(part, each)
        found[each] = frozenset(kind for kind, case in tried if not first(part, case, now))
    return found


def skips_mentors(roster: Roster, case: Case) -> bool:
    """Tell whether a mentor of the class is accused, so that all its mentors are passed over."""
    mentors = {duty.staff_id for duty in _of(roster, "mentor", case.class_id)}
    return case.class_id is not None and bool(mentors & case.accused)


def skipped(roster: Roster, case: Case) -> frozenset[str]:
    """Return who may get nothing of this report: the accused and, with one mentor, all mentors."""
    if not skips_mentors(roster, case):
        return case.accused
    mentors = {duty.staff_id for duty in _of(roster, "mentor", case.class_id)}
    return case.accused | (mentors - {case.picked})


def stands_in(roster: Roster, case: Case, staff_id: str, role: str) -> bool:
    """Tell whether somebody has ``role`` only in place of a person who may get nothing of this."""
    held = {d.staff_id for each in {case.class_id, None} for d in _of(roster, role, each)}
    return staff_id not in held and bool(held & skipped(roster, case))


def _trials(roster: Roster, class_id: str) -> Iterator[tuple[Trial, Case]]:
    yield "plain", Case(class_id)
    yield "confidential", Case(class_id, "confidential")
    abouts: tuple[Literal["mentor", "coordinator"], ...] = ("mentor", "coordinator")
    for role in abouts:
        for duty in _of(roster, role, class_id):
            yield role, Case(class_id, "staff", frozenset({duty.staff_id}))


def _groups(roster: Roster, case: Case) -> Iterator[tuple[Duty, ...]]:
    if case.route != "confidential":
        if case.class_id is not None:
            for role in ("mentor", "deputy", "coordinator"):
                yield from _split(_of(roster, role, case.class_id))
        yield from _split(_school_coordinators(roster, case))
    for role in ("confidential", "board"):
        yield from _split(_of(roster, role, None))


def _school_coordinators(roster: Roster, case: Case) -> tuple[Duty, ...]:
    school = _of(roster, "coordinator", None)
    if school or case.class_id is not None:
        return school
    every = (duty for duty in roster.duties if duty.role == "coordinator")
    return tuple(sorted(every, key=lambda duty: (duty.rank, duty.staff_id)))


def _of(roster: Roster, role: str, class_id: str | None) -> tuple[Duty, ...]:
    found = (each for each in roster.duties if each.role == role and each.class_id == class_id)
    return tuple(sorted(found, key=lambda duty: (duty.rank, duty.staff_id)))


def _split(duties: tuple[Duty, ...]) -> Iterator[tuple[Duty, ...]]:
    if duties and duties[0].role in TOGETHER:
        yield duties
    else:
        yield from ((duty,) for duty in duties)


def _present(
    roster: Roster, duty: Duty, shunned: Collection[str], now: datetime
) -> Receiver | None:
    """Return the person of ``duty``, or along the chain of stand-ins the first who is here."""
    staff_id: str | None = duty.staff_id
    passed: set[str] = set()
    while staff_id is not None and staff_id not in passed and staff_id not in shunned:
        passed.add(staff_id)
        member = roster.members.get(staff_id)
        if member is None:
            return None
        if not member.absent(now):
            replaced = duty.staff_id if staff_id != duty.staff_id else None
            return Receiver(staff_id, duty.role, replaced) if member.reachable else None
        staff_id = member.stand_in_id
    return None
