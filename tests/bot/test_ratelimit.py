"""Telegram's limits, kept on a clock of the test's own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.ratelimit import Lane, RateLimiter
from bot.sharing import WITHOUT_LEASE, Leased
from storage import shares
from storage.crypto import Vault
from storage.database import Database
from tests.storage.postgres import Postgres, running
from tests.virtual import play

SAM, NOOR = 11, 12
BELOW = 0.9999  # the clock's fractions are not exact


class Sends:
    """Notes when each send reached Telegram: somewhere on its way there and back."""

    def __init__(self, limiter: RateLimiter, way: float = 0.0) -> None:
        self.limiter = limiter
        self.way = way
        self.rng = random.Random(3)
        self.start = asyncio.get_running_loop().time()
        self.at: list[tuple[float, object]] = []
        self.told = 30
        self.refuse = 0

    async def send(
        self,
        chat: object,
        name: object = None,
        *,
        lane: Lane | None = None,
        how: str = "sendMessage",
    ) -> Any:
        async def call() -> str:
            await asyncio.sleep(self.rng.uniform(0, self.way))
            if self.refuse:
                self.refuse -= 1
                raise RetryAfter(timedelta(seconds=self.told))
            self.at.append((asyncio.get_running_loop().time() - self.start, name or chat))
            await asyncio.sleep(self.rng.uniform(0, self.way))
            return "done"

        return await self.limiter.process_request(call, (), {}, how, {"chat_id": chat}, lane)

    def seconds(self) -> list[float]:
        return sorted(second for second, _ in self.at)


def most_in_a_second(seconds: list[float]) -> int:
    return max(sum(0 <= other - first < BELOW for other in seconds) for first in seconds)


def test_one_chat_gets_one_a_second_in_order() -> None:
    """Twelve messages to one chat, each a while on its way: one a second, in order."""

    async def story() -> None:
        sends = Sends(RateLimiter(), way=0.1)
        await asyncio.gather(*(sends.send(SAM, n) for n in range(1, 13)))
        assert [name for _, name in sends.at] == list(range(1, 13))
        assert most_in_a_second(sends.seconds()) == 1
        assert sends.seconds()[-1] < 11 * 1.2 + 0.1

    play(story)


def test_an_edit_does_not_wait_for_its_chat() -> None:
    """What changes a message is none: it goes at once, also right after one."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        await sends.send(SAM)
        for _ in range(5):
            await sends.send(SAM, how="editMessageText")
        assert sends.seconds()[-1] < 0.1

    play(story)


@pytest.mark.parametrize("way", [0.0, 0.02, 0.2])
def test_all_together_stay_within_thirty_a_second(way: float) -> None:
    """1,500 chats at once: never more than 30 in a second, and done in the time that allows.

    The longer each is on its way, the less is certain about when it counted, so the slower.
    """

    async def story() -> None:
        sends = Sends(RateLimiter(), way)
        await asyncio.gather(*(sends.send(chat) for chat in range(1, 1501)))
        assert len(sends.at) == 1500
        assert most_in_a_second(sends.seconds()) <= 30
        assert sends.seconds()[-1] <= 50 * (1 + 1.1 * way)

    play(story)


def test_one_that_stalls_holds_nobody_up() -> None:
    """A send that Telegram takes a minute over counts as one, and not for a minute."""

    async def story() -> None:
        sends = Sends(RateLimiter(overall=1), way=60)
        stalled = asyncio.create_task(sends.send(SAM))
        await asyncio.sleep(0)
        sends.way = 0
        await sends.send(NOOR)
        assert sends.at[0][0] < 4
        await stalled

    play(story)


def test_urgent_overtakes() -> None:
    """An urgent send goes before all that wait, at the latest a second after its chat's last."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        crowd = [asyncio.create_task(sends.send(chat)) for chat in range(100, 400)]
        full = [asyncio.create_task(sends.send(SAM)) for _ in range(6)]
        await asyncio.sleep(1.5)
        await sends.send(NOOR, "urgent", lane=Lane.URGENT)
        await sends.send(SAM, "urgent", lane=Lane.URGENT)
        first, second = (at for at, name in sends.at if name == "urgent")
        assert first <= 2.01
        assert second <= 3.01
        await asyncio.gather(*crowd, *full)

    play(story)


def test_what_telegram_does_not_count_does_not_wait() -> None:
    """Answers to taps and polling go at once."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        for _ in range(100):
            await sends.send(SAM, how="answerCallbackQuery")
        assert sends.seconds()[-1] < 1

    play(story)


def test_told_to_wait() -> None:
    """On 429 the send waits as long as Telegram says, and is given up after four times."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        sends.refuse = 2
        assert await sends.send(SAM) == "done"
        assert sends.seconds()[0] >= 60
        sends.refuse = 4
        with pytest.raises(RetryAfter):
            await sends.send(NOOR)

    play(story)


def test_a_long_wait_is_not_waited_here() -> None:
    """Told to wait for minutes, a send fails at once, and the next to that chat without a call."""

    async def story() -> None:
        sends, loop = Sends(RateLimiter()), asyncio.get_running_loop()
        sends.refuse, sends.told = 1, 600
        for _ in range(2):
            with pytest.raises(RetryAfter):
                await sends.send(SAM)
        assert await sends.send(NOOR) == "done"
        assert loop.time() - sends.start < 5
        await asyncio.sleep(600)
        assert await sends.send(SAM) == "done"

    play(story)


def test_the_outbox_waits_elsewhere() -> None:
    """What the outbox sends goes back there on 429; a report overtakes what is none."""

    async def story() -> None:
        sends = Sends(RateLimiter(overall=1))
        sends.refuse = 1
        with pytest.raises(RetryAfter):
            await sends.send(SAM, lane=Lane.REPORT)
        crowd = [asyncio.create_task(sends.send(chat)) for chat in range(100, 103)]
        await asyncio.sleep(0)
        await sends.send(NOOR, "report", lane=Lane.REPORT)
        assert [name for _, name in sends.at] == ["report"]
        await asyncio.gather(*crowd)

    play(story)


def test_a_send_that_was_given_up_takes_no_turn() -> None:
    """A cancelled send is passed over, whether it waited or had just been let through."""

    async def story() -> None:
        sends = Sends(RateLimiter(overall=1))
        first, gone, last = (asyncio.create_task(sends.send(chat)) for chat in (1, 2, 3))
        await asyncio.sleep(0.1)
        gone.cancel()
        await asyncio.gather(first, gone, last, return_exceptions=True)
        assert [name for _, name in sends.at] == [1, 3]
        assert sends.seconds()[-1] < 1.5
        late = [asyncio.create_task(sends.send(NOOR, n)) for n in (4, 5)]
        await asyncio.sleep(1)
        late[0].cancel()
        await asyncio.gather(*late, return_exceptions=True)
        assert sends.at[-1][1] == 5

    play(story)


def test_a_channel_name_as_chat() -> None:
    """A chat that is named, not numbered, is limited with all others only; shutting down works."""

    async def story() -> None:
        limiter = RateLimiter()
        await limiter.initialize()
        assert await Sends(limiter).send("@channel") == "done"
        await limiter.shutdown()

    play(story)


class Two:
    """What two replicas share, in memory: a fixed half each, and the turns of chats."""

    def __init__(self, taken: set[int], sends: int = 15) -> None:
        self.taken, self.sends, self.crowded = taken, sends, True
        self.renewed: list[tuple[int, int]] = []

    async def renew(self, wanted: int, used: int) -> None:
        self.renewed.append((wanted, used))

    async def take(self, chat_id: int) -> bool:
        free = chat_id not in self.taken
        self.taken.add(chat_id)
        return free

    async def give_back(self, chat_id: int) -> None:
        self.taken.discard(chat_id)

    async def close(self) -> None:
        self.sends = 0


def test_a_start_that_is_tried_again_leases_once() -> None:
    """While Telegram is away the application begins several times; its lease is renewed by one."""

    async def story() -> None:
        sharing = Two(set())
        limiter = RateLimiter(sharing=sharing)
        for _ in range(4):
            await limiter.initialize()
        sharing.renewed.clear()
        await asyncio.sleep(10)
        assert len(sharing.renewed) <= 11
        await limiter.shutdown()

    play(story)


def test_two_replicas_together_keep_the_limits() -> None:
    """Two with a half each: 30 a second, one a second in a chat that both write to, all done."""

    async def story() -> None:
        taken: set[int] = set()
        pair = [RateLimiter(sharing=Two(taken)) for _ in range(2)]
        for each in pair:
            await each.initialize()
        sends = Sends(pair[0], way=0.02)
        sends_too = Sends(pair[1], way=0.02)
        jobs = [each.send(SAM) for each in (sends, sends_too) for _ in range(5)]
        jobs += [sends.send(chat) for chat in range(100, 400)]
        jobs += [sends_too.send(chat) for chat in range(500, 800)]
        await asyncio.gather(*jobs)
        every = sorted(sends.at + sends_too.at, key=lambda each: each[0])
        assert most_in_a_second([at for at, _ in every]) <= 30
        assert most_in_a_second([at for at, name in every if name == SAM]) == 1
        assert every[-1][0] < 610 / 30 * 1.1
        await asyncio.sleep(2)
        assert taken == set()
        for each in pair:
            await each.shutdown()

    play(story)


def test_a_frozen_replica_holds_no_chat_for_ever() -> None:
    """A chat's turn that another never gives back is passed over after some seconds."""

    async def story() -> None:
        sends = Sends(RateLimiter(sharing=Two({SAM})))
        await sends.send(SAM)
        assert 4 < sends.seconds()[0] < 6

    play(story)


def test_who_is_short_asks_again_sooner() -> None:
    """A busy replica says how much waits twice a second, an idle one once; it is no write a send.

    What it may send then goes at once.
    """

    async def story() -> None:
        sharing = Two(set(), sends=0)
        limiter = RateLimiter(sharing=sharing)
        await limiter.initialize()
        await asyncio.sleep(10.2)
        assert 9 <= len(sharing.renewed) <= 12
        sharing.renewed.clear()
        sends = Sends(limiter)
        waiting = [asyncio.create_task(sends.send(chat)) for chat in range(1, 101)]
        await asyncio.sleep(4.2)
        assert 5 <= len(sharing.renewed) <= 9
        assert sharing.renewed[-1] == (100, 0)
        sharing.sends = 200
        await asyncio.gather(*waiting)
        assert sends.seconds()[-1] < 5
        await limiter.shutdown()

    play(story)


@pytest.fixture(scope="module")
def server() -> Any:
    with running() as found:
        yield found


@pytest.fixture
async def pair(server: Postgres) -> AsyncIterator[list[Leased]]:
    """Two replicas with leases in one PostgreSQL."""
    url = server.url(server.create())
    databases = [Database(url, Vault([bytes(range(32))])) for _ in range(2)]
    yield [Leased(db, 30) for db in databases]
    for db in databases:
        await db.close()


async def test_leases_in_postgresql(pair: list[Leased], monkeypatch: pytest.MonkeyPatch) -> None:
    """A share is leased, told apart from others', given back, and outlived by a trickle."""
    first, second = pair
    await first.renew(10, 0)
    assert (first.sends, first.crowded) == (30, False)
    for each in (second, first, first, second):
        await each.renew(10, 0)
    assert first.crowded
    assert first.sends + second.sends == 29
    assert await first.take(SAM)
    assert not await second.take(SAM)
    await first.give_back(SAM)
    assert await second.take(SAM)
    await first.close()
    monkeypatch.setattr(shares, "LEASE", timedelta(0))
    await second.renew(10, 0)
    assert second.sends == WITHOUT_LEASE
    await second.close()


async def test_what_is_given_back_is_no_longer_used(pair: list[Leased]) -> None:
    """What a replica could send until it heard that less is enough stays its own until then."""
    first, second = pair
    for each in (first, second, first, first, second, first, second):
        await each.renew(500, 0)
    could = first.sends
    await first.renew(0, 0)
    await second.renew(500, 0)
    assert first.sends < could
    assert could + second.sends <= 29
    await first.renew(0, 0)
    await second.renew(500, 0)
    assert first.sends + second.sends == 29
    for each in pair:
        await each.close()


async def test_a_database_that_is_away_leaves_a_trickle() -> None:
    """Without a database a replica goes on with its lease, then with one send a second."""
    db = Database("postgresql://nobody@127.0.0.1:1/none", Vault([bytes(range(32))]))
    alone = Leased(db, 30)
    await alone.renew(3, 0)
    assert alone.sends == WITHOUT_LEASE
    await alone.close()
    await db.close()
