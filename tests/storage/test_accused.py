"""Whoever works at a school: nobody whom a report is about receives, sees or infers it.

Random staff, posts, absences and refusals; reports about random people, some named only later;
after each step every way in which something of a report could come to them is tried.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import (
    access,
    alike,
    casework,
    escalation,
    followup,
    handover,
    outbox,
    overview,
    privacy,
    reports,
    retention,
    sending,
    staff,
)
from storage.authority import OPEN
from storage.errors import NotAllowed, NotNow
from storage.policy import Policy
from storage.reports import NewReport
from storage.routing import Route
from storage.snapshot import accused_of
from storage.tables import Accused, Person, Report, Staff
from tests.storage.conftest import Run
from tests.storage.school import PlainTerms
from tests.storage.school_people import random_school, some_staff, somebody
from tests.storage.test_retention import TERMS

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
PUPILS: Final = range(10_000, 10_008)
STAFF: Final = range(2000, 2010)
ADMIN: Final = 2003  # a member of staff too, so a report can be about the administrator
POLICY: Final = Policy(PlainTerms(), (ADMIN, 9001), per_hour=99, per_day=99)
ROUTES: Final[tuple[Route, ...]] = ("staff", "confidential")
STAFF_RULE: Final = "9"
WORDS: Final = "iemand heeft een filmpje van mij gemaakt"
DAY: Final = timedelta(days=1)


@dataclass
class Tries:
    """What was looked at; a run that looked at nothing proves nothing."""

    sent: int = 0
    pages: int = 0
    lists: int = 0
    done: set[str] = field(default_factory=set)


def told(session: Session) -> list[tuple[str, str, int]]:
    """Return (report, number, account) of whom each report is about."""
    query = (
        select(Report.id, Report.number, Staff.telegram_id)
        .join(Accused, Accused.report_id == Report.id)
        .join(Staff, Staff.id == Accused.staff_id)
    )
    return [(report, number, who) for report, number, who in session.execute(query) if who]


def refused(session: Session, operation: Any, *args: Any) -> bool:
    """Tell whether an operation answers as it does for what does not exist."""
    try:
        operation(session, *args)
    except NotAllowed:
        return True
    return False


def leaks(session: Session, tries: Tries, now: datetime) -> Iterator[str]:
    """Yield each way in which something of a report would come to somebody whom it is about."""
    lines = {line.number: line for line in overview.list_reports(session)}
    about: dict[int, dict[str, str]] = {account: {} for account in STAFF}
    for report_id, number, account in told(session):
        about[account][report_id] = number
        for ask in (reports.one, alike.numbers):
            tries.pages += 1
            if not refused(session, ask, account, report_id):
                yield f"page: {ask.__name__}"
        if not refused(session, casework.colleagues, account, report_id, now):
            yield "names for handing over"
        if not refused(session, overview.export, number, "x", now):
            yield "export"
        if number in str(privacy.export(session, account, now)):
            yield "own data"
        if {lines[number].class_label, lines[number].rule, lines[number].urgent} != {None}:
            yield "list of the administrator"
    if STAFF_RULE in overview.stats(session, 2025).by_rule:
        yield "counts"
    for account, mine in about.items():
        yield from lists_of(session, tries, account, mine, now)


def lists_of(
    session: Session, tries: Tries, account: int, about: dict[str, str], now: datetime
) -> Iterator[str]:
    """Yield what the lists of one member of staff say of reports about that person."""
    try:
        listed = [each.id for each in reports.open_for(session, account)]
    except NotAllowed:
        return
    tries.lists += len(listed)
    if set(listed) & set(about):
        yield "own list"
    for report_id in listed:
        if set(alike.numbers(session, account, report_id)) & set(about.values()):
            yield "hint at the same incident"
        try:
            offered = casework.colleagues(session, account, report_id, now)
        except NotNow:
            continue
        accused = session.scalars(select(Accused.staff_id).where(Accused.report_id == report_id))
        if {each.staff_id for each in offered} & set(accused):
            yield "offered for handing over"


def goes_to_the_accused(session: Session, order: outbox.OrderView) -> bool:
    """Tell whether an order would bring something of a report to somebody whom it is about."""
    if order.report_id is None or order.kind == "tombstone" or order.chat_id in PUPILS:
        return False  # a tombstone takes away what stood there before the accusation
    query = select(Staff.telegram_id).join(Accused, Accused.staff_id == Staff.id)
    about = set(session.scalars(query.where(Accused.report_id == order.report_id)))
    return order.chat_id in about and sending.content_of(session, order.id) is not None


async def deliver(run: Run, tries: Tries, chance: random.Random, now: datetime) -> None:
    """Send what is due, some chats being blocked, and look at whom it goes to."""
    blocked = set(chance.sample(STAFF, 2))
    while found := await run(outbox.claim, "w", now, 50):
        for order in found:
            assert not await run(goes_to_the_accused, order), order.kind
            tries.sent += 1
            tries.done.add(order.kind)
            outcome = "refused" if order.chat_id in blocked and order.staff_id else "sent"
            await run(outbox.settle, order.id, "w", outcome, POLICY, now, chance)


def anything(session: Session, chance: random.Random, now: datetime) -> str:
    """Let somebody do something and return its name; raises what the step raises."""
    pupil, account = chance.choice(PUPILS), chance.choice(STAFF)
    some = some_staff(session, chance)
    ids = list(session.scalars(select(Report.id).order_by(Report.number)))
    if not ids or chance.random() < 0.25:
        return new_report(session, chance, pupil, now)
    report_id = chance.choice(ids)
    owner = session.get_one(Person, session.get_one(Report, report_id).person_id).telegram_id
    holder, colleague = somebody(session, report_id, chance)
    stand_in = chance.choice([None, *sorted(some)])
    steps: dict[str, tuple[Any, ...]] = {
        "open": (casework.open_report, holder, report_id, POLICY, now),
        "take": (casework.take, holder, report_id, POLICY, now),
        "reply": (casework.reply, holder, report_id, "x", now),
        "hand over": (casework.hand_over, holder, report_id, colleague, POLICY, now),
        "close": (casework.close, holder, report_id, "klaar", now),
        "reopen": (followup.reopen, owner, report_id, POLICY, now),
        "absent": (staff.set_absent, f"id-S{account}", now, now + 4 * DAY, stand_in),
        "revoke": (access.revoke, f"id-S{account}", now),
        "add": (followup.add, owner, report_id, "x", POLICY, now),
    }
    step = chance.choice([*steps, "add", "name later"])
    if step == "name later":
        about = sorted(some)
        followup.add(session, owner, report_id, "x", POLICY, now, accused=about)
        assert set(about) <= accused_of(session, report_id)
    else:
        operation, *args = steps[step]
        operation(session, *args)
    return step


def new_report(session: Session, chance: random.Random, pupil: int, now: datetime) -> str:
    """Make a report, every second one about staff; the preview offers nobody it is about."""
    about = some_staff(session, chance) if chance.random() < 0.5 else frozenset()
    new = NewReport(
        WORDS,
        chance.choice(["id-K0", "id-K1", "id-K2", None]),
        rule=STAFF_RULE if about else "2",
        steps="staff" if about else "rule",
        urgent=chance.random() < 0.3,
        accused=about,
        route=chance.choice(ROUTES) if about else "class",
    )
    before = reports.preview(session, pupil, new, POLICY, now)
    offered = {each.staff_id for each in (*before.receivers, *before.pickable)}
    assert not offered & about
    reports.submit(session, pupil, new, POLICY, now)
    return "submit"


def by_the_clock(session: Session, now: datetime) -> None:
    """Do what upkeep does."""
    for report_id in escalation.due(session, now):
        escalation.step(session, report_id, POLICY, now)
    for report_id in handover.waiting(session):
        handover.reroute(session, report_id, POLICY, now)
    retention.announce(session, TERMS, now)


def end_all(session: Session, chance: random.Random, now: datetime) -> None:
    """Let whoever has a report close it."""
    for report in list(session.scalars(select(Report).where(Report.state.in_(OPEN)))):
        try:
            casework.close(session, somebody(session, report.id, chance)[0], report.id, "x", now)
        except NotAllowed:  # nobody has it
            continue


@pytest.mark.parametrize(
    ("database_url", "seed"),
    [
        ("sqlite", 0),
        ("postgresql", 1),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (("sqlite", 1), ("postgresql", 0))
        ),
    ],
    indirect=["database_url"],
)
async def test_nothing_comes_to_the_accused(run: Run, now: datetime, seed: int) -> None:
    """In no message, list, page, count, export, hint, reminder or escalation, whatever happens."""
    chance, tries = random.Random(seed), Tries()
    await run(random_school, chance, len(PUPILS))
    for number in range(50):
        moment = now + number * timedelta(hours=7)
        try:
            tries.done.add(await run(anything, chance, moment))
        except (NotAllowed, NotNow):
            continue
        await run(by_the_clock, moment)
        await deliver(run, tries, chance, moment)
        if number % 10 == 9:
            assert await run(all_leaks, tries, moment) == []
    await run(end_all, chance, moment)
    for late in (moment + TERMS.closed - 7 * DAY, moment + TERMS.closed):
        await run(by_the_clock, late)
        await deliver(run, tries, chance, late)
    assert await run(all_leaks, tries, late) == []
    assert {"name later", "add", "notice", "escalated", "retention_notice"} <= tries.done
    assert min(tries.sent, tries.pages, tries.lists) >= 30, tries


def all_leaks(session: Session, tries: Tries, now: datetime) -> list[str]:
    """Return every leak there is now."""
    return list(leaks(session, tries, now))
