"""Telegram's limits over all replicas: never more than there is, and fairly divided."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import shares
from storage.crypto import Vault
from storage.database import Database
from storage.errors import StorageError
from storage.shares import LEASE, Share
from storage.tables import SendShare
from storage.turns import Turns
from tests.storage.conftest import Run
from tests.storage.postgres import Postgres

ALL = 30


def leased(session: Session, now: datetime) -> int:
    return sum(session.scalars(select(SendShare.sends).where(SendShare.until > now)))


def row_of(session: Session, holder: str) -> int:
    return session.get_one(SendShare, holder).sends


async def test_alone_it_has_all(run: Run, now: datetime) -> None:
    """One replica needs to share with nobody, whether it is busy or not."""
    assert await run(shares.renew, "a", ALL, 0, 0, now) == Share(ALL, 0)
    assert await run(shares.renew, "a", ALL, 900, 29, now) == Share(ALL, 0)


async def test_a_second_replica_gets_its_part_when_the_first_renews(
    run: Run, now: datetime
) -> None:
    """Nothing is taken away behind anybody's back: what is in use is given back later."""
    await run(shares.renew, "a", ALL, 500, 0, now)
    assert await run(shares.renew, "b", ALL, 500, 0, now) == Share(0, 1)
    assert await run(shares.renew, "a", ALL, 500, 20, now) == Share(15, 1)
    assert await run(shares.renew, "b", ALL, 500, 0, now) == Share(9, 1)
    assert await run(shares.renew, "a", ALL, 500, 3, now) == Share(15, 1)
    assert await run(shares.renew, "b", ALL, 500, 9, now) == Share(14, 1)


async def test_who_has_nothing_to_send_holds_little(run: Run, now: datetime) -> None:
    """The busy one gets nearly all, and an idle one keeps enough for a first answer."""
    for _ in range(2):
        idle = await run(shares.renew, "idle", ALL, 0, 0, now)
        busy = await run(shares.renew, "busy", ALL, 400, 0, now)
    assert busy.sends >= 27
    assert idle.sends >= 1


async def test_who_died_gives_all_back_when_the_lease_ends(run: Run, now: datetime) -> None:
    """After the lease of a dead replica the others have what it had; who stops gives it at once."""
    await run(shares.renew, "dead", ALL, 0, 0, now)
    assert (await run(shares.renew, "a", ALL, 50, 0, now)).sends == 0
    after = now + LEASE + timedelta(seconds=1)
    assert await run(shares.renew, "a", ALL, 50, 0, after) == Share(ALL, 0)
    await run(shares.give_back, "a")
    assert await run(shares.renew, "b", ALL, 0, 0, after) == Share(ALL, 0)


async def test_a_share_of_a_clock_that_was_ahead_is_over(run: Run, now: datetime) -> None:
    """Who died with a clock an hour ahead holds nothing for an hour."""
    await run(shares.renew, "ahead", ALL, 500, 0, now + timedelta(hours=1))
    assert await run(shares.renew, "a", ALL, 500, 0, now) == Share(ALL, 0)


async def test_whatever_happens_it_never_adds_up_to_more(
    run: Run, now: datetime, rng: random.Random
) -> None:
    """Five replicas come, go, freeze and change their minds: the sum stays within the limit."""
    held = dict.fromkeys("abcde", 0)
    for step in range(150):
        now += timedelta(seconds=rng.uniform(0, 1.5))
        who = rng.choice("abcde")
        least = rng.randrange(held[who] + 1) if step % 4 else 0
        found = await run(shares.renew, who, ALL, rng.randrange(50), least, now)
        held[who] = await run(row_of, who)
        assert found.sends <= held[who]
        assert await run(leased, now) <= ALL


@pytest.fixture
async def pair(postgres: Postgres, vault: Vault) -> AsyncIterator[tuple[Database, Database]]:
    """Two replicas' ways to one PostgreSQL."""
    url = postgres.url(postgres.create())
    both = Database(url, vault), Database(url, vault)
    yield both
    for each in both:
        await each.close()


async def test_time_is_the_databases(pair: tuple[Database, Database]) -> None:
    """A lease lasts six seconds from now by PostgreSQL's clock, whatever that of a replica says."""
    db = pair[0]
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        assert await db.run(shares.renew_now, "a", ALL, 0, 0) == Share(ALL, 0)
        until = await db.run(lambda session: session.get_one(SendShare, "a").until)
    assert timedelta(0) < until - datetime.now(UTC) <= LEASE


async def test_a_chat_has_one_turn_over_all_replicas(pair: tuple[Database, Database]) -> None:
    """While one replica has a chat's turn another is told to wait; other chats go on."""
    first, second = (Turns(each) for each in pair)
    assert await first.take(-100_123_456_789)
    assert not await second.take(-100_123_456_789)
    assert await second.take(11)
    await first.give_back(-100_123_456_789)
    assert await second.take(-100_123_456_789)
    await second.close()
    assert await first.take(11)
    await first.close()


async def test_a_database_that_is_away_stops_no_answers(vault: Vault) -> None:
    """Without a database everybody has a turn: each replica still counts by itself."""
    gone = Database("postgresql://nobody@127.0.0.1:1/none", vault)
    turns = Turns(gone)
    assert await turns.take(11)
    await turns.give_back(11)
    await turns.close()
    await gone.close()


async def test_who_asks_no_longer_leaves_a_connection_that_closes(
    pair: tuple[Database, Database],
) -> None:
    """A stop in the middle of a question gives all turns back, and raises nothing."""
    first, second = (Turns(each) for each in pair)
    assert await first.take(11)
    asked = asyncio.create_task(first._ask(select(func.pg_sleep(5))))
    await asyncio.sleep(0.1)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await first.close()
    assert await second.take(11)
    await second.close()


async def test_sqlite_has_no_connection_to_lend(tmp_path: object, vault: Vault) -> None:
    """One process has an SQLite database to itself, so nothing is shared."""
    db = Database(f"sqlite:///{tmp_path}/x.db", vault)
    with pytest.raises(StorageError):
        await db.connection()
    await db.close()
