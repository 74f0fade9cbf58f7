"""What happens by the clock, and the school's terms over weekends, holidays and both clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import upkeep
from bot.terms import SchoolTerms
from bot.upkeep import Upkeep
from content.pack import Pack
from content.schoolclock import SchoolClock
from storage import access, drafts, escalation, jobs, outbox, reports
from tests.bot.staffroom import (
    ADMIN,
    DEMIR,
    KOK,
    NOOR,
    SEM,
    SMIT,
    VOS,
    WHAT,
    deliver,
    got,
    open_school,
    report,
    row,
    sound,
    staff_id,
)
from tests.bot.world import World


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b; then the sweep."""
    yield await open_school(world, KOK)
    sound(world)


@pytest.fixture(scope="module")
def terms(pack: Pack) -> SchoolTerms:
    """The terms of the shipped school."""
    return SchoolTerms(pack.school, SchoolClock(pack.school))


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def later(world: World, **parts: float) -> None:
    """Let time go by, run the jobs that are due, and deliver."""
    world.pass_time(**parts)
    await Upkeep(world.services).once()
    await deliver(world)


async def test_a_missed_term_takes_one_step(school: World) -> None:
    """Not before the term, once at it, also when the job runs again and again."""
    report_id = await report(school)
    due = (await school.run(row, report_id))["due_at"]
    school.time = due - timedelta(seconds=1)
    await later(school)
    assert got(school, DEMIR) == ""
    for _ in range(3):
        await later(school, seconds=31)
    assert got(school, DEMIR).count("nog niet opgepakt") == 1
    assert got(school, SMIT).count("nog niet opgepakt") == 1
    assert (await school.run(row, report_id))["escalations"] == 1


async def test_a_report_acted_on_is_left_alone(school: World) -> None:
    """Answered in time: nobody else is ever brought in."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "kom morgen langs")
    for _ in range(5):
        await later(school, days=5)
    assert got(school, DEMIR) + got(school, SMIT) == ""


async def test_urgent_runs_on_the_wall_clock(school: World) -> None:
    """Danger in a holiday: a quarter of an hour later the next ones have it too."""
    school.time = at("2026-12-26T23:00")
    await report(school, danger="Ja")
    assert "dringende" in got(school, VOS)
    await later(school, minutes=14)
    assert got(school, DEMIR) == ""
    await later(school, minutes=2)
    assert "nog niet opgepakt" in got(school, DEMIR)


async def test_the_end_of_the_line_warns_once(school: World) -> None:
    """Everybody had it and nobody acts: the administrator is warned one time, by number alone."""
    await report(school)
    for _ in range(12):
        await later(school, days=7)
    assert got(school, ADMIN).count("M-2026-0001") == 1
    assert "insta" not in got(school, ADMIN)


async def test_one_bad_report_does_not_hold_up_the_others(
    school: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report whose step fails is left for the next round; the others take theirs."""
    bad = await report(school, NOOR)
    good = await report(school, SEM, "iemand stuurt steeds rare appjes naar mij")
    real = escalation.step

    def step(session: Any, report_id: str, *rest: Any) -> Any:
        if report_id == bad:
            raise RuntimeError("kanariewoord")
        return real(session, report_id, *rest)

    monkeypatch.setattr(escalation, "step", step)
    await later(school, days=9)
    assert (await school.run(row, good))["escalations"] == 1
    assert (await school.run(row, bad))["escalations"] == 0


async def test_a_failed_job_does_not_stop_the_others(
    school: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each job runs on its own; one that failed is tried again in the next round."""
    ran: list[str] = []

    async def fails(services: Any) -> None:
        ran.append("fails")
        raise RuntimeError("kanariewoord")

    async def works(services: Any) -> None:
        ran.append("works")

    both = (
        upkeep.Job("fails", timedelta(minutes=1), fails),
        upkeep.Job("works", timedelta(minutes=1), works),
    )
    monkeypatch.setattr(upkeep, "JOBS", both)
    await later(school)
    await later(school)
    assert ran == ["fails", "works", "fails"]
    held = await school.run(jobs.lease, "works", school.time - timedelta(minutes=1), school.time,
                            timedelta(minutes=1))  # fmt: skip
    assert held is None


async def test_the_mentor_leaves(school: World) -> None:
    """A mentor who lost access: the next one has it within minutes, and the pupil is told."""
    await report(school)
    await school.run(access.revoke, staff_id(VOS), school.time)
    await later(school, hours=8)
    assert "M-2026-0001" in got(school, DEMIR)
    assert "doorgegeven aan een collega" in school.last(NOOR).text


async def test_drafts_are_wiped_and_open_reports_stay(school: World) -> None:
    """A dialogue nobody went on with goes after two days; an unread report never does."""
    report_id = await report(school)
    await school.say(SEM, "/melden")
    await school.say(SEM, WHAT)
    await later(school, days=1, hours=23)
    assert await school.run(drafts.load, SEM) is not None
    await later(school, hours=2)
    assert await school.run(drafts.load, SEM) is None
    for _ in range(4):
        await later(school, days=400)
    assert await school.run(row, report_id)


async def test_a_wiped_report_is_told_once(school: World) -> None:
    """Kindly, without a word of it, not at night and not to who had typed nothing yet."""
    await school.say(NOOR, "/melden")
    await school.say(SEM, "/melden")
    await school.say(SEM, WHAT)
    school.time = school.time.replace(hour=22)  # 23:00 in Haarlem
    await later(school, days=2)
    assert await school.run(drafts.load, SEM) is None
    assert "niets verstuurd" not in got(school, SEM)
    await later(school, hours=8)
    for _ in range(3):
        await later(school, days=1)
    assert got(school, SEM).count("Er is niets verstuurd") == 1
    told = next(b for b in school.telegram.chat(SEM) if "niets verstuurd" in b.text)
    assert not {"melding", "insta", "mentor"} & set(told.text.replace(".", " ").split())
    assert "niets verstuurd" not in got(school, NOOR)


async def test_added_words_that_waited_are_told(school: World) -> None:
    """Words that waited for the pupil's yes or no were not sent; a bare prompt held none."""
    await report(school)
    for who in (NOOR, VOS):
        await school.say(who, "/meldingen")
        await school.tap(who, "M-2026-0001")
    await school.tap(VOS, "Antwoord")
    await school.tap(NOOR, "Iets toevoegen")
    await school.say(NOOR, "marit vos was erbij")
    await later(school, days=3)
    assert "Er is niets verstuurd" in got(school, NOOR)
    assert "Er is niets verstuurd" not in got(school, VOS)


async def test_purge_by_command_tells_too(school: World) -> None:
    """Whichever job is first to wipe a draft: the pupil hears it, once."""
    await school.say(SEM, "/melden")
    await school.say(SEM, WHAT)
    school.pass_time(days=3)
    assert (await upkeep.purge_with_counts(school.services))["drafts"] == 1
    await later(school, hours=1)
    assert got(school, SEM).count("Er is niets verstuurd") == 1


async def test_dead_rows_are_cleared(school: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hour, and after each day's purge with small tables written anew."""
    ran: list[bool] = []

    async def vacuum(db: Any, *, anew: bool = False) -> None:
        ran.append(anew)

    monkeypatch.setattr(upkeep, "vacuum", vacuum)
    for _ in range(25):
        await later(school, hours=1, minutes=1)
    assert (ran.count(False), ran.count(True)) == (25, 2)


async def test_closed_reports_are_announced_and_purged(school: World) -> None:
    """After its term a closed report is announced by number and date, a week later it is gone."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Afronden")
    await school.say(VOS, "klaar")
    await later(school, hours=8)
    await later(school, days=724)
    assert "wordt op" in got(school, NOOR)
    assert "2028-" not in got(school, NOOR)
    assert len(await school.run(reports.mine, NOOR)) == 1
    await later(school, days=9)
    await later(school, days=1, hours=1)
    assert await school.run(reports.mine, NOOR) == ()
    assert "insta" not in school.texts(NOOR) + school.texts(VOS)
    assert (await school.run(outbox.depth, school.time)).waiting == 0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-24T09:00", "2026-11-25T09:00"),  # eight school hours: the next morning
        ("2026-11-27T15:00", "2026-11-30T15:00"),  # over a weekend
        ("2026-10-09T14:00", "2026-10-19T14:00"),  # over the autumn holiday
        ("2026-10-23T14:00", "2026-10-26T15:00"),  # over the end of summer time
        ("2027-03-25T15:00", "2027-03-30T14:00"),  # over Easter, when summer time begins
        ("2026-12-25T12:00", "2027-01-04T15:30"),  # in the middle of a holiday
    ],
)
def test_seen_runs_in_school_hours(terms: SchoolTerms, start: str, end: str) -> None:
    """Eight hours of opening time: no night, weekend, holiday or public holiday counts."""
    assert terms.ends("seen", urgent=False, now=at(start)) == at(end)


def test_answer_and_urgent(terms: SchoolTerms) -> None:
    """Three school days to answer, a quarter of an hour when urgent, also in a holiday."""
    answered = terms.ends("answered", urgent=False, now=at("2026-11-26T09:00"))
    assert answered == at("2026-12-01T15:30")
    for step in ("seen", "answered"):
        ends = terms.ends(step, urgent=True, now=at("2026-12-25T01:00"))
        assert ends == at("2026-12-25T01:15")


@given(st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 30)), st.booleans())
@settings(max_examples=150, deadline=None)
def test_terms_go_forward(when: datetime, urgent: bool) -> None:
    """A term ends later than it starts, answers after sight, and a buzz is never in the night."""
    now = when.replace(tzinfo=UTC)
    terms = TERMS[0]
    seen = terms.ends("seen", urgent=urgent, now=now)
    assert now < seen <= max(seen, terms.ends("answered", urgent=urgent, now=now))
    buzz = terms.buzz_at(urgent=urgent, now=now)
    assert buzz >= now
    assert buzz == now if urgent else not terms.clock.is_quiet(buzz)
    if not urgent:
        assert terms.clock.is_school_hour(seen - timedelta(seconds=1))


TERMS: list[SchoolTerms] = []


@pytest.fixture(autouse=True, scope="module")
def _terms(terms: SchoolTerms) -> None:
    TERMS[:] = [terms]
