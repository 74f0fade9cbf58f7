"""Alarms over the second channel: told once over all replicas; warnings that reached nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import alarms, jobs, reports, unheard
from storage.outbox import claim, settle
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import ADMIN, POLICY


async def test_one_of_several_tells(run: Run, now: datetime) -> None:
    """Who takes a reason tells it; when that failed the next may; once told it stands."""
    taken = await asyncio.gather(*(run(alarms.take, "webhook", now) for _ in range(4)))
    (held,) = [each for each in taken if each]
    assert await run(alarms.standing) == frozenset()
    await run(jobs.failed, held)
    held = await run(alarms.take, "webhook", now)
    await run(jobs.done, held, now)
    assert await run(alarms.take, "webhook", now + timedelta(hours=1)) is None
    assert await run(alarms.standing) == {"webhook"}


async def test_one_of_several_clears(run: Run, now: datetime) -> None:
    """One gets what stood; what could not be told stands again."""
    for reason in ("webhook", "delivery"):
        await run(jobs.done, await run(alarms.take, reason, now), now)
    cleared = await asyncio.gather(*(run(alarms.clear) for _ in range(4)))
    assert sorted(map(len, cleared)) == [0, 0, 0, 2]
    assert await run(alarms.standing) == frozenset()
    await run(alarms.restore, {"webhook"}, now)
    assert await run(alarms.standing) == {"webhook"}
    assert await run(alarms.take, "delivery", now) is not None


@pytest.mark.parametrize("admins", [(ADMIN, ADMIN + 1), ()])
async def test_warnings_that_reached_nobody(
    run: Run, now: datetime, rng: Any, admins: tuple[int, ...]
) -> None:
    """Pending while every administrator refused it (or none is set), until it was told."""
    await run(school.found)
    policy = replace(POLICY, admins=admins)
    await run(school.gone, *school.CODES)
    await run(reports.submit, school.PUPIL, school.NEW, policy, now)
    assert len(await run(unheard.pending, admins, now)) == (not admins)
    for order in await run(claim, "w", now, 10):
        await run(settle, order.id, "w", "refused", policy, now, rng)
    (found,) = await run(unheard.pending, admins, now)
    assert (found.reason, found.number) == ("nobody", "M-2026-0001")
    assert len(found.orders) == max(1, len(admins))
    await run(unheard.told, (*found.orders, "gone"))
    assert await run(unheard.pending, admins, now) == ()
