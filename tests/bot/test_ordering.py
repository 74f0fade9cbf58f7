"""Updates of one person in order, of different people at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from telegram import Update

from bot.ordering import PerPerson, person_of

SAM, NOOR = 11, 12


def message(who: int, number: int = 1) -> Update:
    user = {"id": who, "is_bot": False, "first_name": "-"}
    body = {"message_id": number, "date": 1, "chat": {"id": who, "type": "private"}, "from": user}
    return Update.de_json({"update_id": number, "message": body}, None)


def vote(who: int) -> Update:
    user = {"id": who, "is_bot": False, "first_name": "-"}
    answer = {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"], "user": user}
    return Update.de_json({"update_id": 99, "poll_answer": answer}, None)


async def at_once(order: PerPerson, *work: tuple[Update, Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*(order.process_update(update, step) for update, step in work))


async def test_one_person_in_order_also_across_kinds() -> None:
    """A message and a vote of one person wait for each other, though a vote has no chat."""
    order, done = PerPerson(), []

    async def step(name: str, naps: int) -> None:
        for _ in range(naps):
            await asyncio.sleep(0)
        done.append(name)

    await at_once(
        order,
        (message(SAM), step("first", 9)),
        (vote(SAM), step("second", 3)),
        (message(SAM, 2), step("third", 0)),
    )
    assert done == ["first", "second", "third"]


async def test_different_people_at_the_same_time() -> None:
    """One person's slow update does not keep another waiting."""
    order, gate = PerPerson(), asyncio.Event()

    async def slow() -> None:
        await gate.wait()

    async def quick() -> None:
        gate.set()

    await asyncio.wait_for(at_once(order, (message(SAM), slow()), (message(NOOR), quick())), 30)


async def test_a_flood_of_one_person_takes_no_room_from_others() -> None:
    """However many updates of one person wait, the next person is served."""
    order, gate = PerPerson(at_once=2), asyncio.Event()

    async def slow() -> None:
        await gate.wait()

    async def quick() -> None:
        gate.set()

    flood = [(message(SAM, number), slow()) for number in range(50)]
    await asyncio.wait_for(at_once(order, *flood, (message(NOOR), quick())), 30)


async def test_at_most_so_many_at_the_same_time() -> None:
    """The bound on what runs at the same time holds."""
    order, running, most = PerPerson(at_once=3), 0, 0

    async def step() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await at_once(order, *((message(who), step()) for who in range(1, 20)))
    assert most == 3


async def test_no_lock_is_left_behind() -> None:
    """After a failure too nothing of a person stays in memory."""
    order = PerPerson()

    async def broken() -> None:
        raise ValueError

    await asyncio.gather(order.process_update(message(SAM), broken()), return_exceptions=True)
    assert (dict(order._locks), dict(order._waiting)) == ({}, {})


def test_an_update_without_a_person() -> None:
    """What has no person behind it has a place of its own."""
    assert person_of(Update(1)) == person_of("other") == 0
