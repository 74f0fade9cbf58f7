"""Alarms over the second channel: told once over all replicas; warnings that reached nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_looking_for_warnings_reads_no_whole_outbox(run: Run, now: datetime) -> None:
    """It is done every twenty seconds, so it must not cost more as the outbox grows."""

    def plan(session: Session) -> str:
        seen: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", _note(seen))
        unheard.pending(session, (ADMIN,), now)
        (statement,) = [each for each in seen if "FROM outbox" in each]
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("",))
        return "\n".join(str(row[-1]) for row in rows)

    assert "ix_outbox_alarm" in await run(plan)


def _note(seen: list[str]) -> Any:
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    return note
