"""Who receives a report: always the right person, never the accused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import routing
from storage.routing import Case, Duty, Member, Roster
from tests.storage.rows import WHEN

DUTIES = (
    Duty("H3b", "m1", "mentor"),
    Duty("H3b", "m2", "mentor", 1),
    Duty("H3b", "d1", "deputy"),
    Duty("H3b", "d2", "deputy", 1),
    Duty("H3b", "c1", "coordinator"),
    Duty("V5a", "c2", "coordinator"),
    Duty(None, "x1", "confidential"),
    Duty(None, "b1", "board"),
)
STAFF = sorted({duty.staff_id for duty in DUTIES})
CLASS = Case("H3b")


def roster(*members: Member) -> Roster:
    every = {each: Member(each) for each in STAFF} | {each.id: each for each in members}
    return Roster(every, DUTIES)


def out(*ids: str) -> list[Member]:
    return [Member(each, reachable=False) for each in ids]


def away(staff_id: str, stand_in: str | None = None) -> Member:
    return Member(staff_id, absent_from=WHEN - timedelta(days=1), stand_in_id=stand_in)


def ids(step: routing.Step) -> list[str]:
    return [each.staff_id for each in step]


def first(case: Case = CLASS, *members: Member) -> list[str]:
    return ids(routing.first(roster(*members), case, WHEN))


def test_order_of_steps() -> None:
    """All mentors first, then deputies one by one, coordinators, confidential person, board."""
    steps = routing.steps(roster(), CLASS, WHEN)
    assert [ids(step) for step in steps] == [["m1", "m2"], ["d1"], ["d2"], ["c1"], ["x1"], ["b1"]]


@pytest.mark.parametrize(
    ("unreachable", "expected"),
    [
        (["m1"], ["m2"]),
        (["m1", "m2"], ["d1"]),
        (["m1", "m2", "d1"], ["d2"]),
        (["m1", "m2", "d1", "d2"], ["c1"]),
        (["m1", "m2", "d1", "d2", "c1"], ["x1"]),
        (["m1", "m2", "d1", "d2", "c1", "x1"], ["b1"]),
        (STAFF, []),
    ],
)
def test_unreachable_are_passed_over(unreachable: list[str], expected: list[str]) -> None:
    """Whoever cannot be reached is passed over, down to nobody."""
    assert first(CLASS, *out(*unreachable)) == expected


def test_stand_in_receives_for_the_absent() -> None:
    """An absent mentor's stand-in gets it, along a chain, and the answer says for whom."""
    found = routing.first(roster(away("m1", "m2"), away("m2", "c2")), CLASS, WHEN)
    assert [(each.staff_id, each.instead_of) for each in found] == [("c2", "m1")]


def test_absence_has_dates() -> None:
    """Before its first day and after its last an absence does not count."""
    later = Member("m1", absent_from=WHEN + timedelta(days=1))
    over = Member("m1", absent_from=WHEN - timedelta(days=9), absent_until=WHEN)
    assert first(CLASS, later) == first(CLASS, over) == ["m1", "m2"]


def test_circle_of_stand_ins_ends() -> None:
    """Stand-ins that point at each other lead to the next step, not to a hang."""
    assert first(CLASS, away("m1", "m2"), away("m2", "m1")) == ["d1"]


def test_one_accused_mentor_excludes_all_mentors() -> None:
    """A report about one mentor passes all mentors of the class, and who stands in for them."""
    about = replace(CLASS, accused=frozenset({"m1"}))
    assert first(about) == ["d1"]
    assert first(about, away("d1", "m2")) == ["d2"]


def test_pupil_picks_the_other_mentor() -> None:
    """The mentor whom the pupil picks gets it; an accused one cannot be picked."""
    about = replace(CLASS, accused=frozenset({"m1"}))
    assert ids(routing.pickable(roster(), about, WHEN)) == ["m2"]
    assert first(replace(about, picked="m2")) == ["m2"]
    assert first(replace(about, picked="m1")) == ["d1"]


def test_accused_teacher_leaves_mentors() -> None:
    """A report about a teacher who is no mentor of the class goes to its mentors."""
    assert first(replace(CLASS, route="staff", accused=frozenset({"c2"}))) == ["m1", "m2"]


def test_confidential_route() -> None:
    """A sexual offence by staff goes to the confidential person, else the board, and no further."""
    case = Case("H3b", "confidential", frozenset({"m1"}))
    assert first(case) == ["x1"]
    assert first(case, *out("x1")) == ["b1"]
    assert first(replace(case, accused=frozenset({"x1", "b1"}))) == []
    assert routing.pickable(roster(), case, WHEN) == ()


def test_no_class_goes_to_coordinators() -> None:
    """Who does not know the class reaches the coordinators: the school's, else of all classes."""
    assert first(Case(None)) == ["c1", "c2"]
    school = Roster(roster().members, (*DUTIES, Duty(None, "d2", "coordinator")))
    assert ids(routing.first(school, Case(None), WHEN)) == ["d2"]


def test_escalation_adds_the_next_and_the_coordinator() -> None:
    """After a miss the next in line and the coordinators get it too, each once."""
    reached = routing.escalated(roster(), CLASS, WHEN, {"m1", "m2"})
    assert ids(reached) == ["d1", "c1"]
    assert ids(routing.escalated(roster(), CLASS, WHEN, {"m1", "m2", "d1", "d2"})) == ["c1"]
    assert routing.escalated(roster(), CLASS, WHEN, set(STAFF)) == ()


def test_dead_ends_are_named() -> None:
    """A class is named when a plain, about-staff or confidential report would reach nobody."""
    assert routing.dead_ends(roster(), ["H3b", "V5a"], WHEN) == ()
    assert routing.dead_ends(roster(*out("x1", "b1")), ["H3b"], WHEN) == ("H3b",)
    alone = Roster({"m1": Member("m1")}, (Duty("H3b", "m1", "mentor"), Duty(None, "m1", "board")))
    assert routing.dead_ends(alone, ["H3b"], WHEN) == ("H3b",)


people = st.sampled_from(["a", "b", "c", "d", "e", "f"])
members = st.builds(
    Member,
    id=st.just(""),
    reachable=st.booleans(),
    absent_from=st.sampled_from([None, WHEN]),
    stand_in_id=st.none() | people,
)
duties = st.builds(
    Duty,
    st.sampled_from([None, "k1", "k2"]),
    people,
    st.sampled_from(["mentor", "deputy", "coordinator", "confidential", "board"]),
)


@st.composite
def schools(draw: st.DrawFn) -> Roster:
    known = {each: replace(draw(members), id=each) for each in "abcdef"}
    return Roster(known, tuple(draw(st.lists(duties, max_size=12))))


cases = st.builds(
    Case,
    st.sampled_from([None, "k1", "k2"]),
    st.sampled_from(["class", "staff", "confidential"]),
    st.frozensets(people, max_size=3),
    st.none() | people,
)


@settings(deadline=None)  # a busy machine is no failure
@given(schools(), cases, st.sets(people))
def test_never_the_accused_never_twice(school: Roster, case: Case, known: set[str]) -> None:
    """Whatever the roster, nobody accused, absent or unreachable is reached, and nobody twice."""
    everybody = ids(routing.candidates(school, case, WHEN))
    reached = everybody + ids(routing.escalated(school, case, WHEN, known))
    assert len(everybody) == len(set(everybody))
    assert not set(reached) & case.accused
    assert all(school.members[each].reachable for each in reached)
    assert not any(school.members[each].absent(WHEN) for each in reached)
    assert not set(ids(routing.escalated(school, case, WHEN, known))) & known


@settings(deadline=None)  # a busy machine is no failure
@given(schools(), cases)
def test_confidential_never_leaves_its_circle(school: Roster, case: Case) -> None:
    """On the confidential route nobody is reached in another role."""
    quiet = replace(case, route="confidential")
    assert {each.role for each in routing.candidates(school, quiet, WHEN)} <= routing.CONFIDENTIAL


@settings(deadline=None)  # a busy machine is no failure
@given(schools(), cases)
def test_somebody_reachable_is_found(school: Roster, case: Case) -> None:
    """No dead end: while an unaccused member of the board is here, somebody is reached."""
    shunned = routing.skipped(school, case)
    board = [
        duty.staff_id
        for duty in school.duties
        if duty.role == "board" and duty.class_id is None and duty.staff_id not in shunned
    ]
    here = [b for b in board if school.members[b].reachable and not school.members[b].absent(WHEN)]
    assert bool(routing.first(school, case, WHEN)) >= bool(here)


@settings(deadline=None)
@given(schools())
def test_dead_ends_of_any_school(school: Roster) -> None:
    """A class is named exactly when a report of some kind, urgent or not, would reach nobody."""
    found = routing.lacking(school, ["k1", "k2"], WHEN)
    for name, kinds in found.items():
        staff = {role: _held(school, role, name) for role in ("mentor", "coordinator")}
        about = {role: [_about(name, each) for each in ids] for role, ids in staff.items()}
        cases = {"plain": [Case(name)], "confidential": [Case(name, "confidential")]} | about
        nobody = {
            kind
            for kind, tried in cases.items()
            if not all(routing.candidates(school, case, WHEN) for case in tried)
        }
        assert kinds == nobody
    assert routing.dead_ends(school, ["k1", "k2"], WHEN) == tuple(n for n in found if found[n])


def _held(school: Roster, role: str, class_id: str) -> set[str]:
    return {d.staff_id for d in school.duties if (d.role, d.class_id) == (role, class_id)}


def _about(class_id: str, staff_id: str) -> Case:
    return Case(class_id, "staff", frozenset({staff_id}))
