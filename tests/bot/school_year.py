"""Weeks of a school in no time: random staff, reports, outages and crashes, and a second opinion.

``Year`` plays; ``school_terms`` says on its own whether a term has passed; each round of upkeep is
compared with it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.runtime import _take_over
from bot.services import Services
from bot.terms import policy_of
from bot.upkeep import Upkeep
from storage import access, casework, events, followup, orders, outbox, reports, sending, staff
from storage.authority import OPEN
from storage.errors import NotAllowed, NotNow
from storage.reports import NewReport
from storage.routing import Route
from storage.snapshot import accused_of
from storage.tables import Report
from tests.bot.school_terms import Checks, Term, Terms
from tests.storage.school_people import random_school, some_staff, somebody

ABOUT_STAFF: Final[tuple[Route, ...]] = ("staff", "confidential")
SECOND: Final = timedelta(seconds=1)
LEFT_ALONE: Final = 3
ANSWERED: Final = LEFT_ALONE  # this one is answered at once, and closed twelve days later
GRACE: Final = timedelta(seconds=75)  # a round is 20 s, the job's period 30 s
LEASE: Final = timedelta(seconds=60)  # of a replica that died with the job in hand


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Year:
    """A school that is played from day to day."""

    services: Services
    terms: Terms
    rng: random.Random
    now: datetime
    kill: list[str] = field(default_factory=list)
    terms_of: dict[str, Term] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    plan: list[tuple[datetime, int, Any]] = field(default_factory=list)
    up_since: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @property
    def grace(self) -> timedelta:
        """How late a step may come: on SQLite a start takes over at once, else a lease runs out."""
        return GRACE if self.services.db.is_sqlite else GRACE + LEASE

    async def run(self, operation: Any, *args: Any, **named: Any) -> Any:
        """Call an operation of the storage room."""
        return await self.services.db.run(operation, *args, **named)

    async def play(self, days: int, count: int) -> Checks:
        """Let ``count`` reports live in ``days`` days."""
        start = self.now
        await self.run(random_school, self.rng, count)
        for number in range(count):
            moment = start + self.rng.random() * timedelta(days=days * 0.85)
            if number < LEFT_ALONE:
                moment = self.hard_moments(start)[number]
            self.at(moment, self.submit, number)
        for account in self.rng.sample(range(2000, 2010), 4):
            self.at(start + self.rng.random() * timedelta(days=days), self.staff_changes, account)
        while self.now < start + timedelta(days=days):
            await self.next_moment(start)
        return self.checks

    def hard_moments(self, start: datetime) -> list[datetime]:
        """When to make reports on which nobody acts: an urgent one by night, and two others.

        Those come just before a holiday, and before the clock is changed.
        """
        spans = self.terms.spans
        free = (end for (_, end), (begin, _) in pairwise(spans) if begin - end > timedelta(days=5))
        changes = (end for (_, end), (begin, _) in pairwise(spans) if self.changed(end, begin))
        night = start + timedelta(days=3, hours=21, minutes=30)
        return [night, *(next(ends, night) - timedelta(hours=1) for ends in (free, changes))]

    def changed(self, one: datetime, other: datetime) -> bool:
        """Tell whether the school's clock is changed between two moments."""
        offsets = [each.astimezone(self.terms.zone).utcoffset() for each in (one, other)]
        return offsets[0] != offsets[1]

    def at(self, moment: datetime, act: Any, *args: Any) -> None:
        """Plan something."""
        self.plan.append((moment, len(self.plan), (act, args)))

    async def next_moment(self, start: datetime) -> None:
        """Go to the next thing that happens: a plan, a term, the end of an outage, the morning."""
        due = await self.run(first_due, self.now)
        planned = min(self.plan, default=(datetime.max.replace(tzinfo=UTC), 0, None))
        following = min(planned[0], due or planned[0], self.now + timedelta(hours=12))
        following = max(following, self.now)
        awake = back_up(start, following)
        if awake != following:  # down: what comes meanwhile is dealt with at the start
            self.now, self.up_since = awake, awake
            await _take_over(self.services)
            self.checks.after_outage += due is not None and due <= awake
        elif due == following and due - SECOND > self.now:
            self.now = due - SECOND
            await self.round()
            self.checks.early += 1
            self.now = due + self.rng.random() * timedelta(seconds=20)
        else:
            self.now = following
        for entry in sorted(each for each in self.plan if each[0] <= self.now):
            self.plan.remove(entry)
            act, args = entry[2]
            await act(*args)
        for _ in range(2):
            self.now += timedelta(seconds=31)
            await self.round()

    async def round(self) -> None:
        """Run upkeep and delivery once, and compare every report with the second opinion."""
        try:
            await Upkeep(self.services).once()
        except Killed:
            self.checks.crashes += 1
            self.up_since = self.now = self.now + timedelta(seconds=5)
            await _take_over(self.services)
        found = await self.run(open_reports)
        for report in found:
            self.compare(report)
        await self.follow_events()
        await self.deliver()

    def compare(self, report: Report) -> None:
        """Assert that a missed term took exactly one step, and none that was not missed."""
        term = self.terms_of[report.id]
        steps = report.escalations - term.escalations
        self.checks.again += 1
        if steps:
            assert steps == 1
            assert term.kind, "a step although somebody had answered"
            assert self.terms.passed(term.kind, term.start, self.now, urgent=report.urgent)
            self.checks.missed += 1
            if not report.urgent:
                self.checks.over_holidays += self.terms.free_days(term.start, self.now) >= 5
                self.checks.over_changes += self.changed(term.start, self.now)
            term.kind, term.start, term.escalations = "seen", self.now, report.escalations
            term.owner = report.owner_id
        elif term.kind is None:
            self.checks.left_in_peace += 1
        elif self.now - self.up_since > self.grace:
            early = self.now - self.grace
            assert not self.terms.passed(term.kind, term.start, early, urgent=report.urgent)

    async def follow_events(self) -> None:
        """Learn from the facts when terms began, ended, and who owns what."""
        alive = [each for each, term in self.terms_of.items() if not term.over]
        for report_id, happened in (await self.run(facts, alive)).items():
            term = self.terms_of[report_id]
            for each in happened[term.seen_events :]:
                self.learn(term, each.what, each.actor_id, each.at)
            term.seen_events = len(happened)

    def learn(self, term: Term, what: str, actor: str | None, at: datetime) -> None:
        """Take in one fact."""
        lost = what in {"retired", "refused"} and actor == term.owner
        if what in {"sent", "routed", "nobody", "urgent"} or lost:
            term.kind, term.start = "seen", at
            term.owner = None if lost else term.owner
            if term.handed and what == "routed":
                term.owner, term.handed = actor, False
        elif what == "handed_over":
            term.handed = True
        elif what == "taken":
            term.owner = actor
            if term.kind:
                term.kind, term.start = "answered", at
        elif what in {"replied", "closed"}:
            term.kind, term.over = None, what == "closed"
        elif (what == "read" and term.owner in {None, actor}) or (
            what == "added" and term.kind is None
        ):
            term.kind, term.start = "answered", at

    async def deliver(self) -> None:
        """Send what is due, and look at whom it goes to."""
        policy = policy_of(self.services)
        while found := await self.run(outbox.claim, "w", self.now, 50):
            for order in found:
                content = await self.run(sending.content_of, order.id)
                if content is not None and order.staff_id and order.report_id:
                    await self.look(order)
                outcome = "dropped" if content is None else "sent"
                await self.run(outbox.settle, order.id, "w", outcome, policy, self.now, self.rng)

    async def look(self, order: outbox.OrderView) -> None:
        """Assert that a message to staff may go: not to the accused, not once it was acted on."""
        accused = await self.run(accused_of, order.report_id)
        self.checks.sent += 1
        self.checks.accused += bool(accused)
        assert order.staff_id not in accused
        term = self.terms_of[str(order.report_id)]
        # Who acted from the list of reports, before this came, may still get what they act on.
        late = order.kind == "notice" and order.staff_id == term.owner
        if order.kind in orders.BRINGS and not (late and order.created_at < term.start):
            assert term.kind is not None, "a reminder although somebody had answered"
            assert term.owner in {None, order.staff_id}, "a reminder of what a colleague has"
            self.checks.quiet += 1
        clock = self.services.school_clock
        if order.urgent and order.kind == "escalated" and clock.is_quiet(self.now):
            assert self.now - order.created_at < self.grace
            self.checks.urgent_by_night += 1

    async def submit(self, number: int) -> None:
        """Make a report, and plan what becomes of it."""
        urgent = number == 0 or (number > ANSWERED and self.rng.random() < 0.35)
        some = number != ANSWERED and self.rng.random() < 0.4
        about = await self.run(some_staff, self.rng) if some else frozenset()
        route: Route = self.rng.choice(ABOUT_STAFF) if about else "class"
        new = NewReport("woorden", f"id-K{number % 3}", urgent=urgent, accused=about, route=route)
        policy = policy_of(self.services)
        sent = await self.run(reports.submit, 10_000 + number, new, policy, self.now)
        self.terms_of[sent.id] = Term()
        await self.follow_events()
        longest = timedelta(hours=3) if urgent else timedelta(days=12)
        moments = sorted(
            self.rng.random() * longest
            for _ in range(self.rng.randrange(5) if number > ANSWERED else 0)
        )
        for moment in moments:
            act = self.rng.choice(["open", "open", "take", "reply", "add", "hand_over", "close"])
            self.at(self.now + moment, self.act, sent.id, number, act)
        if number == ANSWERED:
            self.at(self.now + timedelta(minutes=5), self.act, sent.id, number, "reply")
        self.at(self.now + longest, self.act, sent.id, number, "close")

    async def act(self, report_id: str, number: int, what: str) -> None:
        """Let somebody who has the report, or its pupil, do something with it."""
        policy, pupil = policy_of(self.services), 10_000 + number
        who, colleague = await self.run(somebody, report_id, self.rng)
        about = await self.run(some_staff, self.rng) if self.rng.random() < 0.3 else ()
        steps: dict[str, tuple[Any, ...]] = {
            "open": (casework.open_report, who, report_id, policy, self.now),
            "take": (casework.take, who, report_id, policy, self.now),
            "reply": (casework.reply, who, report_id, "kom je?", self.now),
            "close": (casework.close, who, report_id, "klaar", self.now),
            "hand_over": (casework.hand_over, who, report_id, colleague, policy, self.now),
            "add": (followup.add, pupil, report_id, "nog iets", policy, self.now),
        }
        named = {"accused": about} if what == "add" else {}
        try:
            await self.run(*steps[what], **named)
        except (NotAllowed, NotNow):  # a colleague was first, or nobody has it
            return
        await self.follow_events()

    async def staff_changes(self, account: int) -> None:
        """Let somebody leave, or be away for a week, perhaps with a stand-in."""
        if self.rng.random() < 0.4:
            await self.run(access.revoke, f"id-S{account}", self.now)
            return
        stand_in = self.rng.choice([None, f"id-S{self.rng.randrange(2000, 2010)}"])
        until = self.now + timedelta(days=7)
        try:
            await self.run(staff.set_absent, f"id-S{account}", self.now, until, stand_in)
        except NotNow:  # the stand-in left, or would be replaced by this person
            return


def back_up(start: datetime, moment: datetime) -> datetime:
    """Return ``moment``, or when the bot is up again: off three hours a night, every tenth day."""
    day = (moment - start).days
    midnight = datetime.combine(moment.date(), time(), UTC)
    if day % 10 == 9:
        return start + timedelta(days=day + 1)
    night = midnight + timedelta(hours=1), midnight + timedelta(hours=4)
    return night[1] if night[0] <= moment < night[1] else moment


def first_due(session: Session, now: datetime) -> datetime | None:
    """Return when the next term ends."""
    query = select(func.min(Report.due_at)).where(Report.state.in_(OPEN))
    return session.scalar(query)


def open_reports(session: Session) -> list[Report]:
    """Return all open reports."""
    return list(session.scalars(select(Report).where(Report.state.in_(OPEN))))


def facts(session: Session, ids: Iterable[str]) -> dict[str, tuple[events.EventView, ...]]:
    """Return the steps of these reports."""
    return {each: events.history(session, each) for each in ids}
