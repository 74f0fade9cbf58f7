"""What ``growth`` measures: the operations behind an answer, a report, a list, a purge."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storage import (
    alike,
    casework,
    claims,
    classes,
    deadends,
    drafts,
    escalation,
    followup,
    handover,
    inbox,
    jobs,
    kept,
    outbox,
    people,
    privacy,
    rekey,
    reminders,
    reports,
    retention,
    sending,
    staff,
)
from storage.crypto import Vault
from storage.inbox import TakenIn
from storage.reports import NewReport
from storage.retention import RetentionTerms
from tests.prove.growth_school import PER_CLASS, PUPIL, Size, account_of, ident, staff_of
from tests.storage.rows import WHEN
from tests.storage.school import POLICY

DAY: Final = timedelta(days=1)
TERMS: Final = RetentionTerms(
    closed=190 * DAY,
    withdrawn=30 * DAY,
    sent_orders=190 * DAY,
    set_aside=30 * DAY,
    claims=190 * DAY,
    attempts=DAY,
    drafts=2 * DAY,
    kept_questions=30 * DAY,
    quiz_rounds=190 * DAY,
    unseen_people=1000 * DAY,
)
JOBS: Final = ("beat", "escalate", "hand-over", "dead-ends", "remind", "purge", "forget-drafts")


@dataclass
class World:
    """A filled database, with what the measured steps need to go on from each other."""

    size: Size
    engine: Engine
    vault: Vault
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    turn: int = 0
    report_id: str = ""

    def call(self, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run one operation in one transaction, as ``Database`` does."""
        with self._session() as session, session.begin():
            return operation(session, *args, **kwargs)

    def tried(self, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run one operation and take it back."""
        with self._session() as session:
            result = operation(session, *args, **kwargs)
            session.rollback()
            return result

    def _session(self) -> AbstractContextManager[Session]:
        return _session(self.engine, self.vault)

    @property
    def now(self) -> datetime:
        """Return a moment that moves on with each turn."""
        return WHEN + timedelta(seconds=self.turn)

    @property
    def class_number(self) -> int:
        """Return a class without old open reports."""
        return self.turn * 7 % (self.size.classes // 10) * 10 + 1 + self.turn % 9

    @property
    def pupil(self) -> int:
        """Return a pupil's account; another one each turn."""
        return PUPIL + self.class_number * PER_CLASS + self.turn % PER_CLASS

    @property
    def mentor(self) -> int:
        """Return the account of that pupil's mentor."""
        return account_of(self.size, "mentor", self.class_number)

    @property
    def busy_mentor(self) -> int:
        """Return the account of a mentor with ten open reports."""
        return account_of(self.size, "mentor", self.turn * 10 % self.size.classes // 10 * 10)


@contextmanager
def _session(engine: Engine, vault: Vault) -> Any:
    with Session(engine, expire_on_commit=False, info={"vault": vault}) as session:
        yield session


def answer(world: World) -> int:
    """Take in a question, look up who asks and where they are, and be done with it."""
    update_id = 5 * 10**9 + world.turn
    world.call(inbox.take_in, [TakenIn(update_id, world.pupil, {"text": "mag dit?"})], world.now)
    world.call(people.find, world.pupil)
    world.call(drafts.load, world.pupil)
    world.call(inbox.done, update_id)
    return 1


def preview(world: World) -> int:
    """Show a pupil who would get the report."""
    world.call(reports.preview, world.pupil, _new(world), POLICY, world.now)
    return 1


def submit(world: World) -> int:
    """Send a report."""
    sent = world.call(reports.submit, world.pupil, _new(world), POLICY, world.now)
    world.report_id = sent.id
    return 1


def open_(world: World) -> int:
    """Open it as the mentor, with the hint to others like it."""
    world.call(casework.open_report, world.mentor, world.report_id, POLICY, world.now)
    world.call(alike.numbers, world.mentor, world.report_id)
    return 1


def reply(world: World) -> int:
    """Answer the pupil."""
    world.call(casework.reply, world.mentor, world.report_id, "kom je langs?", world.now)
    return 1


def add(world: World) -> int:
    """Add a word as the pupil, after a look at the own reports."""
    world.call(reports.mine, world.pupil)
    world.call(followup.add, world.pupil, world.report_id, "dank u", POLICY, world.now)
    return 1


def close(world: World) -> int:
    """Close it."""
    world.call(casework.close, world.mentor, world.report_id, "opgelost", world.now)
    return 1


def deliver(world: World) -> int:
    """Claim ten orders, read what they say, settle them."""
    found = world.call(outbox.claim, "w", world.now, 10)
    for order in found:
        world.call(sending.content_of, order.id)
        world.call(outbox.settle, order.id, "w", "sent", POLICY, world.now, world.rng)
    return len(found)


def claim(world: World) -> int:
    """Claim ten orders out of all that wait."""
    return len(world.tried(outbox.claim, "w", world.now, 10))


def mentors_list(world: World) -> int:
    """List a mentor's ten open reports."""
    return 1 if world.call(reports.open_for, world.busy_mentor) else 0


def long_list(world: World) -> int:
    """List the ten open reports of a colleague who had one in a hundred of the whole school."""
    found = world.call(reports.open_for, account_of(world.size, "confidential", 0))
    return 1 if len(found) == 10 else 0


def class_list(world: World) -> int:
    """List a mentor's class of twenty-five."""
    number = world.class_number
    found = world.call(classes.pupils, staff_of("mentor", number), ident("class", number))
    return 1 if len(found) == PER_CLASS else 0


def announce(world: World) -> int:
    """Announce the end of reports; counted per report."""
    return int(world.tried(retention.announce, TERMS, world.now, 10))


def purge(world: World) -> int:
    """Find reports that may go and remove them with all that is theirs; counted per report."""

    def remove(session: Session) -> int:
        found = retention.purgeable(session, TERMS, world.now, 10)
        session.expunge_all()
        return sum(retention.purge_report(session, each, TERMS, world.now) for each in found)

    return int(world.tried(remove))


def purge_rest(world: World) -> int:
    """Remove old orders, claims and rounds; counted per row."""
    return sum(world.tried(retention.purge_rest, TERMS, world.now).values())


def upkeep(world: World) -> int:
    """Look for all that the clock asks for, as a round of upkeep does when every job is due."""
    now = world.now
    for name in JOBS:
        world.call(jobs.lease, name, now - timedelta(seconds=1), now, timedelta(0))
    world.call(escalation.due, now)
    world.call(handover.waiting)
    world.call(reminders.due, now)
    world.call(drafts.drop_before, now - 2 * DAY)
    world.call(kept.forget_before, now - 30 * DAY)
    world.call(claims.forget_before, now - 300 * DAY)
    world.call(privacy.finish_forgetting, now)
    world.call(outbox.depth, now)
    return 1


def dead_ends(world: World) -> int:
    """Look once a day for classes in which a report would reach nobody; counted per class."""
    world.tried(deadends.warn, POLICY, world.now)
    return world.size.classes


def start(world: World) -> int:
    """Check the keys, as a start does."""
    world.call(rekey.check_keys)
    world.call(staff.check_names)
    return 1


def _new(world: World) -> NewReport:
    return NewReport("iemand filmt mij", class_id=ident("class", world.class_number), rule="2")


@dataclass(frozen=True)
class Measure:
    """An operation, how it is called in the table, and how often it is measured."""

    name: str
    run: Callable[[World], int]
    times: int = 40
    bounded: bool = False
    """It looks at a fixed number of rows, which the small school does not have: no bar."""


MEASURES: Final = (
    Measure("answer: take in, who, where, done", answer),
    Measure("report: preview", preview),
    Measure("report: send", submit),
    Measure("report: open", open_),
    Measure("report: reply", reply),
    Measure("report: add", add),
    Measure("report: close", close),
    Measure("delivery, per message", deliver),
    Measure("outbox: claim ten", claim),
    Measure("mentor's list", mentors_list),
    Measure("list after a long history", long_list),
    Measure("class list", class_list),
    Measure("announce, per report", announce, 10),
    Measure("purge, per report", purge, 10),
    Measure("purge of the rest, per row", purge_rest, 5),
    Measure("upkeep round", upkeep, 20),
    Measure("dead ends, per class", dead_ends, 3),
    Measure("start: keys", start, 5, bounded=True),
)
