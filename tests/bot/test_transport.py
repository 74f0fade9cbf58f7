"""A few requests at a time where answers come fast, more where they come slowly."""

from __future__ import annotations

import asyncio

from bot.transport import FEW, MOST, Gate
from tests.virtual import play


async def through(gate: Gate, count: int, seconds: float) -> tuple[int, float]:
    """Send ``count`` requests through; return the most at the same time and how long it took."""
    inside, most = 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with gate:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(seconds)
            inside -= 1

    start = asyncio.get_running_loop().time()
    await asyncio.gather(*(one() for _ in range(count)))
    return most, asyncio.get_running_loop().time() - start


def test_fast_answers_need_few_connections() -> None:
    """A hundred requests that take a hundredth of a second each: never more than a few at once."""
    most, _ = play(lambda: through(Gate(), 100, 0.01))
    assert most == FEW


def test_slow_answers_open_more() -> None:
    """With two seconds to each answer still more than thirty a second get through."""
    most, took = play(lambda: through(Gate(), 120, 2.0))
    assert FEW < most <= MOST
    assert took < 6


def test_no_more_than_it_takes_once_answers_are_fast_again() -> None:
    """After a slow while there are few again although somebody waits all the time."""

    async def story() -> int:
        gate = Gate()
        await through(gate, 120, 1.0)
        rest = [asyncio.create_task(through(gate, 1, 0.2)) for _ in range(30)]
        rest += [asyncio.create_task(through(gate, 1, 0.005)) for _ in range(3000)]
        await asyncio.wait(rest[:2500])
        most = gate._inside
        await asyncio.wait(rest)
        return most

    assert play(story) <= FEW + 1


def test_a_late_loop_is_no_slow_answer() -> None:
    """While we ourselves are busy, more connections would only be more work."""

    async def story() -> int:
        gate, loop = Gate(), asyncio.get_running_loop()
        work = asyncio.create_task(through(gate, 60, 0.05))
        for _ in range(30):
            await asyncio.sleep(0)
            loop._virtual += 0.045  # type: ignore[attr-defined]
            await asyncio.sleep(0.005)
        return (await work)[0]

    assert play(story) == FEW


def test_a_request_that_is_given_up_leaves_its_place() -> None:
    """Cancelled while it waits or just when it was let in: the next one goes, none is stuck."""

    async def story() -> None:
        gate = Gate(few=1)
        await gate.__aenter__()
        waiting = [asyncio.create_task(through(gate, 1, 0.0)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await gate.__aexit__()
        waiting[1].cancel()
        assert (await waiting[2])[0] == 1
        assert (await through(gate, 5, 0.01))[0] == 1

    play(story)
