"""An update has one effect; a number is given once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import claims, counters
from tests.storage.conftest import Run


async def test_only_the_first_claim_of_an_update_succeeds(run: Run, now: datetime) -> None:
    """The second handling of an update finds it claimed; another update is free."""
    assert await run(claims.claim, 7, now)
    assert not await run(claims.claim, 7, now)
    assert await run(claims.claim, 8, now)


async def test_no_update_is_always_ours(run: Run, now: datetime) -> None:
    """A step without an update behind it is never held back."""
    assert await run(claims.claim, None, now)
    assert await run(claims.claim, None, now)


async def test_a_failed_operation_gives_its_claim_back(run: Run, now: datetime) -> None:
    """A claim counts only with the effect it guards."""

    def claim_and_fail(session: Session) -> None:
        claims.claim(session, 7, now)
        raise LookupError

    with pytest.raises(LookupError):
        await run(claim_and_fail)
    assert await run(claims.claim, 7, now)


async def test_one_of_many_simultaneous_claims_succeeds(run: Run, now: datetime) -> None:
    """When one update is handled at several places at once, one has the effect."""
    results = await asyncio.gather(*(run(claims.claim, 7, now) for _ in range(8)))
    assert sorted(results) == [False] * 7 + [True]


async def test_old_claims_are_forgotten(run: Run, now: datetime) -> None:
    """Only claims older than the moment go."""
    await run(claims.claim, 1, now - timedelta(days=3))
    await run(claims.claim, 2, now)
    assert await run(claims.forget_before, now - timedelta(days=2)) == 1
    assert not await run(claims.claim, 2, now)


async def test_lock_is_harmless_within_one_operation(run: Run) -> None:
    """An account can be locked twice in one transaction."""

    def twice(session: Session) -> bool:
        claims.lock(session, 2**52)
        claims.lock(session, 2**52)
        return True

    assert await run(twice)


async def test_counter_gives_each_number_once(run: Run) -> None:
    """Simultaneous takers get 1, 2, 3 … without gaps; another counter starts at 1."""
    numbers = await asyncio.gather(*(run(counters.next_value, "report-2026") for _ in range(12)))
    assert sorted(numbers) == list(range(1, 13))
    assert await run(counters.next_value, "report-2027") == 1
