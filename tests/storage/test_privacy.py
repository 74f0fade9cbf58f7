"""A person sees all that is theirs, and is forgotten but for an open report."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import attempts, cards, dossier, drafts, orders, people, privacy, quiz, reports
from storage.sealing import seal
from storage.tables import Base, Card, Message, Order, RemovedReport, Report
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_person, add_report, add_staff

OPEN, ENDED = "M-2026-0001", "M-2026-0002"
SECRET = "zij stuurde een foto"


class Learning:
    """A scheduler that learns nothing."""

    def rule_of(self, item: str) -> str | None:
        return "2"

    def review(
        self, state: dict[str, Any] | None, right: bool, now: datetime
    ) -> tuple[dict[str, Any], date]:
        return {}, now.date()


def _say(session: Session, number: str, text: str, staff_id: str | None, now: datetime) -> None:
    row_id = f"m-{text[:10]}-{number}"
    body = seal(session, text, "messages.body_sealed", row_id)
    report_id = f"id-{number}"
    session.add(
        Message(id=row_id, report_id=report_id, from_staff_id=staff_id, body_sealed=body, at=now)
    )


def _rows(session: Session) -> dict[str, int]:
    tables = {mapper.class_ for mapper in Base.registry.mappers}
    return {table.__tablename__: session.query(table).count() for table in tables}


def _settle(session: Session, now: datetime) -> None:
    for order in session.scalars(select(Order)):
        order.done_at = order.done_at or now


def _states(session: Session) -> dict[str, str]:
    return {report.number: report.state for report in session.scalars(select(Report))}


@pytest.fixture
async def noor(run: Run, now: datetime) -> None:
    """Account 1 with a class, a draft, a quiz, a failed code, an open and an ended report."""
    await run(add_class, "H3b")
    await run(add_staff, "JAN", ("mentor", "id-H3b"), telegram_id=100)
    await run(add_person, 1, "Noor de Wit", "id-H3b")
    await run(drafts.save, 1, "report", "what", {"what": "concept"}, now, version=None)
    await run(attempts.failed, 1, now)
    started = await run(quiz.start_round, "id-1", ("photo-1",), None, now)
    await run(quiz.record_poll, started.id, 0, "p0", 1, 50, 0, now)
    await run(quiz.answer, "p0", 1, 0, now, Learning())
    await run(add_report, OPEN, "id-1", "id-H3b", state="working", owner_id="id-JAN")
    await run(add_report, ENDED, "id-1", "id-H3b", state="closed", closed_at=now, read_at=now)
    for number in (OPEN, ENDED):
        await run(_say, number, SECRET, None, now)
        await run(_say, number, "kom even langs", "id-JAN", now)
        await run(_card, number, now)


def _card(session: Session, number: str, now: datetime) -> None:
    session.add(
        Card(
            report_id=f"id-{number}",
            chat_id=100,
            telegram_message_id=9,
            kind="card",
            staff_id="id-JAN",
            at=now,
        )
    )


@pytest.mark.usefixtures("noor")
async def test_export_has_all_of_the_person_and_nothing_of_staff(run: Run, now: datetime) -> None:
    """Name, class, dialogue, quiz, reports and relayed words; no staff name, id or step."""
    found = await run(privacy.export, 1, now)
    assert found["account"]["name"] == "Noor de Wit"
    assert found["account"]["class"] == "H3b"
    assert found["dialogue"]["data"] == {"what": "concept"}
    assert found["quiz"]["answers"][0]["right"] is True
    assert found["quiz"]["rules"][0]["rule"] == "2"
    assert [each["number"] for each in found["reports"]] == [OPEN, ENDED]
    assert found["reports"][0]["words"]["what"] == f"woorden van {OPEN}"
    texts = {(each["from"], each["text"]) for each in found["reports"][0]["messages"]}
    assert texts == {("you", SECRET), ("school", "kom even langs")}
    assert "JAN" not in json.dumps(found)
    assert found["staff"] is None


async def test_export_of_a_stranger_and_of_staff(run: Run, now: datetime) -> None:
    """An account that only asked has nothing; a colleague sees their own posts."""
    assert (await run(privacy.export, 1, now))["account"] is None
    await run(add_staff, "JAN", ("board", None), telegram_id=100)
    found = await run(privacy.export, 100, now)
    assert found["staff"]["posts"] == [{"role": "board", "class": None}]
    assert (await run(privacy.forget, 100, now)).staff


@pytest.mark.usefixtures("noor")
async def test_forgetting_keeps_an_open_report_only(run: Run, now: datetime) -> None:
    """What stays is said; the words of the ended report are gone at once, its cards in time."""
    done = await run(privacy.forget, 1, now)
    assert done.open_reports == (OPEN,)
    assert set(done.removed) == {"draft", "attempts", "quiz", "reports", "class"}
    person = await run(people.find, 1)
    assert (person.name, person.class_id) == ("Noor de Wit", None)
    assert [line.number for line in await run(reports.mine, 1)] == [OPEN]
    found = await run(privacy.export, 1, now)
    assert [each["number"] for each in found["reports"]] == [OPEN]
    assert await run(_states) == {OPEN: "working", ENDED: privacy.FORGOTTEN}
    assert await run(privacy.finish_forgetting, now) == 0
    await run(_settle, now)
    assert await run(privacy.finish_forgetting, now) == 1
    assert await run(_states) == {OPEN: "working"}
    assert await run(privacy.forget, 1, now) == privacy.Forgotten((), (OPEN,), False)


@pytest.mark.usefixtures("noor")
async def test_nothing_is_left_when_no_report_is_open(run: Run, now: datetime) -> None:
    """When the last report is closed, forgetting leaves numbers and dates, and no person."""
    await run(_close, OPEN, now)
    assert "person" in (await run(privacy.forget, 1, now)).removed
    assert await run(people.find, 1) is None
    await run(_settle, now)
    assert await run(privacy.finish_forgetting, now) == 2
    left = {table: count for table, count in (await run(_rows)).items() if count}
    of_the_school = {"classes": 1, "staff": 1, "posts": 1, "roster_version": 1}
    assert left == of_the_school | {"removed_reports": 2, "counters": 1}
    assert await run(_reasons) == {privacy.FORGOTTEN}


@pytest.mark.usefixtures("noor")
async def test_no_word_is_left(run: Run, now: datetime) -> None:
    """Right after forgetting, no row holds a sealed word of the ended report any more."""
    before = await run(_words)
    assert SECRET in before[ENDED]
    await run(privacy.forget, 1, now)
    assert await run(_words) == {OPEN: before[OPEN], ENDED: ""}


@pytest.mark.usefixtures("noor")
async def test_what_waits_for_an_ended_report_is_not_sent(run: Run, now: datetime) -> None:
    """Only tombstones still go out; another person's orders are untouched."""
    await run(orders.order, 1, "status", now, report_id=f"id-{ENDED}")
    await run(orders.order, 1, "status", now, report_id=f"id-{OPEN}")
    await run(orders.order, 1, "draft_wiped", now)
    await run(orders.order, 2, "draft_wiped", now)
    await run(privacy.forget, 1, now)
    assert await run(_told_of_drafts) == [2]
    assert sorted(await run(_waiting)) == [("status", OPEN), ("tombstone", ENDED)]


@pytest.mark.usefixtures("noor")
async def test_nobody_sees_a_forgotten_report(run: Run, now: datetime) -> None:
    """Its card still becomes a tombstone; the mentor's list does not show it."""
    await run(privacy.forget, 1, now)
    assert [line.number for line in await run(_open_for)] == []
    card = (await run(_waiting_cards))[0]
    assert (await run(cards.find, card)).number == ENDED


def _close(session: Session, number: str, now: datetime) -> None:
    report = session.get_one(Report, f"id-{number}")
    report.state, report.closed_at = "closed", now


def _reasons(session: Session) -> set[str]:
    return set(session.scalars(select(RemovedReport.reason)))


def _words(session: Session) -> dict[str, str]:
    words: dict[str, str] = {}
    for report in session.scalars(select(Report)):
        own = [dossier.read(session, report, word) or "" for word in dossier.WORDS]
        said = [each.body for each in dossier.messages(session, report.id)]
        words[report.number] = "".join([*own, *said])
    return words


def _waiting(session: Session) -> list[tuple[str, str]]:
    query = select(Order).where(Order.done_at.is_(None), Order.report_id.is_not(None))
    numbers = {report.id: report.number for report in session.scalars(select(Report))}
    return [(order.kind, numbers[order.report_id or ""]) for order in session.scalars(query)]


def _told_of_drafts(session: Session) -> list[int]:
    return list(session.scalars(select(Order.chat_id).where(Order.kind == "draft_wiped")))


def _waiting_cards(session: Session) -> list[str]:
    query = select(Order).where(Order.kind == "tombstone")
    return [(order.detail or {})["card"] for order in session.scalars(query)]


def _open_for(session: Session) -> tuple[reports.StaffLine, ...]:
    return reports.open_for(session, 100)
