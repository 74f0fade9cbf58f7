"""What happens by the clock: missed terms, hand-over, retention, gauges. Each job runs once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot import metrics, reminding
from bot.handlers import busy
from bot.services import Services
from bot.terms import policy_of
from storage import (
    claims,
    classquiz,
    deadends,
    drafts,
    escalation,
    handover,
    jobs,
    kept,
    outage,
    outbox,
    privacy,
    retention,
    staff,
)
from storage.retention import RetentionTerms
from storage.vacuum import vacuum

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 20.0
LEASE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Job:
    """A job with its period."""

    name: str
    every: timedelta
    run: Callable[[Services], Awaitable[None]]
    lease: timedelta = LEASE
    """After this long another replica takes over from one that died with the job in hand."""


async def escalate(services: Services) -> None:
    """Take the next step of every report whose term has passed."""
    found = await services.db.run(escalation.due, services.clock())
    await _each(services, found, escalation.step)


async def hand_over(services: Services) -> None:
    """Find the next person for reports whose receivers are gone."""
    await _each(services, await services.db.run(handover.waiting), handover.reroute)


async def _each(services: Services, ids: Sequence[str], step: Callable[..., Any]) -> None:
    """Take a step with every report; one that fails does not keep help from the others."""
    for report_id in ids:
        try:
            await services.db.run(step, report_id, policy_of(services), services.clock())
        except Exception as error:
            log.error("report left as it was", step=step.__name__, error=type(error).__name__)
    services.wake_delivery.set()


async def purge(services: Services) -> None:
    """Remove what is over its term, as the daily job."""
    counts = await purge_with_counts(services)
    log.info("purged", **counts)


async def purge_with_counts(services: Services) -> dict[str, int]:
    """Remove what is over its term and return how much of each kind.

    The end of a report is announced a week before.
    """
    terms = retention_terms(services)
    now = services.clock()
    run = services.db.run
    counts: Counter[str] = Counter({"announced": 0, "forgotten": 0})
    while count := await run(retention.announce, terms, now):
        counts["announced"] += count
    counts["drafts"] = await wipe_drafts(services)
    counts["reports"] = await _purge_reports(services, terms, now)
    while True:
        removed = await run(retention.purge_rest, terms, now)
        counts.update(removed)
        if max(removed.values()) < retention.BATCH:
            break
    while count := await run(privacy.finish_forgetting, now):
        counts["forgotten"] += count
    await vacuum(services.db, anew=True)
    services.wake_delivery.set()
    return dict(counts)


async def _purge_reports(services: Services, terms: RetentionTerms, now: datetime) -> int:
    """Remove what may go, each in its own transaction; what is not ready yet is left standing."""
    run, gone, left = services.db.run, 0, 0
    while found := await run(retention.purgeable, terms, now, skip=left):
        for report_id in found:
            removed = await run(retention.purge_report, report_id, terms, now)
            gone, left = gone + removed, left + (not removed)
    return gone


async def forget_drafts(services: Services) -> None:
    """Wipe dialogues that nobody went on with, kept questions and claims past their term."""
    kept_for = services.pack.school.retention
    now = services.clock()
    await wipe_drafts(services)
    await services.db.run(kept.forget_before, now - timedelta(days=kept_for.kept_questions))
    await services.db.run(claims.forget_before, now - timedelta(days=kept_for.handled_updates))
    await services.db.run(privacy.finish_forgetting, now)


async def wipe_drafts(services: Services) -> int:
    """Wipe dialogues that nobody went on with; who had typed something hears so, not at night."""
    now = services.clock()
    before = now - timedelta(days=services.pack.school.retention.drafts)
    due = services.school_clock.quiet_hours(now) or now
    count = await services.db.run(drafts.expire, before, _held_words, now, due)
    services.wake_delivery.set()
    return count


def _held_words(kind: str, step: str) -> bool:
    """Tell whether a draft of this kind at this step held words of a pupil that were not sent."""
    return (kind == busy.REPORT and step != "what") or (kind == busy.WORDS and step == busy.HELD)


async def close_quizzes(services: Services) -> None:
    """Close the class quizzes in which nobody presses anything any more."""
    now = services.clock()
    idle = timedelta(minutes=services.pack.school.terms.class_quiz_idle_minutes)
    due = services.school_clock.quiet_hours(now) or now
    if await services.db.run(classquiz.close_idle, idle, now, due):
        services.wake_delivery.set()


async def warn_of_dead_ends(services: Services) -> None:
    """Warn the administrators of classes in which some report would reach nobody."""
    await services.db.run(deadends.warn, policy_of(services), services.clock())
    services.wake_delivery.set()


async def clear_dead_rows(services: Services) -> None:
    """Clear what PostgreSQL keeps of rows with words that were removed or changed."""
    await vacuum(services.db)


async def beat(services: Services) -> None:
    """Note once a minute that a webhook is up; after a day of silence, tell who waits."""
    if services.settings.webhook_url is None:  # polling notes it by itself
        return
    told = await services.db.run(outage.after_poll, services.clock())
    if told:
        services.wake_delivery.set()


async def gauge(services: Services) -> None:
    """Set the gauges of the outbox and of staff."""
    depth = await services.db.run(outbox.depth, services.clock())
    metrics.WAITING.set(depth.waiting)
    metrics.OLDEST.set(depth.oldest.total_seconds())
    metrics.HELD.set(depth.held)
    metrics.UNREACHABLE.set(await services.db.run(staff.unreachable))


JOBS: Final = (
    Job("beat", timedelta(minutes=1), beat, timedelta(minutes=1)),
    Job("escalate", timedelta(seconds=30), escalate, timedelta(minutes=1)),
    Job("hand-over", timedelta(minutes=2), hand_over, timedelta(minutes=2)),
    Job("dead-ends", timedelta(days=1), warn_of_dead_ends),
    Job("remind", timedelta(minutes=5), reminding.remind),
    Job("close-quizzes", timedelta(minutes=5), close_quizzes),
    Job("purge", timedelta(days=1), purge),
    Job("forget-drafts", timedelta(hours=1), forget_drafts),
    Job("vacuum", timedelta(hours=1), clear_dead_rows),
)


def retention_terms(services: Services) -> RetentionTerms:
    """Return the school's terms from the pack."""
    kept_for = services.pack.school.retention
    days = timedelta(days=1)
    return RetentionTerms(
        closed=kept_for.closed_reports * days,
        withdrawn=30 * days,
        sent_orders=30 * days,
        set_aside=30 * days,
        claims=kept_for.handled_updates * days,
        attempts=days,
        drafts=kept_for.drafts * days,
        kept_questions=kept_for.kept_questions * days,
        quiz_rounds=365 * days,
        unseen_people=kept_for.inactive_people * days,
        left_staff=kept_for.left_staff * days,
    )


class Upkeep:
    """Runs the jobs that are due, until it is stopped."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look every twenty seconds which jobs are due."""
        while not self._stopping.is_set():
            try:
                await self.once()
            except Exception as error:  # upkeep must outlive a database that is away for a while
                log.error("upkeep failed", error=type(error).__name__, exc_info=error)
            try:
                await asyncio.wait_for(self._stopping.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let ``run`` end."""
        self._stopping.set()

    async def once(self) -> None:
        """Run each job that is due and that no other replica runs."""
        for job in JOBS:
            await self._guarded(job, self._services.clock())
        await gauge(self._services)

    async def _guarded(self, job: Job, now: datetime) -> None:
        db = self._services.db
        held = await db.run(jobs.lease, job.name, now - job.every, now, job.lease)
        if held is None:
            return
        try:
            await job.run(self._services)
        except Exception as error:  # one job must not stand in the way of the others
            log.error("job failed", job=job.name, error=type(error).__name__, exc_info=error)
            await db.run(jobs.failed, held)
            return
        await db.run(jobs.done, held, self._services.clock())
