"""A new school year: classes begin anew, and what is open stays with who has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, classes, escalation, people, roster, schoolyear, staff
from storage.roster_file import RosterFile, read
from storage.tables import ClassQuiz, Post, Recipient, Report, SchoolClass
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import DEPUTY, MENTOR, POLICY, PUPIL, SECOND, STRANGER, deliver

HEADER = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code;coordinator;coordinator_code"
# the mentor of V5a gets H3b, and H3b's mentor gets V5a; one mentor of H3b has left
NEXT = f"""{HEADER}
H3b;Naam GGG;GGG;;;Naam DDD;DDD
V5a;Naam AAA;AAA;Naam CCC;CCC;Naam DDD;DDD
"""
SEPTEMBER = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
async def roster_next(run: Run) -> RosterFile:
    """The school as it is, and the roster of the year to come."""
    await run(school.found)
    return read(NEXT.encode())


def receivers(session: Session, report_id: str) -> list[str]:
    """Return who ever got a report, first come first."""
    query = select(Recipient.staff_id).where(Recipient.report_id == report_id)
    return list(session.scalars(query.order_by(Recipient.added_at, Recipient.id)))


def labels(session: Session) -> list[str]:
    """Return the labels of all classes, ended ones too."""
    return list(session.scalars(select(SchoolClass.label).order_by(SchoolClass.label)))


async def test_pupils_join_anew_and_codes_end(run: Run, roster_next: RosterFile) -> None:
    """Under the same label: nobody is in it, the old code is void, joining gives a new one."""
    old = await run(classes.by_label, "H3b")
    code = await run(classes.new_code, old.id, SEPTEMBER + timedelta(days=300), SEPTEMBER)
    shown = await run(roster.diff, roster_next, new_year=True)
    assert (shown.renewed, shown.pupils) == (("H3b", "V5a"), 2)
    done = await run(roster.apply, roster_next, SEPTEMBER, new_year=True)
    assert done.pupils == 2
    fresh = await run(classes.by_label, "H3b")
    assert fresh.id != old.id
    assert await run(classes.by_code, code, 5, SEPTEMBER) is None
    person = await run(people.find, PUPIL)
    assert (person.class_id, person.code, person.left_at) == (None, None, SEPTEMBER)
    assert await run(classes.audience, fresh.id) == ()
    joined = await run(people.join_class, PUPIL, fresh.id, "Noor de Vries", SEPTEMBER)
    assert (joined.person.left_at, joined.person.confirmed) == (None, False)
    assert await run(labels) == ["H3b", "H3b (2025-26)", "V5a", "V5a (2025-26)"]


async def test_a_second_turn_and_an_import_in_between(run: Run, roster_next: RosterFile) -> None:
    """A plain import changes nothing more; another turn ends the classes of that year."""
    await run(roster.apply, roster_next, SEPTEMBER, new_year=True)
    assert (await run(roster.diff, roster_next)).empty
    await run(roster.apply, roster_next, SEPTEMBER, new_year=True)
    july = datetime(2027, 7, 10, tzinfo=UTC)
    await run(roster.apply, roster_next, july, new_year=True)
    ended = [each for each in await run(labels) if each.startswith("H3b ")]
    assert ended == ["H3b (2025-26)", "H3b (2025-26) 2", "H3b (2026-27)"]


async def test_an_open_report_stays(run: Run, db: Any, rng: Any, roster_next: RosterFile) -> None:
    """Who has it answers; a missed term goes to last year's staff, never to the new mentor."""
    sent = await run(school.send, SEPTEMBER)
    await deliver(db, rng, SEPTEMBER)
    await run(roster.apply, roster_next, SEPTEMBER, new_year=True)
    assert await run(receivers, sent.id) == [school.staff_id(MENTOR), school.staff_id(SECOND)]
    await run(casework.open_report, MENTOR, sent.id, POLICY, SEPTEMBER)
    later = SEPTEMBER
    for _ in range(4):
        later += timedelta(days=4)
        await run(escalation.step, sent.id, POLICY, later)
    got = await run(receivers, sent.id)
    assert school.staff_id(DEPUTY) in got
    assert school.staff_id(STRANGER) not in got
    # their posts of last year give no say over the new class, and go with the report
    h3b = await run(classes.by_label, "H3b")
    assert h3b.id not in (await run(staff.by_code, "AAA")).classes("mentor")
    await run(_close, sent.id, later)
    await run(roster.apply, roster_next, later + timedelta(days=31))
    assert await run(_posts_of, "id-H3b") == 0


def _close(session: Session, report_id: str, now: datetime) -> None:
    report = session.get_one(Report, report_id)
    report.state, report.closed_at = "closed", now


def _posts_of(session: Session, class_id: str) -> int:
    return len(session.scalars(select(Post).where(Post.class_id == class_id)).all())


async def test_a_class_that_goes_does_not_stop_a_new_year(
    run: Run, roster_next: RosterFile
) -> None:
    """Unlike in the middle of a year: its open report keeps its class, and who has it."""
    sent = await run(school.send, SEPTEMBER)
    without = read(NEXT.replace("H3b", "H4b").encode())
    assert (await run(roster.diff, without)).blocked == ("H3b",)
    done = await run(roster.apply, without, SEPTEMBER, new_year=True)
    assert (done.blocked, done.dropped_classes) == ((), ("H3b",))
    assert await run(_posts_of, "id-H3b") == 4
    assert (await run(receivers, sent.id))[0] == school.staff_id(MENTOR)


async def test_quizzes_of_ended_classes_close(run: Run, roster_next: RosterFile) -> None:
    """A quiz that was open does not stand in the way of the new class, nor invite anybody."""
    await run(_open_quiz, SEPTEMBER)
    await run(roster.apply, roster_next, SEPTEMBER, new_year=True)
    assert await run(_closed_at) == SEPTEMBER


def _open_quiz(session: Session, now: datetime) -> None:
    session.add(
        ClassQuiz(
            id="quiz",
            class_id="id-H3b",
            staff_id=school.staff_id(MENTOR),
            items=["a"],
            created_at=now,
            opens_at=now,
        )
    )


def _closed_at(session: Session) -> datetime | None:
    return session.get_one(ClassQuiz, "quiz").closed_at


@pytest.mark.parametrize(
    ("joined", "now", "count"),
    [
        ("2025-09-03", "2026-07-31", 0),
        ("2025-09-03", "2026-08-01", 1),
        ("2026-08-30", "2027-01-10", 0),
        ("2026-08-30", "2027-09-01", 1),
    ],
)
async def test_left_over_from_an_earlier_year(
    run: Run, roster_next: RosterFile, joined: str, now: str, count: int
) -> None:
    """From August on whoever joined before it still has to be decided about."""

    def at(day: str) -> datetime:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)

    await run(people.join_class, 77, "id-H3b", "Ali de Vries", at(joined))
    assert await run(schoolyear.left_over, at(now)) == count
