"""Retention never eats work: a table of what goes, one of what stays, and any set of reports."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import cards, casework, followup, overview, retention
from storage.crypto import Vault
from storage.reports import NewReport
from storage.tables import Base, Event, Order, RemovedReport, Report
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import WHEN, add_class, add_person, add_report
from tests.storage.school import MENTOR, POLICY, PUPIL, staff_id
from tests.storage.test_raw_bytes import CANARY, canary, dump, values
from tests.storage.test_retention import DAY, TERMS

OLD: Final = WHEN - 900 * DAY
GOES: Final[Mapping[str, Any]] = {
    "state": "closed", "closed_at": OLD, "read_at": OLD, "touched_at": OLD, "due_at": None,
    "escalations": 0, "retention_notice_at": WHEN - 8 * DAY,
}  # fmt: skip
DELETE: Final[dict[str, dict[str, Any]]] = {
    "closed a year ago": {"closed_at": WHEN - 366 * DAY},
    "withdrawn two months ago": {"state": "withdrawn", "closed_at": WHEN - 61 * DAY},
    "withdrawn and never read": {"state": "withdrawn", "read_at": None},
    "escalated long ago, then closed": {"escalations": 4},
    "touched a month ago": {"touched_at": WHEN - 30 * DAY},
    "announced a week ago": {"retention_notice_at": WHEN - 7 * DAY},
}
DO_NOT_DELETE: Final[dict[str, dict[str, Any]]] = {
    "never delivered": {"state": "sent", "read_at": None},
    "never opened": {"state": "delivered", "read_at": None},
    "read, nothing done": {"state": "read"},
    "in hand": {"state": "working"},
    "open and escalated": {"state": "read", "escalations": 2, "due_at": OLD},
    "open, with an end left behind": {"state": "working", "closed_at": OLD},
    "closed, never opened": {"read_at": None},
    "closed, a term still runs": {"due_at": WHEN},
    "closed a day short of its term": {"closed_at": WHEN - 364 * DAY},
    "withdrawn a day short of its term": {"state": "withdrawn", "closed_at": WHEN - 59 * DAY},
    "touched lately": {"touched_at": WHEN - 29 * DAY},
    "not announced": {"retention_notice_at": None},
    "announced six days ago": {"retention_notice_at": WHEN - 6 * DAY},
}


def put(session: Session, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Put a report for each line of a table; return the lines by number."""
    person = add_person(session, PUPIL, "Noor", add_class(session, "H3b"))
    lines = {}
    for place, (line, changes) in enumerate(tables.items()):
        number = f"M-{place:04d}"
        row_id = add_report(session, number, person, "id-H3b")
        for column, value in {**GOES, **changes}.items():
            setattr(session.get_one(Report, row_id), column, value)
        lines[number] = line
    session.flush()
    return lines


def purge(session: Session) -> None:
    """Try to remove every report there is, whatever the list of candidates says."""
    for report_id in list(session.scalars(select(Report.id))):
        retention.purge_report(session, report_id, TERMS, WHEN)


def left(session: Session) -> set[str]:
    """Return the numbers of the reports that are still there."""
    return set(session.scalars(select(Report.number)))


@pytest.mark.parametrize(("table", "stay"), [(DELETE, False), (DO_NOT_DELETE, True)])
async def test_tables_of_what_goes_and_what_stays(
    run: Run, table: Mapping[str, Mapping[str, Any]], stay: bool
) -> None:
    """Each line of the tables: gone with its tombstone, or kept whole and no candidate."""
    lines = await run(put, table)
    candidates = await run(retention.purgeable, TERMS, WHEN)
    assert len(candidates) == (0 if stay else len(table))
    await run(purge)
    kept = await run(left)
    assert sorted(lines[number] for number in kept) == (sorted(table) if stay else [])


def random_row(chance: random.Random) -> dict[str, Any]:
    """Return the columns of any report, possible or not."""

    def ago() -> datetime:
        return WHEN - chance.choice([0, 6, 8, 29, 31, 59, 61, 364, 366, 900]) * DAY

    return {
        "state": chance.choice(["sent", "delivered", "read", "working", *["closed"] * 4,
                                *["withdrawn"] * 3]),
        "closed_at": ago(),
        "read_at": chance.choice([None, OLD, OLD]),
        "touched_at": ago(),
        "due_at": chance.choice([None, None, None, WHEN]),
        "escalations": chance.choice([0, 0, 3]),
        "retention_notice_at": chance.choice([None, ago(), ago()]),
    }  # fmt: skip


def may_go(row: Mapping[str, Any]) -> bool:
    """Say in plain words, apart from the program, whether a report may go."""
    term = {"closed": TERMS.closed, "withdrawn": TERMS.withdrawn}.get(row["state"])
    if term is None or row["due_at"] is not None or row["retention_notice_at"] is None:
        return False
    unread = row["state"] == "closed" and row["read_at"] is None
    rested = row["touched_at"] <= WHEN - 30 * DAY
    announced = row["retention_notice_at"] <= WHEN - 7 * DAY
    return not unread and rested and announced and bool(row["closed_at"] <= WHEN - term)


@pytest.mark.parametrize("seed", range(2))
async def test_any_set_of_reports(run: Run, seed: int) -> None:
    """Whatever the rows say: exactly what may go goes, and nothing that is open."""
    chance = random.Random(seed)
    rows = {f"row {n}": random_row(chance) for n in range(150)}
    lines = await run(put, rows)
    await run(purge)
    kept = {lines[number] for number in await run(left)}
    assert kept == {name for name, row in rows.items() if not may_go(row)}
    assert 3 < len(rows) - len(kept) < 100
    goes = Counter(row["state"] for name, row in rows.items() if name not in kept)
    assert set(goes) == {"closed", "withdrawn"}


def fill(session: Session, now: datetime) -> str:
    """Let a report full of canaries live and end; return its id."""
    school.found(session)
    new = NewReport(canary("what"), "id-H3b", rule="2", app=canary("app"))
    sent = school.send(session, now, new=new)
    casework.reply(session, MENTOR, sent.id, canary("reply"), now)
    followup.add(session, PUPIL, sent.id, canary("added"), POLICY, now)
    cards.record(session, sent.id, MENTOR, 5, "card", now, staff_id=staff_id(MENTOR))
    overview.export(session, sent.number, canary("reason"), now)
    casework.close(session, MENTOR, sent.id, canary("closed"), now)
    return sent.id


def counted(session: Session, report_id: str) -> dict[str, int]:
    """Return how many rows each table has of a report."""
    about = {t for t in Base.metadata.sorted_tables if "report_id" in t.columns}
    return {
        t.name: session.scalar(
            select(func.count()).select_from(t).where(t.columns["report_id"] == report_id)
        )
        or 0
        for t in about
    }


def settle(session: Session, now: datetime) -> None:
    """Let everything that waits be sent."""
    for order in session.scalars(select(Order).where(Order.done_at.is_(None))):
        order.done_at, order.outcome = now, "sent"


async def test_nothing_of_a_purged_report_is_in_any_table(
    run: Run, now: datetime, vault: Vault
) -> None:
    """Words, outbox, steps, cards, exports: gone; number, rule, dates and reason are left."""
    report_id = await run(fill, now)
    before = await run(counted, report_id)
    assert before["events"] > 3
    sealed = {
        place: value
        for place, value in (await run(values)).items()
        if CANARY in vault.open(value, place)
    }
    assert len(sealed) == 6
    end = now + TERMS.closed
    await run(retention.announce, TERMS, end - 7 * DAY)
    for _ in range(2):
        await run(settle, end)
        await run(retention.purge_report, report_id, TERMS, end)
    assert set((await run(counted, report_id)).values()) == {0}
    still = set((await run(values)).values())
    assert not still & set(sealed.values())
    shown = await run(dump)
    assert CANARY not in shown
    assert report_id not in shown

    def tombstone(session: Session) -> dict[str, Any]:
        row = session.scalars(select(RemovedReport)).one()
        return {
            column.name: getattr(row, column.name) for column in RemovedReport.__table__.columns
        }

    day = now.date()
    assert await run(tombstone) == {
        "number": "M-2026-0001", "rule": "2", "created_on": day, "closed_on": day,
        "removed_on": end.date(), "reason": "term_closed",
    }  # fmt: skip
    assert await run(lambda session: session.scalar(select(func.count(Event.id)))) == 0
