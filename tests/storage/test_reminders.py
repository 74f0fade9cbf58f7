"""Wishes to be reminded: only when a rule is due, four days apart, gone with the person."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import people, privacy, reminders
from storage.tables import Order, Progress, Reminder
from tests.storage.conftest import Run

DAY = timedelta(days=1)


def learned(session: Session, person_id: str, due_on: date, now: datetime) -> None:
    session.add(
        Progress(
            person_id=person_id, rule="2", state={}, asked=1, right=0, due_on=due_on, updated_at=now
        )
    )


def sent(session: Session) -> int:
    return session.scalar(select(func.count()).where(Order.kind == "quiz_reminder")) or 0


async def _step(run: Run, person_id: str, now: datetime, *, on_time: bool = True) -> bool:
    step = {"if_sent": now + 4 * DAY, "if_not": now + DAY, "on_time": on_time}
    return bool(await run(reminders.step, person_id, now.date(), now, **step))


async def test_only_when_due(run: Run, now: datetime) -> None:
    """Nothing to repeat, late, unreachable or too early: no order; else exactly one."""
    asked = await run(reminders.ask, 1, "evening", now, now)
    assert not await _step(run, asked.person_id, now)
    assert not await _step(run, asked.person_id, now)  # not its time: that is tomorrow now
    await run(learned, asked.person_id, now.date(), now)
    now += DAY
    assert not await _step(run, asked.person_id, now, on_time=False)
    now += DAY
    await run(people.mark_unreachable, 1, now)
    assert not await _step(run, asked.person_id, now)
    await run(people.mark_reachable, 1)
    now += DAY
    assert [each.person_id for each in await run(reminders.due, now)] == [asked.person_id]
    assert await _step(run, asked.person_id, now)
    assert not await _step(run, asked.person_id, now)
    assert await run(sent) == 1
    assert (await run(reminders.of, 1)).earliest == now + 4 * DAY


async def test_changing_and_stopping(run: Run, now: datetime) -> None:
    """Another time replaces the first; what was sent still counts; stopping twice is fine."""
    asked = await run(reminders.ask, 1, "evening", now, now)
    await run(learned, asked.person_id, now.date(), now)
    await _step(run, asked.person_id, now)
    changed = await run(reminders.ask, 1, "school", now + DAY, now)
    assert (changed.part, changed.last_at) == ("school", now)
    assert await run(reminders.stop, 1)
    assert not await run(reminders.stop, 1)
    assert not await run(reminders.stop, 2)
    assert await run(reminders.of, 1) is None


async def test_goes_with_the_person(run: Run, now: datetime) -> None:
    """It is in the person's own data, and forgotten with it."""
    await run(reminders.ask, 1, "weekend", now, now)
    assert (await run(privacy.export, 1, now))["quiz"]["reminder"] == "weekend"
    await run(privacy.forget, 1, now)

    def left(session: Session) -> int:
        return session.query(Reminder).count()

    assert await run(left) == 0
