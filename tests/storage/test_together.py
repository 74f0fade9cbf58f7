"""What waits shares a commit, and nobody pays for another's failure or waits for its locks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic

import pytest
from psycopg.errors import SerializationFailure
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage import claims
from storage.database import Database, is_away
from storage.writer import MOST_TRIES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = 2.0


def broken(session: Session) -> None:
    claims.claim(session, 99, NOW)
    raise LookupError


def commits(db: Database) -> list[str]:
    found: list[str] = []
    event.listen(db.engine, "commit", lambda _: found.append("commit"))
    return found


async def test_what_waits_is_committed_together(db: Database) -> None:
    """Fifty claims at once need a few transactions, and each one's result is its own."""
    made = commits(db)
    numbers = [number // 2 for number in range(50)]
    taken = await asyncio.gather(*(db.run(claims.claim, number, NOW) for number in numbers))
    assert sum(taken) == 25
    assert 1 <= len(made) < 25


async def test_a_failure_is_its_own(db: Database) -> None:
    """One that raises gets its error and leaves nothing; those beside it are kept."""
    work = [db.run(claims.claim, 1, NOW), db.run(broken), db.run(claims.claim, 2, NOW)]
    first, error, last = await asyncio.gather(*work, return_exceptions=True)
    assert (first, last) == (True, True)
    assert isinstance(error, LookupError)
    assert [await db.run(claims.seen, number) for number in (1, 99, 2)] == [True, False, True]


async def test_who_no_longer_waits_is_passed_over(db: Database) -> None:
    """A cancelled operation does not stop those behind it."""
    gone = asyncio.create_task(db.run(claims.claim, 1, NOW))
    await asyncio.sleep(0)
    gone.cancel()
    assert await db.run(claims.claim, 2, NOW)
    assert gone.cancelled() or (await asyncio.wait([gone]))


def on_postgresql(db: Database) -> Database:
    if db.is_sqlite:
        pytest.skip("SQLite has one writer, and no locks of single rows")
    return db


def locked(session: Session, account: int) -> None:
    claims.lock(session, account)


async def test_a_lock_holds_up_only_who_wants_it(db: Database) -> None:
    """While another process keeps a lock, whatever else was asked for at that moment is done.

    Who wants the lock gets it when it is free.
    """
    held = on_postgresql(db).engine.connect()
    held.begin()
    locked(Session(held), 7)
    waiting = asyncio.create_task(db.run(locked, 7))
    others = [asyncio.create_task(db.run(claims.claim, number, NOW)) for number in range(40)]
    assert all(await asyncio.wait_for(asyncio.gather(*others), SOON))
    late = [asyncio.create_task(db.run(claims.claim, number, NOW)) for number in range(40, 45)]
    assert all(await asyncio.wait_for(asyncio.gather(*late), SOON))
    assert not waiting.done()
    held.close()
    await asyncio.wait_for(waiting, SOON)


async def test_many_locks_hold_up_nobody_else(db: Database) -> None:
    """Five that wait for a lock, each in a transaction of its own, leave room for others."""
    held = on_postgresql(db).engine.connect()
    held.begin()
    locked(Session(held), 7)
    waiting = [asyncio.create_task(db.run(locked, 7)) for _ in range(5)]
    await asyncio.sleep(0.5)
    assert await asyncio.wait_for(db.run(claims.claim, 1, NOW), SOON)
    held.close()
    await asyncio.wait_for(asyncio.gather(*waiting), SOON)


async def test_no_lock_is_waited_for_for_ever(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica that froze with a lock costs who wants it an error, which is tried again."""
    monkeypatch.setattr("storage.writer.PATIENT_MILLISECONDS", 300)
    held = on_postgresql(db).engine.connect()
    held.begin()
    locked(Session(held), 7)
    began = monotonic()
    with pytest.raises(OperationalError):
        await db.run(locked, 7)
    assert 0.3 < monotonic() - began < 5
    held.close()
    await db.run(locked, 7)


@pytest.mark.parametrize(("failures", "good"), [(MOST_TRIES - 1, True), (MOST_TRIES, False)])
async def test_a_collision_is_tried_again(db: Database, failures: int, good: bool) -> None:
    """What PostgreSQL undid since two transactions collided is done again, a few times."""
    tried: list[int] = []

    def collides(session: Session) -> int:
        claims.claim(session, 5, NOW)
        tried.append(1)
        if len(tried) <= failures:
            raise OperationalError("", {}, SerializationFailure())
        return len(tried)

    work = on_postgresql(db).run(collides)
    if good:
        assert await work == MOST_TRIES
        return
    with pytest.raises(OperationalError):
        await work
    assert len(tried) == MOST_TRIES
    assert not await db.run(claims.seen, 5)


async def test_a_lost_database_is_told_and_nothing_done_twice(db: Database) -> None:
    """Who shared a transaction whose connection broke hears so: it may have been committed."""
    done: list[int] = []

    def counted(session: Session, number: int) -> None:
        done.append(number)
        if number == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    on_postgresql(db)
    work = [db.run(counted, number) for number in range(4)]
    found = await asyncio.gather(*work, return_exceptions=True)
    lost = [number for number, each in enumerate(found) if each is not None]
    assert 1 in lost
    assert all(is_away(found[number]) for number in lost)
    assert sorted(done) == sorted(set(done))
    assert await db.run(claims.claim, 1, NOW)
