"""A job runs once when due, whatever the number of replicas, and again when its runner died."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from storage import jobs
from tests.storage.conftest import Run

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def test_one_replica_gets_the_job(run: Run, now: datetime) -> None:
    """Of simultaneous tries one gets the lease; after it ran nobody does until it is due again."""
    tries = (run(jobs.lease, "purge", now - HOUR, now, MINUTE) for _ in range(6))
    (held,) = [lease for lease in await asyncio.gather(*tries) if lease]
    assert await run(jobs.done, held, now)
    assert await run(jobs.ran_at, "purge") == now
    assert await run(jobs.lease, "purge", now - HOUR, now, MINUTE) is None
    assert await run(jobs.lease, "purge", now + HOUR, now + HOUR, MINUTE)


async def test_not_before_it_is_due(run: Run, now: datetime) -> None:
    """A job of the future is not leased."""
    assert await run(jobs.lease, "purge", now + MINUTE, now, MINUTE) is None


async def test_a_dead_runner_is_replaced(run: Run, now: datetime) -> None:
    """After the lease ended another takes over, and the first cannot say any more it is done."""
    first = await run(jobs.lease, "purge", now, now, MINUTE)
    assert await run(jobs.lease, "purge", now, now + MINUTE / 2, MINUTE) is None
    second = await run(jobs.lease, "purge", now, now + MINUTE, MINUTE)
    assert not await run(jobs.done, first, now + MINUTE)
    assert await run(jobs.done, second, now + MINUTE)


async def test_a_failed_job_is_tried_again(run: Run, now: datetime) -> None:
    """Given back without having run, it is due at once."""
    held = await run(jobs.lease, "purge", now, now, MINUTE)
    assert await run(jobs.failed, held)
    assert await run(jobs.ran_at, "purge") is None
    assert await run(jobs.lease, "purge", now, now, MINUTE)


async def test_a_clock_that_was_ahead_stops_no_job(run: Run, now: datetime) -> None:
    """After it was set right the job runs when it is due; a few minutes may be another's clock."""
    for ahead in (24 * HOUR, 3 * MINUTE):
        held = await run(jobs.lease, "ran", now + ahead, now + ahead, MINUTE)
        assert await run(jobs.done, held, now + ahead)
        await run(jobs.lease, "taken", now + ahead, now + ahead, MINUTE)
        found = [await run(jobs.lease, name, now, now, MINUTE) for name in ("ran", "taken")]
        assert [each is not None for each in found] == [ahead > HOUR] * 2
        for each in found:
            if each:
                assert await run(jobs.done, each, now - HOUR)
