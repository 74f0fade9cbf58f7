"""A report as a state machine: whatever pupils, staff, administrator and clock do to it.

After each step: every change of state has its event and its message, states follow from facts, no
open report is in nobody's hands while somebody can be reached, and nobody accused has it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from storage import (
    access,
    casework,
    escalation,
    events,
    followup,
    handover,
    orders,
    outbox,
    overview,
    privacy,
    routing,
    sending,
    staff,
)
from storage.authority import OPEN, UNREAD
from storage.crypto import Vault
from storage.database import any_engine, sqlite_engine
from storage.errors import NotAllowed, NotNow, TooMany
from storage.snapshot import accused_of, case_of, is_active, roster_of
from storage.tables import Order, Person, Report, Staff
from tests.storage import school
from tests.storage.postgres import Postgres
from tests.storage.rows import WHEN
from tests.storage.school import ADMIN, CODES, MENTOR, NEW, OTHER_PUPIL, POLICY, PUPIL, staff_id

ACCOUNTS: Final = st.sampled_from(sorted(CODES))
PUPILS: Final = st.sampled_from([PUPIL, OTHER_PUPIL])
WHICH: Final = st.integers(0, 5)
ACCUSED: Final = st.frozensets(ACCOUNTS, max_size=2)
EVENT_OF: Final = {
    "delivered": {"delivered"},
    "read": {"read", "reopened", "escalated", "retired", "refused"},
    "working": {"taken", "reopened"},
    "closed": {"closed"},
    "withdrawn": {"withdrawn"},
    "forgotten": {"forgotten"},
}
TOLD: Final = {"delivered": {"delivered"}, "working": {"working"}, "closed": {"closed"}}
FRESH: dict[str, Callable[[], AbstractContextManager[Engine]]] = {}
"""By kind of database: how an example gets a fresh one. Hypothesis makes it, not a fixture."""


@pytest.fixture(autouse=True, scope="module")
def _fresh(request: pytest.FixtureRequest, migrated_file: Path) -> None:
    @contextmanager
    def sqlite() -> Iterator[Engine]:
        with tempfile.TemporaryDirectory() as folder:
            file = shutil.copy(migrated_file, Path(folder) / "machine.db")
            engine = sqlite_engine(f"sqlite:///{file}")
            event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
            yield engine
            engine.dispose()

    @contextmanager
    def postgresql() -> Iterator[Engine]:
        server: Postgres = request.getfixturevalue("postgres")
        with server.lent() as name:
            engine = any_engine(server.url(name))
            yield engine
            engine.dispose()

    FRESH.update(sqlite=sqlite, postgresql=postgresql)


class Lives(RuleBasedStateMachine):
    """Reports through their lives."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.engine = self.open.enter_context(FRESH[self.kind]())
        self.now, self.rng, self.ids = WHEN, random.Random(5), list[str]()
        self.run(school.found)

    @initialize(accused=ACCUSED)
    def begin(self, accused: frozenset[int]) -> None:
        self.submit_one(PUPIL, False, frozenset(), False)
        self.submit_one(OTHER_PUPIL, True, accused, False)
        self.send_all(frozenset())

    def teardown(self) -> None:
        self.open.close()

    def run(self, operation: Any, *args: Any, **named: Any) -> Any:
        """Call one operation in a transaction, and check what it did to every report."""
        info = {"vault": Vault([bytes(range(32))])}
        with Session(self.engine, expire_on_commit=False, info=info) as session:
            before = {each.id: each.state for each in session.scalars(select(Report))}
            steps = {each: len(events.history(session, each)) for each in before}
            last = session.scalar(select(Order.seq).order_by(Order.seq.desc()).limit(1)) or 0
            session.rollback()
            with session.begin():
                result = operation(session, *args, **named)
                session.flush()
                for report in session.scalars(select(Report)):
                    old = before.get(report.id)
                    if old not in {None, report.state}:
                        check_change(session, report, str(old), steps[report.id], last)
            return result

    def attempt(self, expected: bool, operation: Any, *args: Any, **named: Any) -> bool:
        """Try an operation; it must succeed exactly when the rules of the test say so."""
        try:
            self.run(operation, *args, **named)
        except (NotAllowed, NotNow):
            assert not expected, operation.__name__
            return False
        assert expected, operation.__name__
        return True

    def one(self, which: int) -> str | None:
        return self.ids[which % len(self.ids)] if self.ids else None

    def upkeep(self) -> None:
        for report_id in self.run(handover.waiting):
            self.run(handover.reroute, report_id, POLICY, self.now)

    @rule(who=PUPILS, urgent=st.booleans(), accused=ACCUSED, confidential=st.booleans())
    def submit(self, who: int, urgent: bool, accused: frozenset[int], confidential: bool) -> None:
        self.submit_one(who, urgent, accused, confidential)

    def submit_one(
        self, who: int, urgent: bool, accused: frozenset[int], confidential: bool
    ) -> None:
        route = "confidential" if confidential else "staff" if accused else "class"
        about = frozenset(map(staff_id, accused))
        try:
            sent = self.run(school.send, self.now, who, urgent=urgent, accused=about, route=route)
        except (NotNow, TooMany):  # forgot the account, or over the limit
            return
        self.ids.append(sent.id)

    @rule(blocked=st.frozensets(ACCOUNTS, max_size=3))
    def deliver(self, blocked: frozenset[int]) -> None:
        self.send_all(blocked)

    def send_all(self, blocked: frozenset[int]) -> None:
        for _ in range(30):
            found = self.run(outbox.claim, "w", self.now, 10)
            if not found:
                return
            for order in found:
                content = self.run(sending.content_of, order.id)
                outcome = "dropped" if content is None else "sent"
                if content and order.chat_id in blocked and order.staff_id:
                    outcome = "refused"
                if outcome == "sent" and order.staff_id and order.report_id:
                    assert order.staff_id not in self.run(accused_of, order.report_id)
                self.run(outbox.settle, order.id, "w", outcome, POLICY, self.now, self.rng)

    @rule(
        who=st.none() | ACCOUNTS,
        which=WHICH,
        step=st.sampled_from(["open", "take", "reply", "close"]),
    )
    def work(self, who: int | None, which: int, step: str) -> None:
        report_id = self.one(which)
        if report_id is None:
            return
        who = who or self.run(who_has, report_id)
        expected = self.run(may, who, report_id, step)
        operations: dict[str, tuple[Any, ...]] = {
            "open": (casework.open_report, who, report_id, POLICY, self.now),
            "take": (casework.take, who, report_id, POLICY, self.now),
            "reply": (casework.reply, who, report_id, "kom je langs?", self.now),
            "close": (casework.close, who, report_id, "klaar", self.now),
        }
        self.attempt(expected, *operations[step])

    @rule(who=st.none() | ACCOUNTS, to=ACCOUNTS, which=WHICH)
    def hand_over(self, who: int | None, to: int, which: int) -> None:
        report_id = self.one(which)
        if report_id is None:
            return
        who = who or self.run(who_has, report_id)
        expected = self.run(may, who, report_id, "hand_over") and self.run(
            could_get, to, who, report_id, self.now
        )
        self.attempt(expected, casework.hand_over, who, report_id, staff_id(to), POLICY, self.now)

    @rule(
        who=PUPILS, which=WHICH, accused=ACCUSED, confidential=st.booleans(), urgent=st.booleans()
    )
    def add(
        self, who: int, which: int, accused: frozenset[int], confidential: bool, urgent: bool
    ) -> None:
        report_id = self.one(which)
        if report_id is None:
            return
        self.attempt(
            self.run(made, who, report_id, OPEN),
            followup.add, who, report_id, "nog iets", POLICY, self.now,
            accused=[staff_id(each) for each in sorted(accused)],
            confidential=confidential, urgent=urgent,
        )  # fmt: skip

    @rule(who=PUPILS, which=WHICH, step=st.sampled_from(["withdraw", "correct", "reopen"]))
    def change_own(self, who: int, which: int, step: str) -> None:
        report_id = self.one(which)
        if report_id is None:
            return
        if step == "withdraw":
            expected = self.run(made, who, report_id, UNREAD)
            self.attempt(expected, followup.withdraw, who, report_id, self.now)
        elif step == "correct":
            expected = self.run(made, who, report_id, UNREAD)
            self.attempt(expected, followup.correct, who, report_id, NEW, POLICY, self.now)
        else:
            expected = self.run(made, who, report_id, {"closed"}) and self.run(
                closed_lately, report_id, self.now
            )
            self.attempt(expected, followup.reopen, who, report_id, POLICY, self.now)

    @rule(who=ACCOUNTS, stand_in=st.none() | ACCOUNTS, days=st.integers(1, 9))
    def go_away(self, who: int, stand_in: int | None, days: int) -> None:
        until = self.now + timedelta(days=days)
        chosen = None if stand_in is None else staff_id(stand_in)
        try:
            self.run(staff.set_absent, staff_id(who), self.now, until, chosen)
        except NotNow:  # a circle, or a stand-in without access
            return

    @rule(who=ACCOUNTS)
    def revoke(self, who: int) -> None:
        self.run(access.revoke, staff_id(who), self.now)
        self.upkeep()

    @rule(who=ACCOUNTS)
    def come_back(self, who: int) -> None:
        self.run(school.change_staff, who, revoked_at=None, unreachable_since=None)
        self.run(staff.set_present, staff_id(who))

    @rule(which=WHICH)
    def export(self, which: int) -> None:
        report_id = self.one(which)
        if report_id is None:
            return
        report = self.run(school.row, report_id)
        about = self.run(accused_of, report_id) or report.route != "class"
        try:
            shown = self.run(overview.export, report.number, "inspectie", self.now)
        except NotAllowed:
            assert about or report.state == "forgotten"
            return
        assert not about
        assert shown["events"][-1]["what"] == "exported"

    @rule(who=PUPILS)
    def forget(self, who: int) -> None:
        self.run(privacy.forget, who, self.now)
        self.run(privacy.finish_forgetting, self.now)

    @rule(hours=st.sampled_from([1, 7, 25, 80, 400]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for report_id in self.run(escalation.due, self.now):
            self.run(escalation.step, report_id, POLICY, self.now)

    @invariant()
    def all_is_well(self) -> None:
        self.upkeep()
        self.ids = [each for each in self.ids if self.run(exists, each)]
        for report_id in self.ids:
            self.run(check_report, report_id, self.now)


def check_change(session: Session, report: Report, old: str, steps: int, last: int) -> None:
    """Assert that a new state has its event, and its message to the pupil."""
    new_events = {each.what for each in events.history(session, report.id)[steps:]}
    assert new_events & EVENT_OF[report.state], (old, report.state, new_events)
    assert report.state not in {"sent"}, (old, report.state)
    query = select(Order.detail).where(
        Order.report_id == report.id, Order.kind == "status", Order.seq > last
    )
    told = {(detail or {}).get("state") for detail in session.scalars(query)}
    if "reopened" not in new_events and report.state in TOLD:
        assert told & TOLD[report.state], (old, report.state, told)
    if (old, report.state) == ("working", "read") and orders.live(session, report.id):
        own_words = new_events & {"added", "corrected"}  # the answer to these says so
        assert told & {"handed", "escalated"} or own_words, new_events


def check_report(session: Session, report_id: str, now: Any) -> None:
    """Assert what must hold of a report at any time."""
    report = session.get_one(Report, report_id)
    live = {each.staff_id for each in orders.live(session, report_id)}
    accused = accused_of(session, report_id)
    steps = [each.what for each in events.history(session, report_id)]
    assert not live & accused
    waiting = select(Order.staff_id).where(Order.report_id == report_id, Order.done_at.is_(None))
    assert not set(session.scalars(waiting)) & accused
    check_facts(report, steps)
    if report.state not in OPEN:
        return
    assert report.owner_id is None or report.owner_id in live
    if live:
        return
    assert not routing.first(roster_of(session), case_of(session, report), now)
    assert events.last_of(session, report_id, "nobody", "routed") == "nobody"
    alarms = select(Order.id).where(Order.report_id == report_id, Order.chat_id == ADMIN)
    assert session.scalars(alarms).first()


def check_facts(report: Report, steps: list[str]) -> None:
    """Assert that the state says no more than what happened."""
    state = report.state
    if state == "sent":
        assert "delivered" not in steps
        assert "read" not in steps
    if state == "delivered":
        assert report.delivered_at is not None
        assert "delivered" in steps
        assert "read" not in steps
    if state == "read":
        assert report.read_at is not None
    if state == "working":
        assert report.owner_id is not None
        assert "taken" in steps
    assert (state in {"closed", "withdrawn"}) == (report.closed_at is not None)
    if state not in OPEN:
        assert report.due_at is None
    if state in UNREAD:
        assert report.due_at is not None


def may(session: Session, account: int, report_id: str, step: str) -> bool:
    """Tell by the rules of the house whether somebody may do a step of casework."""
    report = session.get_one(Report, report_id)
    me = staff_id(account)
    has_it = me in {each.staff_id for each in orders.live(session, report_id)}
    free = step == "open" or report.owner_id in {None, me}
    here = is_active(session.get_one(Staff, me)) and me not in accused_of(session, report_id)
    return has_it and free and here and report.state in OPEN


def could_get(session: Session, to: int, giver: int, report_id: str, now: Any) -> bool:
    """Tell whether a report may be handed over to somebody."""
    found = routing.candidates(
        roster_of(session), case_of(session, session.get_one(Report, report_id)), now
    )
    return to != giver and staff_id(to) in {each.staff_id for each in found}


def who_has(session: Session, report_id: str) -> int:
    """Return the account of who owns a report, else of the first who has it, else of anybody."""
    live = [each.staff_id for each in orders.live(session, report_id)]
    chosen = session.get_one(Report, report_id).owner_id or (live or [staff_id(MENTOR)])[0]
    return next(account for account in CODES if staff_id(account) == chosen)


def made(session: Session, account: int, report_id: str, states: Any) -> bool:
    """Tell whether an account made a report that is in one of ``states``."""
    report = session.get_one(Report, report_id)
    person = session.get_one(Person, report.person_id)
    return person.telegram_id == account and report.state in states


def closed_lately(session: Session, report_id: str, now: Any) -> bool:
    """Tell whether a report may still be opened again."""
    closed = session.get_one(Report, report_id).closed_at
    return closed is not None and now <= closed + POLICY.reopen_for


def exists(session: Session, report_id: str) -> bool:
    """Tell whether a report is still there."""
    return session.get(Report, report_id) is not None


class LivesOnPostgres(Lives):
    """The same on the other kind of database."""

    kind = "postgresql"


class LongLives(Lives):
    """The same for longer."""


for machine, examples in ((Lives, 8), (LivesOnPostgres, 5)):
    machine.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=15, deadline=None, derandomize=True
    )
LongLives.TestCase.settings = settings(
    max_examples=300, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLives = pytest.mark.timeout(600)(Lives.TestCase)
TestLivesOnPostgres = pytest.mark.timeout(600)(LivesOnPostgres.TestCase)
TestLongLives = pytest.mark.slow(pytest.mark.timeout(1800)(LongLives.TestCase))
