"""The database itself notes for each receiver whether a report is over; the lists rely on it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, followup, privacy, reports
from storage.tables import Recipient
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import MENTOR, POLICY, PUPIL


@pytest.fixture(autouse=True)
async def _school(run: Run) -> None:
    await run(school.found)


def _noted(session: Session) -> set[bool | None]:
    return set(session.scalars(select(Recipient.is_over)))


async def test_closed_and_reopened(run: Run, now: datetime) -> None:
    """A closed report leaves the list, and is there again when the pupil reopens it."""
    sent = await run(school.send, now)
    assert await run(_noted) == {None}
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    assert await run(_noted) == {None}
    await run(casework.close, MENTOR, sent.id, "klaar", now)
    assert await run(_noted) == {True}
    assert await run(reports.open_for, MENTOR) == ()
    await run(followup.reopen, PUPIL, sent.id, POLICY, now)
    assert await run(_noted) == {None}
    assert [line.id for line in await run(reports.open_for, MENTOR)] == [sent.id]


async def test_withdrawn_or_forgotten(run: Run, now: datetime) -> None:
    """A report that was taken back is over, also when all of the pupil is forgotten."""
    sent = await run(school.send, now)
    await run(followup.withdraw, PUPIL, sent.id, now)
    assert await run(_noted) == {True}
    await run(privacy.forget, PUPIL, now)
    assert await run(_noted) == {True}
