"""What goes when its term has passed, and what never goes."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import cards, casework, claims, drafts, followup, inbox, outbox, retention
from storage.database import Database
from storage.errors import SealBroken
from storage.inbox import TakenIn
from storage.retention import RetentionTerms
from storage.tables import Base, Order, Person, RemovedReport, Report, Staff
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import add_person
from tests.storage.school import DEPUTY, MENTOR, POLICY, PUPIL, STRANGER, staff_id

DAY = timedelta(days=1)
TERMS = RetentionTerms(
    closed=365 * DAY,
    withdrawn=60 * DAY,
    sent_orders=30 * DAY,
    set_aside=30 * DAY,
    claims=7 * DAY,
    attempts=DAY,
    drafts=2 * DAY,
    kept_questions=30 * DAY,
    quiz_rounds=365 * DAY,
    unseen_people=730 * DAY,
    left_staff=500 * DAY,
)


@pytest.fixture(autouse=True)
async def _school(run: Run) -> None:
    await run(school.found)


def _rows(session: Session) -> dict[str, int]:
    tables = Base.metadata.tables
    about = [name for name in tables if "report_id" in tables[name].columns] + ["reports"]
    return {
        name: session.scalar(select(func.count()).select_from(tables[name])) or 0 for name in about
    }


def _due_kinds(session: Session) -> set[tuple[int, str]]:
    return {(chat, kind) for chat, kind in school.waiting(session) if kind == "retention_notice"}


async def _closed(run: Run, now: datetime) -> str:
    sent = await run(school.send, now)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    await run(cards.record, sent.id, MENTOR, 5, "card", now, staff_id=staff_id(MENTOR))
    await run(cards.record, sent.id, PUPIL, 6, "receipt", now)
    await run(casework.close, MENTOR, sent.id, "klaar", now)
    return str(sent.id)


async def test_announced_then_buried_then_gone(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """A week's notice, tombstones for the cards, and then only number, rule and dates are left."""
    report_id = await _closed(run, now)
    await school.deliver(db, rng, now)
    end = now + TERMS.closed
    assert await run(retention.announce, TERMS, end - 8 * DAY) == 0
    assert await run(retention.announce, TERMS, end - 7 * DAY) == 1
    assert await run(retention.announce, TERMS, end - 7 * DAY) == 0
    assert await run(_due_kinds) == {(PUPIL, "retention_notice"), (MENTOR, "retention_notice")}
    await school.deliver(db, rng, end - 7 * DAY)
    assert await run(retention.purgeable, TERMS, end - DAY) == ()
    assert await run(retention.purgeable, TERMS, end) == (report_id,)
    assert not await run(retention.purge_report, report_id, TERMS, end)
    assert not await run(retention.purge_report, report_id, TERMS, end)  # tombstone still waits
    assert await school.deliver(db, rng, end) == [(PUPIL, "tombstone")]
    assert await run(retention.purge_report, report_id, TERMS, end)
    assert set((await run(_rows)).values()) == {0}

    def left(session: Session) -> list[tuple[Any, ...]]:
        kept = session.scalars(select(RemovedReport))
        return [(r.number, r.rule, r.created_on, r.closed_on, r.reason) for r in kept]

    day = now.date()
    assert await run(left) == [("M-2026-0001", "2", day, day, "term_closed")]


async def test_removed_bit_by_bit(run: Run, now: datetime) -> None:
    """However much is over, one transaction removes no more than it is told; then the next."""

    def many(session: Session) -> None:
        for update_id in range(7):
            assert claims.claim(session, update_id, now)
        for account in range(50, 55):
            add_person(session, account, "Naam")

    await run(many)
    late = now + 800 * DAY
    counts: list[dict[str, int]] = []
    while not counts or max(counts[-1].values()) == 3:
        counts.append(await run(retention.purge_rest, TERMS, late, 3))
    assert [each["claims"] for each in counts] == [3, 3, 1]
    assert [each["people"] for each in counts] == [3, 3, 1]


async def test_reports_that_wait_are_passed_over(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """A report whose tombstones are not out yet does not keep the next one from going."""
    first, second = await _closed(run, now), await _closed(run, now)
    await school.deliver(db, rng, now)
    end = now + TERMS.closed
    await run(retention.announce, TERMS, end - 7 * DAY)
    ids = await run(retention.purgeable, TERMS, end)
    assert set(ids) == {first, second}
    assert await run(retention.purgeable, TERMS, end, 1, 0) == ids[:1]
    assert await run(retention.purgeable, TERMS, end, 1, 1) == ids[1:]


async def test_late_notice_still_gives_a_week(run: Run, now: datetime) -> None:
    """When the bot was off at the time, the notice comes late and the week still counts."""
    report_id = await _closed(run, now)
    late = now + 2 * TERMS.closed
    assert await run(retention.purgeable, TERMS, late) == ()
    await run(retention.announce, TERMS, late)
    assert await run(retention.purgeable, TERMS, late + 6 * DAY) == ()
    assert await run(retention.purgeable, TERMS, late + 7 * DAY) == (report_id,)

    def announced(session: Session) -> object:
        query = select(Order.detail).where(Order.kind == "retention_notice").limit(1)
        return session.scalar(query)

    assert await run(announced) == {"on": (late + 7 * DAY).date().isoformat()}


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "working", "escalated"])
async def test_open_reports_never_go(run: Run, now: datetime, state: str) -> None:
    """Nothing unread, open or escalated goes, however old, not even after an announcement."""
    sent = await run(school.send, now)

    def age(session: Session) -> None:
        report = session.get_one(Report, sent.id)
        report.state = "read" if state == "escalated" else state
        report.escalations = int(state == "escalated")
        report.closed_at = report.retention_notice_at = now

    await run(age)
    for later in (now + 400 * DAY, now + 4000 * DAY):
        assert await run(retention.announce, TERMS, later) == 0
        assert await run(retention.purgeable, TERMS, later) == ()
        assert not await run(retention.purge_report, sent.id, TERMS, later)
    assert (await run(school.row, sent.id)).number == sent.number


async def test_touched_lately_stays(run: Run, now: datetime) -> None:
    """A withdrawn report whose row was touched in the last thirty days stays."""
    sent = await run(school.send, now)
    await run(followup.withdraw, PUPIL, sent.id, now)
    end = now + TERMS.withdrawn
    await run(retention.announce, TERMS, end - 7 * DAY)

    def touch(session: Session, at: datetime) -> None:
        session.get_one(Report, sent.id).touched_at = at

    await run(touch, end - 29 * DAY)
    assert await run(retention.purgeable, TERMS, end) == ()
    await run(touch, end - 30 * DAY)
    assert await run(retention.purgeable, TERMS, end) == (sent.id,)


async def test_reopened_report_loses_its_announcement(run: Run, now: datetime) -> None:
    """Who opens a report again after the announcement keeps it."""
    report_id = await _closed(run, now)
    short = RetentionTerms(**dict.fromkeys(RetentionTerms.__slots__, DAY))
    await run(retention.announce, short, now)
    await run(followup.reopen, PUPIL, report_id, POLICY, now + DAY)
    assert await run(retention.purgeable, short, now + 99 * DAY) == ()


async def test_the_rest_goes_by_its_own_terms(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """Sent orders, drafts, claims, set-aside updates and unseen accounts go; the rest stays."""
    await run(school.send, now)
    await school.deliver(db, rng, now)
    await run(drafts.save, PUPIL, "report", "what", {"what": "x"}, now, version=None)
    await run(claims.claim, 5, now)
    await run(inbox.take_in, [TakenIn(8, PUPIL, {}), TakenIn(9, PUPIL, {})], now)
    for _ in range(3):
        await run(inbox.failed, 8, now)
    await run(add_person, 4001, "Lang Weg")
    nothing = await run(retention.purge_rest, TERMS, now + timedelta(hours=1))
    assert set(nothing.values()) == {0}
    gone = await run(retention.purge_rest, TERMS, now + 31 * DAY)
    assert {kind: count for kind, count in gone.items() if count} == {
        "sent_orders": 3,
        "set_aside": 1,
        "claims": 1,
        "drafts": 1,
    }
    assert [each.update_id for each in await run(inbox.pending)] == [9]
    assert (await run(retention.purge_rest, TERMS, now + 800 * DAY))["people"] == 2

    def accounts(session: Session) -> list[int]:
        return list(session.scalars(select(Person.telegram_id)))

    assert await run(accounts) == [PUPIL]  # a report needs its name


async def test_who_left_goes_when_no_report_needs_the_name(run: Run, now: datetime) -> None:
    """Staff who left are removed after their term, unless a report that is kept refers to them."""
    await run(school.send, now)
    for gone in (MENTOR, STRANGER):
        await run(school.change_staff, gone, left_at=now)
    await run(school.change_staff, DEPUTY, stand_in_id=staff_id(STRANGER))

    def codes(session: Session) -> set[str]:
        return set(session.scalars(select(Staff.code)))

    await run(retention.purge_rest, TERMS, now + 499 * DAY)
    assert {"AAA", "GGG"} <= await run(codes)
    counts = await run(retention.purge_rest, TERMS, now + 501 * DAY)
    assert counts["left_staff"] == 1
    assert await run(codes) == {"AAA", "BBB", "CCC", "DDD", "EEE", "FFF"}


async def test_unsent_orders_are_kept(run: Run, now: datetime) -> None:
    """What was never sent is not purged, however old."""
    await run(school.send, now)
    await run(retention.purge_rest, TERMS, now + 400 * DAY)
    assert (await run(outbox.depth, now + 400 * DAY)).waiting == 2


async def test_swapped_words_do_not_open(run: Run, now: datetime) -> None:
    """A sealed word moved to another report is refused, not shown."""
    one, two = await run(school.send, now), await run(school.send, now)

    def swap(session: Session) -> None:
        first, second = session.get_one(Report, one.id), session.get_one(Report, two.id)
        first.what_sealed, second.what_sealed = second.what_sealed, first.what_sealed

    await run(swap)
    with pytest.raises(SealBroken):
        await run(casework.open_report, MENTOR, one.id, POLICY, now)
