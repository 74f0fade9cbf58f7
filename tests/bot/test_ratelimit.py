"""Telegram's limits, kept on a clock of the test's own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.ratelimit import Bucket, Lane, RateLimiter
from tests.virtual import play

SAM, NOOR = 11, 12


class Sends:
    """Notes when each send went through."""

    def __init__(self, limiter: RateLimiter) -> None:
        self.limiter = limiter
        self.start = asyncio.get_running_loop().time()
        self.at: list[tuple[float, object]] = []
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
            if self.refuse:
                self.refuse -= 1
                raise RetryAfter(timedelta(seconds=30))
            self.at.append((asyncio.get_running_loop().time() - self.start, name or chat))
            return "done"

        return await self.limiter.process_request(call, (), {}, how, {"chat_id": chat}, lane)

    def seconds(self) -> list[float]:
        return sorted(second for second, _ in self.at)


def most_in_a_second(seconds: list[float]) -> int:
    return max(sum(0 <= other - first < 1 for other in seconds) for first in seconds)


def test_one_chat_gets_a_burst_and_then_one_a_second() -> None:
    """Twelve messages to one chat: three at once, the rest a second apart, in order."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        await asyncio.gather(*(sends.send(SAM, n) for n in range(1, 13)))
        assert [name for _, name in sends.at] == list(range(1, 13))
        assert sends.seconds()[2] < 1
        assert sends.seconds()[-1] >= 8.9

    play(story)


def test_all_together_stay_below_thirty_a_second() -> None:
    """A hundred and fifty chats at once: no second holds more than thirty sends."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        await asyncio.gather(*(sends.send(chat) for chat in range(1, 151)))
        assert len(sends.at) == 150
        assert most_in_a_second(sends.seconds()) <= 30

    play(story)


def test_urgent_overtakes() -> None:
    """An urgent send goes before all that wait, also in a chat that had its share."""

    async def story() -> None:
        sends = Sends(RateLimiter())
        crowd = [asyncio.create_task(sends.send(chat)) for chat in range(100, 200)]
        full = [asyncio.create_task(sends.send(SAM)) for _ in range(6)]
        await asyncio.sleep(0.2)
        await sends.send(SAM, "urgent", lane=Lane.URGENT)
        assert len(sends.at) < 20
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
        assert [name for _, name in sends.at][-1] == "report"
        assert len(sends.at) < 3
        await asyncio.gather(*crowd)

    play(story)


def test_a_send_that_was_given_up_takes_no_turn() -> None:
    """A cancelled send is passed over, and the others go on."""

    async def story() -> None:
        sends = Sends(RateLimiter(overall=1))
        first, gone, last = (asyncio.create_task(sends.send(chat)) for chat in (1, 2, 3))
        await asyncio.sleep(0.1)
        gone.cancel()
        await asyncio.gather(first, gone, last, return_exceptions=True)
        assert [name for _, name in sends.at] == [1, 3]
        assert sends.seconds()[-1] < 1.5

    play(story)


def test_a_channel_name_as_chat() -> None:
    """A chat that is named, not numbered, is limited with all others only; shutting down works."""

    async def story() -> None:
        limiter = RateLimiter()
        await limiter.initialize()
        assert await Sends(limiter).send("@channel") == "done"
        await limiter.shutdown()

    play(story)


def test_bucket_saves_up_no_more_than_its_size() -> None:
    """After a long rest a bucket holds its size, not more."""
    bucket = Bucket(rate=1.0, size=3.0, now=0.0)
    assert [bucket.take(1000.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]
