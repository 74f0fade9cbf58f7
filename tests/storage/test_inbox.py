"""Updates taken in before Telegram is told: none lost, none twice, none in the way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import claims, inbox
from storage.inbox import TakenIn
from storage.tables import Inbox
from tests.storage.conftest import Run


def _batch(*ids: int) -> list[TakenIn]:
    return [TakenIn(each, 1001, {"text": f"woord {each}"}) for each in ids]


async def _waiting(run: Run) -> list[int]:
    return [each.update_id for each in await run(inbox.pending)]


async def test_kept_in_order_of_arrival(run: Run, now: datetime) -> None:
    """Updates come back as they came in, whatever their ids."""
    assert await run(inbox.take_in, _batch(900, 7), now) == (900, 7)
    assert await run(inbox.take_in, _batch(3), now) == (3,)
    assert await _waiting(run) == [900, 7, 3]
    first = (await run(inbox.pending))[0]
    assert (first.payload, first.telegram_id) == ({"text": "woord 900"}, 1001)
    assert "woord" not in repr(first) + repr(_batch(1))


async def test_repeats_are_ignored(run: Run, now: datetime) -> None:
    """An update that waits or was handled is not taken in again."""
    await run(inbox.take_in, _batch(1, 2, 2), now)
    await run(inbox.done, 1)
    assert await run(inbox.take_in, _batch(1, 2, 3), now) == (3,)
    assert await _waiting(run) == [2, 3]


async def test_done_after_its_own_claim(run: Run, now: datetime) -> None:
    """A handler that claimed the update itself does not stand in the way of its removal."""
    await run(inbox.take_in, _batch(1), now)
    assert await run(claims.claim, 1, now)
    await run(inbox.done, 1)
    await run(inbox.done, 1)
    assert await _waiting(run) == []


async def test_third_failure_sets_aside(run: Run, now: datetime) -> None:
    """After three failures an update is set aside, and only then."""
    await run(inbox.take_in, _batch(1, 2), now)
    assert [await run(inbox.failed, 1, now) for _ in range(3)] == [False, False, True]
    assert await _waiting(run) == [2]
    assert await run(inbox.set_aside) == 1


async def test_damaged_payload_stops_nobody(run: Run, now: datetime) -> None:
    """One payload that does not open is set aside; the rest is handled."""
    await run(inbox.take_in, _batch(1, 2, 3), now)

    def damage(session: Session) -> None:
        row = session.get_one(Inbox, 2)
        row.payload_sealed = row.payload_sealed[:-1] + bytes([row.payload_sealed[-1] ^ 1])

    await run(damage)
    assert await _waiting(run) == [1, 3]
    assert await run(inbox.set_aside) == 1
