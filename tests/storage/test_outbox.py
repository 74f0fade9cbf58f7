"""Delivery orders: leased once, in order, urgent first, and what a refusal sets in motion."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, events, followup, orders, outbox, reports, sending
from storage.database import Database
from storage.errors import NotAllowed
from storage.tables import Order, Person, Report, Staff
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import (
    ADMIN,
    COORDINATOR,
    DEPUTY,
    MENTOR,
    OTHER_PUPIL,
    POLICY,
    PUPIL,
    SECOND,
    staff_id,
)


def _order(session: Session, chat: int, now: datetime, **options: object) -> str:
    return orders.order(session, chat, "status", now, **options)  # type: ignore[arg-type]


def _row(session: Session, order_id: str) -> Order:
    return session.get_one(Order, order_id)


async def _claimed(run: Run, now: datetime, worker: str = "w", limit: int = 10) -> list[str]:
    return [order.id for order in await run(outbox.claim, worker, now, limit)]


async def test_order_per_chat(run: Run, now: datetime, rng: random.Random) -> None:
    """A second message to one chat waits for the first; other chats do not."""
    first = await run(_order, 1, now)
    second = await run(_order, 1, now)
    other = await run(_order, 2, now)
    assert await _claimed(run, now) == [first, other]
    assert await _claimed(run, now) == []
    await run(outbox.settle, first, "w", "sent", POLICY, now, rng)
    assert await _claimed(run, now) == [second]


async def test_back_off_keeps_the_order(run: Run, now: datetime, rng: random.Random) -> None:
    """While the first is in its back-off, the second of that chat is not sent before it."""
    first = await run(_order, 1, now)
    await run(_order, 1, now)
    await _claimed(run, now)
    await run(outbox.settle, first, "w", "retry", POLICY, now, rng)
    assert await _claimed(run, now + timedelta(seconds=5)) == []
    assert await _claimed(run, now + timedelta(minutes=1)) == [first]


async def test_held_back_for_the_night_blocks_nobody(run: Run, now: datetime) -> None:
    """An order for tomorrow morning does not hold up what is due now."""
    await run(_order, 1, now, due_at=now + timedelta(hours=8))
    due = await run(_order, 1, now)
    assert await _claimed(run, now) == [due]


async def test_urgent_overtakes(run: Run, now: datetime) -> None:
    """An urgent order goes first and waits for no other of its chat."""
    await run(_order, 1, now)
    await run(_order, 2, now)
    urgent = await run(_order, 1, now, urgent=True)
    assert await _claimed(run, now, limit=1) == [urgent]


async def test_two_workers_never_share(db: Database, run: Run, now: datetime) -> None:
    """Orders claimed by several workers at once are each in one pair of hands."""
    for chat in range(12):
        await run(_order, chat, now)
    hands = await asyncio.gather(*(db.run(outbox.claim, f"w{n}", now, 4) for n in range(4)))
    claimed = [order.id for hand in hands for order in hand]
    assert len(claimed) == len(set(claimed))
    rest = await _claimed(run, now, limit=20)
    assert len({*claimed, *rest}) == 12


async def test_lease_of_a_dead_worker_ends(run: Run, now: datetime, rng: random.Random) -> None:
    """What a dead worker had in hand goes to another, marked as perhaps sent already."""
    order_id = await run(_order, 1, now)
    await _claimed(run, now, "dead")
    later = now + outbox.LEASE
    (again,) = await run(outbox.claim, "alive", later, 10)
    assert (again.id, again.unsure, again.attempts) == (order_id, 1, 2)
    assert not await run(outbox.settle, order_id, "dead", "retry", POLICY, later, rng)
    assert await run(outbox.settle, order_id, "dead", "sent", POLICY, later, rng)
    assert not await run(outbox.settle, order_id, "alive", "sent", POLICY, later, rng)


async def test_at_most_twelve_tries_an_hour(run: Run, now: datetime, rng: random.Random) -> None:
    """A message that keeps failing is tried, but never in a hot loop."""
    order_id = await run(_order, 1, now)
    tries = 0
    for second in range(0, 3600, 15):
        moment = now + timedelta(seconds=second)
        for order in await run(outbox.claim, "w", moment, 1):
            tries += 1
            await run(outbox.settle, order.id, "w", "unsure", POLICY, moment, rng)
    assert 8 <= tries <= 12
    assert (await run(_row, order_id)).unsure == tries


async def test_retry_after_is_heeded(run: Run, now: datetime, rng: random.Random) -> None:
    """When Telegram names a time, nothing is tried before it."""
    order_id = await run(_order, 1, now)
    await _claimed(run, now)
    wait = timedelta(minutes=20)
    await run(outbox.settle, order_id, "w", "retry", POLICY, now, rng, wait)
    assert await _claimed(run, now + wait - timedelta(seconds=1)) == []
    assert await _claimed(run, now + wait) == [order_id]


async def test_depth_and_age(run: Run, now: datetime, rng: random.Random) -> None:
    """The watch sees how much is due and how long; what waits for the morning does not count."""
    order_id = await run(_order, 1, now)
    await run(_order, 2, now, due_at=now + timedelta(hours=8))
    later = now + timedelta(minutes=7)
    assert await run(outbox.depth, later) == outbox.Depth(1, timedelta(minutes=7))
    await _claimed(run, later)
    await run(outbox.settle, order_id, "w", "sent", POLICY, later, rng)
    assert await run(outbox.depth, later) == outbox.Depth(0, timedelta(0))


async def test_refused_goes_to_the_next(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """When both mentors blocked the bot the deputy gets the report in the same run."""
    await run(school.found)
    sent = await run(school.send, now)
    delivered = await school.deliver(db, rng, now, frozenset({MENTOR, SECOND}))
    assert delivered == [(DEPUTY, "notice"), (PUPIL, "status")]
    assert (await run(school.row, sent.id)).state == "delivered"

    def mark(session: Session) -> object:
        return session.get_one(Staff, staff_id(MENTOR)).unreachable_since

    assert await run(mark) == now


async def test_one_refusal_leaves_the_other_mentor(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """While one mentor has it, a refusal by the other bothers nobody else."""
    await run(school.found)
    await run(school.send, now)
    delivered = await school.deliver(db, rng, now, frozenset({MENTOR}))
    assert delivered == [(SECOND, "notice"), (PUPIL, "status")]


async def test_nobody_left_is_said_once(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """When everybody refuses, the pupil and the administrators hear so, and the report stays."""
    await run(school.found)
    sent = await run(school.send, now)
    delivered = await school.deliver(db, rng, now, frozenset(school.CODES))
    assert sorted(delivered) == [(PUPIL, "unreachable"), (ADMIN, "admin_alarm")]
    state: Report = await run(school.row, sent.id)
    assert (state.state, state.due_at) == ("sent", now + timedelta(days=1))
    assert (await run(events.history, sent.id))[-1].what == "nobody"


async def test_refused_hand_over_returns_to_who_is_left(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """A colleague who blocked the bot does not keep the report: the other mentor hears of it."""
    await run(school.found)
    sent = await run(school.send, now)
    await school.deliver(db, rng, now)
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    await run(casework.hand_over, MENTOR, sent.id, staff_id(COORDINATOR), POLICY, now)
    delivered = await school.deliver(db, rng, now, frozenset({COORDINATOR}))
    assert (SECOND, "notice") in delivered
    assert (await run(school.row, sent.id)).owner_id is None


async def test_refused_reply_is_told_to_the_owner(
    db: Database, run: Run, now: datetime, rng: random.Random
) -> None:
    """A mentor whose answer cannot reach the pupil hears that."""
    await run(school.found)
    sent = await run(school.send, now)
    await school.deliver(db, rng, now)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    delivered = await school.deliver(db, rng, now, frozenset({PUPIL}))
    assert delivered == [(MENTOR, "status")]

    def mark(session: Session) -> object:
        query = select(Person.unreachable_since).where(Person.telegram_id == PUPIL)
        return session.scalar(query)

    assert await run(mark) == now
    assert not (await run(reports.one, MENTOR, sent.id)).pupil_reachable


async def test_content_is_read_at_sending(run: Run, now: datetime) -> None:
    """A relayed word comes with its sender's school name and number, a notice without words."""
    await run(school.found)
    sent = await run(school.send, now)
    notice, _ = await run(outbox.claim, "w", now, 10)
    content = await run(sending.content_of, notice.id)
    assert (content.number, content.urgent, content.body) == (sent.number, False, None)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    await run(followup.add, PUPIL, sent.id, "ja", POLICY, now)

    def of(session: Session, kind: str) -> str:
        return session.scalars(select(Order.id).where(Order.kind == kind)).one()

    reply = await run(sending.content_of, await run(of, "reply"))
    assert (reply.sender, reply.body, reply.to_staff) == ("Naam AAA", "kom je langs?", False)
    assert reply.owner == "Naam AAA"
    addition = await run(sending.content_of, await run(of, "addition"))
    assert (addition.sender, addition.body, addition.to_staff) == ("Noor de Vries", "ja", True)
    assert "langs" not in repr(reply)


async def test_nothing_is_sent_that_is_no_longer_theirs(run: Run, now: datetime) -> None:
    """A notice already in a worker's hands has no content once access is revoked."""
    await run(school.found)
    await run(school.send, now)
    notice, _ = await run(outbox.claim, "w", now, 10)
    await run(school.gone, MENTOR)
    assert await run(sending.content_of, notice.id) is None


async def test_order_follows_to_a_new_account(run: Run, now: datetime) -> None:
    """A mentor with a new phone gets what was waiting for the old one."""
    await run(school.found)
    await run(school.send, now)
    await run(school.change_staff, MENTOR, telegram_id=2999)
    notice, _ = await run(outbox.claim, "w", now, 10)
    assert notice.chat_id == 2999
    assert await run(sending.content_of, notice.id) is not None


async def test_no_order_for_the_accused(run: Run, now: datetime) -> None:
    """The outbox itself refuses to bring a report to somebody whom it is about."""
    await run(school.found)
    sent = await run(school.send, now, OTHER_PUPIL, accused=frozenset({staff_id(DEPUTY)}))
    with pytest.raises(NotAllowed):
        await run(orders.order, DEPUTY, "notice", now, report_id=sent.id, staff_id=staff_id(DEPUTY))


async def test_release_ends_every_lease(run: Run, now: datetime) -> None:
    """At the start of a single process, what a dead one had in hand is due at once, as unsure."""
    await run(orders.order, 1, "status", now)
    (held,) = await run(outbox.claim, "dead", now, 10)
    assert await run(outbox.claim, "new", now, 10) == ()
    assert await run(outbox.release, now) == 1
    (taken,) = await run(outbox.claim, "new", now, 10)
    assert (taken.id, taken.unsure) == (held.id, 1)
    assert await run(outbox.release, now + outbox.LEASE * 2) == 0
