"""Making a report: preview, number, recipients, limits; the lists and the page of one."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, drafts, events, reports, snapshot
from storage.database import Database
from storage.errors import NotAllowed, NotNow, TooMany
from storage.tables import Order, Report
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import (
    ADMIN,
    BOARD,
    CONFIDENTIAL,
    COORDINATOR,
    DEPUTY,
    MENTOR,
    NEW,
    OTHER_PUPIL,
    POLICY,
    PUPIL,
    SECOND,
    STRANGER,
    WORDS,
)


@pytest.fixture(autouse=True)
async def _school(run: Run) -> None:
    await run(school.found)


def _count(session: Session) -> int:
    return len(session.scalars(select(Report.id)).all())


def _orders(session: Session) -> list[Order]:
    return list(session.scalars(select(Order).order_by(Order.seq)))


async def test_preview_names_the_receivers_and_stores_nothing(run: Run, now: datetime) -> None:
    """Before sending, the pupil sees by name and role who would get it."""
    shown = await run(reports.preview, PUPIL, NEW, POLICY, now)
    assert [(r.name, r.role) for r in shown.receivers] == [
        ("Naam AAA", "mentor"),
        ("Naam BBB", "mentor"),
    ]
    assert shown.reachable
    assert shown.pickable == ()
    assert await run(_count) == 0
    assert "Naam" not in repr(shown)


async def test_preview_about_a_mentor_offers_the_other(run: Run, now: datetime) -> None:
    """A report about one mentor would go to the deputy; the other mentor can be picked."""
    about = reports.NewReport(
        WORDS, "id-H3b", route="staff", accused=frozenset({school.staff_id(MENTOR)})
    )
    shown = await run(reports.preview, PUPIL, about, POLICY, now)
    assert [r.staff_id for r in shown.receivers] == [school.staff_id(DEPUTY)]
    assert [r.staff_id for r in shown.pickable] == [school.staff_id(SECOND)]


async def test_submit_stores_all_at_once(run: Run, now: datetime) -> None:
    """One transaction gives the number, the recipients, the events and the notices."""
    sent = await run(school.send, now)
    assert sent.number == "M-2026-0001"
    assert sent.reachable
    assert await run(school.waiting) == [(MENTOR, "notice"), (SECOND, "notice")]
    history = await run(events.history, sent.id)
    assert [e.what for e in history] == ["sent", "routed", "routed"]
    assert (await run(school.send, now, OTHER_PUPIL)).number == "M-2026-0002"


async def test_words_are_sealed_and_not_shown_in_reprs(run: Run, now: datetime) -> None:
    """No word of a pupil stands readable in a row, and none in what a log might print."""
    sent = await run(school.send, now)

    def raw(session: Session) -> bytes:
        return session.get_one(Report, sent.id).what_sealed

    assert WORDS.encode() not in await run(raw)
    own = await run(reports.own, PUPIL, sent.id)
    assert own.what == WORDS
    assert WORDS not in repr(own) + repr(NEW)
    assert "Noor" not in repr(own)


async def test_same_update_returns_the_first_result(run: Run, now: datetime) -> None:
    """A tap that is delivered twice makes one report and shows the same number."""
    first = await run(reports.submit, PUPIL, NEW, POLICY, now, update_id=7)
    again = await run(reports.submit, PUPIL, NEW, POLICY, now, update_id=7)
    assert again == first
    assert await run(_count) == 1


async def test_one_update_on_two_replicas(db: Database, run: Run, now: datetime) -> None:
    """An update that two replicas handle at the same moment makes one report."""
    sent = await asyncio.gather(
        *(db.run(reports.submit, PUPIL, NEW, POLICY, now, update_id=7) for _ in range(3))
    )
    assert len({each.number for each in sent}) == 1
    assert await run(_count) == 1


async def test_limit_holds_for_reports_at_once(db: Database, run: Run, now: datetime) -> None:
    """Reports that one pupil sends at the same moment count each other."""
    sent = await asyncio.gather(
        *(db.run(reports.submit, PUPIL, NEW, POLICY, now) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, TooMany) for each in sent) == 2
    assert await run(_count) == 3


async def test_second_tap_finds_no_draft(run: Run, now: datetime) -> None:
    """Tapping send twice makes one report: the first tap ends the draft."""
    draft = await run(drafts.save, PUPIL, "report", "preview", {}, now, version=None)
    send = reports.submit, PUPIL, NEW, POLICY, now
    await run(*send, draft_version=draft.version, update_id=1)
    with pytest.raises(NotNow):
        await run(*send, draft_version=draft.version, update_id=2)
    assert await run(_count) == 1
    assert await run(drafts.load, PUPIL) is None


async def test_nobody_reachable_is_stored_all_the_same(run: Run, now: datetime) -> None:
    """When nobody can be reached the report is kept, the pupil knows, administrators are warned."""
    await run(school.gone, *school.CODES)
    sent = await run(school.send, now)
    assert not sent.reachable
    assert await run(school.waiting) == [(ADMIN, "admin_alarm")]
    assert [e.what for e in await run(events.history, sent.id)] == ["sent", "nobody"]


async def test_without_a_name_no_report(run: Run, now: datetime) -> None:
    """Reports are named: an unknown account cannot send one."""
    with pytest.raises(NotNow):
        await run(school.send, now, 4242)


async def test_notice_waits_for_the_morning_unless_urgent(run: Run, now: datetime) -> None:
    """At night only an urgent report buzzes."""
    night = now.replace(hour=23)
    await run(school.send, night)
    await run(school.send, night, urgent=True)
    calm, _, urgent, _ = await run(_orders)
    assert (calm.due_at, calm.urgent) == (night + timedelta(hours=8), False)
    assert (urgent.due_at, urgent.urgent) == (night, True)


async def test_confidential_report_reaches_one_person(run: Run, now: datetime) -> None:
    """A sexual offence by staff goes past mentors and coordinators."""
    await run(school.send, now, route="confidential", accused=frozenset({school.staff_id(MENTOR)}))
    assert await run(school.waiting) == [(CONFIDENTIAL, "notice")]


async def test_limits_refuse_and_say_until_when(run: Run, now: datetime) -> None:
    """The fourth report within an hour is refused until the first is an hour old."""
    for minute in range(3):
        await run(school.send, now + timedelta(minutes=minute))
    with pytest.raises(TooMany) as refused:
        await run(school.send, now + timedelta(minutes=5))
    assert refused.value.until == now + timedelta(hours=1)
    await run(school.send, now + timedelta(hours=1))
    assert await run(_count) == 4


async def test_day_limit(run: Run, now: datetime) -> None:
    """The sixth report within a day is refused, whatever the hour."""
    for hour in range(5):
        await run(school.send, now + timedelta(hours=2 * hour))
    with pytest.raises(TooMany) as refused:
        await run(school.send, now + timedelta(hours=12))
    assert refused.value.until == now + timedelta(days=1)


async def test_urgent_is_marked_and_never_refused(run: Run, now: datetime) -> None:
    """Over the limit an urgent report goes all the same, and another pupil is not touched."""
    for _ in range(3):
        await run(school.send, now)
    assert (await run(school.send, now, urgent=True)).over_limit
    assert not (await run(school.send, now, OTHER_PUPIL)).over_limit


async def test_lists_are_each_ones_own_and_hold_no_words(run: Run, now: datetime) -> None:
    """A pupil lists their own reports, staff those that they have; urgent ones come first."""
    calm = await run(school.send, now)
    urgent = await run(school.send, now, OTHER_PUPIL, urgent=True)
    assert [line.number for line in await run(reports.mine, PUPIL)] == [calm.number]
    listed = await run(reports.open_for, MENTOR)
    assert [line.number for line in listed] == [urgent.number, calm.number]
    assert listed[0].class_label == "H3b"
    assert await run(reports.open_for, STRANGER) == ()
    assert await run(reports.open_for, COORDINATOR) == ()
    with pytest.raises(NotAllowed):
        await run(reports.open_for, PUPIL)


async def test_page_of_one(run: Run, now: datetime) -> None:
    """Staff see name, class, confirmation and words; the pupil sees who has it."""
    sent = await run(school.send, now)
    shown = await run(reports.one, MENTOR, sent.id)
    assert (shown.pupil, shown.class_label, shown.class_is_own) == ("Noor de Vries", "H3b", True)
    assert (shown.what, shown.app, shown.confirmed) == (WORDS, "Snapchat", False)
    assert "take" in shown.may
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    own = await run(reports.own, PUPIL, sent.id)
    assert own.owner == "Naam AAA"
    assert own.may == {"see_own", "add"}


async def test_dead_ends_by_class(run: Run, now: datetime) -> None:
    """The daily check names the classes in which some report would reach nobody."""
    assert await run(snapshot.dead_ends, now) == ()
    await run(school.gone, CONFIDENTIAL, BOARD)
    assert await run(snapshot.dead_ends, now) == ("H3b", "V5a")


async def test_other_pupils_see_nothing(run: Run, now: datetime) -> None:
    """Another pupil of the class gets the same answer as for a report that does not exist."""
    sent = await run(school.send, now)
    with pytest.raises(NotAllowed) as theirs:
        await run(reports.own, OTHER_PUPIL, sent.id)
    with pytest.raises(NotAllowed) as none:
        await run(reports.own, OTHER_PUPIL, "no-such-id")
    assert str(theirs.value) == str(none.value)
