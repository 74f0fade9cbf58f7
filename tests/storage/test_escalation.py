"""Missed terms and staff who are gone: one step a miss, and no report in nobody's hands."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, escalation, events, followup, handover, reports
from storage.database import Database
from storage.tables import Recipient
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import (
    ADMIN,
    BOARD,
    CONFIDENTIAL,
    COORDINATOR,
    DEPUTY,
    MENTOR,
    POLICY,
    PUPIL,
    SECOND,
    STRANGER,
    staff_id,
)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _school(run: Run) -> None:
    await run(school.found)


def _received(session: Session, report_id: str) -> set[str]:
    return set(session.scalars(select(Recipient.staff_id).where(Recipient.report_id == report_id)))


async def test_not_before_the_term(run: Run, now: datetime) -> None:
    """Nothing is due a second before the term ends."""
    sent = await run(school.send, now)
    early = now + DAY - timedelta(seconds=1)
    assert await run(escalation.due, early) == ()
    assert await run(escalation.step, sent.id, POLICY, early) is None
    assert await run(escalation.due, now + DAY) == (sent.id,)


async def test_each_miss_once(db: Database, run: Run, now: datetime) -> None:
    """However many replicas see the miss, the next and the coordinator get it once."""
    sent = await run(school.send, now)
    taken = await asyncio.gather(
        *(db.run(escalation.step, sent.id, POLICY, now + DAY) for _ in range(3))
    )
    (step,) = [each for each in taken if each]
    assert [(r.staff_id, r.role) for r in step.receivers] == [
        (staff_id(DEPUTY), "deputy"),
        (staff_id(COORDINATOR), "coordinator"),
    ]
    orders = await run(school.waiting)
    assert orders.count((DEPUTY, "escalated")) == 1
    assert (PUPIL, "status") in orders


async def test_up_to_the_board_then_one_alarm(
    db: Database, run: Run, rng: random.Random, now: datetime
) -> None:
    """Misses climb to the board; then the administrators are warned once, not at every term."""
    sent = await run(school.send, now)
    for day in range(1, 7):
        await run(escalation.step, sent.id, POLICY, now + day * DAY)
    assert await run(_received, sent.id) == {
        staff_id(each) for each in school.CODES if each != STRANGER
    }
    delivered = await school.deliver(db, rng, now + 7 * DAY)
    assert delivered.count((ADMIN, "admin_alarm")) == 1
    assert [chat for chat, kind in delivered if kind == "escalated"] == [
        DEPUTY,
        COORDINATOR,
        CONFIDENTIAL,
        BOARD,
    ]


async def test_acted_on_is_left_alone(run: Run, now: datetime) -> None:
    """Reading buys the longer term, answering ends it, closing ends all."""
    sent = await run(school.send, now)
    await run(casework.open_report, MENTOR, sent.id, POLICY, now)
    assert await run(escalation.due, now + DAY) == ()
    assert await run(escalation.due, now + 3 * DAY) == (sent.id,)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    assert await run(escalation.due, now + 300 * DAY) == ()
    await run(followup.add, PUPIL, sent.id, "nog iets", POLICY, now)
    assert await run(escalation.due, now + 3 * DAY) == (sent.id,)
    await run(casework.close, MENTOR, sent.id, "klaar", now)
    assert await run(escalation.due, now + 300 * DAY) == ()


async def test_urgent_runs_on_minutes(run: Run, now: datetime) -> None:
    """An urgent report that nobody read moves on after a quarter of an hour."""
    calm = await run(school.send, now)
    urgent = await run(school.send, now, urgent=True)
    assert await run(escalation.due, now + timedelta(minutes=15)) == (urgent.id,)
    assert await run(escalation.due, now + DAY) == (urgent.id, calm.id)


async def test_new_holder_can_take_what_the_owner_left(run: Run, now: datetime) -> None:
    """After an owner's miss whoever is first takes the report over."""
    sent = await run(school.send, now)
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    await run(escalation.step, sent.id, POLICY, now + 3 * DAY)
    shown = await run(casework.take, DEPUTY, sent.id, POLICY, now + 3 * DAY)
    assert shown.owner == "Naam CCC"


async def test_accused_is_never_the_next(run: Run, now: datetime) -> None:
    """No miss ever brings a report to somebody whom it is about."""
    accused = frozenset({staff_id(COORDINATOR), staff_id(BOARD)})
    sent = await run(school.send, now, route="staff", accused=accused)
    for day in range(1, 7):
        await run(escalation.step, sent.id, POLICY, now + day * DAY)
    assert not await run(_received, sent.id) & accused


async def test_revoked_mentor_loses_reports(run: Run, now: datetime) -> None:
    """When the only mentor with the report is revoked, the next person gets it."""
    await run(school.gone, SECOND)
    sent = await run(school.send, now)
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    assert await run(handover.waiting) == ()
    await run(school.gone, MENTOR)
    assert await run(handover.waiting) == (sent.id,)
    assert await run(handover.reroute, sent.id, POLICY, now)
    assert not await run(handover.reroute, sent.id, POLICY, now)
    assert await run(handover.waiting) == ()
    line = (await run(reports.open_for, DEPUTY))[0]
    assert not line.taken
    assert (DEPUTY, "notice") in await run(school.waiting)


async def test_co_mentor_hears_that_the_owner_left(
    db: Database, run: Run, rng: random.Random, now: datetime
) -> None:
    """When the owner leaves, the other mentor gets a fresh notice and can act."""
    sent = await run(school.send, now)
    await school.deliver(db, rng, now)
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    await run(school.gone, MENTOR)
    await run(handover.reroute, sent.id, POLICY, now)
    assert (SECOND, "notice") in await run(school.waiting)
    assert (await run(casework.take, SECOND, sent.id, POLICY, now)).owner == "Naam BBB"


async def test_orphan_finds_the_first_who_comes(run: Run, now: datetime) -> None:
    """A report that reached nobody goes out as soon as somebody is there, with one alarm so far."""
    await run(school.gone, *school.CODES)
    sent = await run(school.send, now)
    assert await run(handover.waiting) == (sent.id,)
    assert not await run(handover.reroute, sent.id, POLICY, now)
    await run(escalation.step, sent.id, POLICY, now + DAY)
    assert await run(school.waiting) == [(ADMIN, "admin_alarm")]
    await run(school.change_staff, MENTOR, revoked_at=None)
    assert await run(handover.reroute, sent.id, POLICY, now + DAY)
    assert (MENTOR, "notice") in await run(school.waiting)
    assert (await run(events.history, sent.id))[-1].what == "routed"
