"""A dialogue survives restarts, and two taps at once do not overwrite each other."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import drafts, orders, sending
from storage.errors import NotNow
from storage.tables import Draft
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import PUPIL, waiting

WORDS = {"what": "ze sturen een foto rond", "chips": ["7c"], "urgent": True}


def _sealed(session: Session) -> bytes:
    return session.scalars(select(Draft.data_sealed)).one()


async def test_a_draft_comes_back_as_saved(run: Run, now: datetime) -> None:
    """What was typed comes back whole, and is neither readable in the table nor in a repr."""
    saved = await run(drafts.save, 1, "report", "where", WORDS, now, version=None)
    assert await run(drafts.load, 1) == saved
    assert saved.data == WORDS
    assert b"foto" not in await run(_sealed)
    assert "foto" not in repr(saved)
    assert await run(drafts.load, 2) is None


async def test_of_two_simultaneous_steps_one_counts(run: Run, now: datetime) -> None:
    """Two steps from the same version: one is stored, the other is told."""
    first = await run(drafts.save, 1, "report", "what", {}, now, version=None)
    steps = [
        run(drafts.save, 1, "report", f"s{n}", {}, now, version=first.version) for n in range(4)
    ]
    results = await asyncio.gather(*steps, return_exceptions=True)
    assert sum(isinstance(result, NotNow) for result in results) == 3
    assert (await run(drafts.load, 1)).version == first.version + 1


async def test_a_new_dialogue_replaces_the_old(run: Run, now: datetime) -> None:
    """Starting again wipes what was there; a step of the old dialogue does not fit any more."""
    old = await run(drafts.save, 1, "report", "what", WORDS, now, version=None)
    new = await run(drafts.save, 1, "check", "naked", {}, now, version=None)
    assert (new.kind, new.data) == ("check", {})
    with pytest.raises(NotNow):
        await run(drafts.save, 1, "report", "where", WORDS, now, version=old.version)


async def test_a_dropped_dialogue_is_gone(run: Run, now: datetime) -> None:
    """After /stop nothing is left, and a late step brings nothing back."""
    old = await run(drafts.save, 1, "report", "what", WORDS, now, version=None)
    assert await run(drafts.drop, 1)
    assert not await run(drafts.drop, 1)
    with pytest.raises(NotNow):
        await run(drafts.save, 1, "report", "where", WORDS, now, version=old.version)
    assert await run(drafts.load, 1) is None


async def test_stale_dialogues_are_wiped(run: Run, now: datetime) -> None:
    """Only dialogues untouched since the moment go, and their accounts are named."""
    await run(drafts.save, 1, "report", "what", WORDS, now - timedelta(days=3), version=None)
    await run(drafts.save, 2, "join", "name", {}, now, version=None)
    wiped = await run(drafts.drop_before, now - timedelta(days=2))
    assert wiped == ((1, "report", "what"),)
    assert await run(drafts.accounts, "join") == (2,)


async def test_expire_tells_those_who_wrote(run: Run, now: datetime) -> None:
    """What is wiped is told where it held words, in the same transaction; the rest in silence."""
    old = now - timedelta(days=3)
    for who, step in ((1, "app"), (2, "what")):
        await run(drafts.save, who, "report", step, WORDS, old, version=None)
    await run(drafts.save, 3, "report", "app", WORDS, now, version=None)
    before, due = now - timedelta(days=2), now + timedelta(hours=8)

    def tells(kind: str, step: str) -> bool:
        return step != "what"

    assert await run(drafts.expire, before, tells, now, due) == 2
    assert await run(drafts.expire, before, tells, now, due) == 0
    assert await run(waiting) == [(1, "draft_wiped")]
    assert await run(drafts.accounts, "report") == (3,)


@pytest.mark.parametrize(
    ("since", "told"), [("nothing", True), ("join", True), ("report", False), ("sent", False)]
)
async def test_not_told_after_going_on(run: Run, now: datetime, since: str, told: bool) -> None:
    """Who began a report anew or sent one since is not told that nothing was sent."""
    await run(school.found)
    order_id = await run(orders.order, PUPIL, "draft_wiped", now - timedelta(hours=8))
    if since == "sent":
        await run(school.send, now)
    elif since != "nothing":
        await run(drafts.save, PUPIL, since, "what", {}, now, version=None)
    assert (await run(sending.content_of, order_id) is not None) is told
