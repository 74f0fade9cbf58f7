"""SQLite's one writer: what waits shares a commit, and nobody pays for another's failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage import claims, migration
from storage.crypto import Vault
from storage.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    await asyncio.to_thread(migration.upgrade, url)
    made = Database(url, Vault([bytes(range(32))]))
    yield made
    await made.close()


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
