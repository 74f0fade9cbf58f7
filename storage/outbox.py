"""The outbox: leasing orders to workers, and what follows from what Telegram said.

Urgent ones go first. Per chat everything else keeps its order: an order waits for an earlier one
that is due, in somebody's hands, in its back-off or held by the ``breaker``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage import breaker, events, orders, refusals
from storage.policy import Policy
from storage.tables import Message, Order, Report, Staff

log = structlog.get_logger(__name__)

Outcome = Literal["sent", "refused", "rejected", "unsure", "retry", "dropped"]

LEASE: Final = timedelta(seconds=60)
FIRST_WAIT: Final = timedelta(seconds=15)  # with the cap: at most 12 tries in any hour
LONGEST_WAIT: Final = timedelta(minutes=8)
REJECTIONS: Final = 12  # one more is the end: with the waits between them that is over an hour


@dataclass(frozen=True, slots=True)
class OrderView:
    """One thing to send. ``unsure``: how often it may have arrived already without our knowing."""

    id: str
    chat_id: int
    kind: str
    report_id: str | None
    message_id: str | None
    staff_id: str | None
    urgent: bool
    attempts: int
    unsure: int
    created_at: datetime
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Depth:
    """What is due and not sent; ``oldest``: how long the first of them has been due.

    ``held``: chats whose next message waits for the breaker.
    """

    waiting: int
    oldest: timedelta
    held: int = 0


def claim(
    session: Session,
    worker: str,
    now: datetime,
    limit: int,
    lease: timedelta = LEASE,
    *,
    urgent_only: bool = False,
) -> tuple[OrderView, ...]:
    """Lease up to ``limit`` orders to ``worker``, urgent ones first; no other worker gets them.

    Those to a chat that had its fill this minute wait until it has room, which is no attempt.
    """
    mine = Order.urgent if urgent_only else or_(Order.urgent, ~_waits_for_another(now))
    query = select(Order).where(_due(now), mine)
    query = query.order_by(Order.urgent.desc(), Order.seq).limit(limit)
    found = list(session.scalars(query.with_for_update(skip_locked=True)))
    return _taken(session, found, worker, now, now + lease)


def settle(
    session: Session,
    order_id: str,
    worker: str,
    outcome: Outcome,
    policy: Policy,
    now: datetime,
    rng: random.Random,
    retry_after: timedelta = timedelta(0),
) -> bool:
    """Write down what became of an order, and act on it; False when it was settled already.

    ``sent``: Telegram said yes. ``refused``: it never will; a report goes to the next person in
    this same transaction. ``rejected``: it will not have this message as it is; the same follows
    when it keeps saying so, but the addressee counts as reachable. ``unsure``: it may have arrived.
    ``retry``: it did not, try later. ``dropped``: no longer wanted. Only ``sent`` is taken from a
    worker whose lease has passed on.
    """
    report = _locked_report(session, order_id)
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None or order.done_at is not None:
        return False
    if outcome != "sent" and order.lease_by != worker:
        return False
    given_up = outcome == "rejected" and _rejections(order) > REJECTIONS
    if outcome in {"unsure", "retry"} or (outcome == "rejected" and not given_up):
        _put_back(session, order, outcome, now + max(retry_after, _back_off(order.attempts, rng)))
        return True
    order.done_at, order.outcome = now, "refused" if given_up else outcome
    session.flush()
    if outcome == "sent":
        _after_sent(session, order, report, now)
    elif given_up:
        refusals.of_message(session, order, report, policy, now)
    elif outcome == "refused" and order.kind != "tombstone":
        refusals.of_addressee(session, order, report, policy, now)
    return True


def postpone(session: Session, order_id: str, worker: str, until: datetime) -> bool:
    """Hold back an order that ``worker`` has in hand; until then it stands in nobody's way."""
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None or order.done_at is not None or order.lease_by != worker:
        return False
    order.due_at, order.lease_by, order.lease_until = until, None, None
    order.attempts -= 1
    session.flush()
    return True


def release(session: Session, now: datetime) -> int:
    """End every lease and return how many there were: their holders are gone.

    Only for a database that one process uses, at its start; so a crash delays nothing.
    """
    held = Order.lease_by.is_not(None), Order.done_at.is_(None), Order.lease_until > now
    freed = update(Order).where(*held).values(lease_until=now).returning(Order.id)
    return len(session.scalars(freed).all())


def depth(session: Session, now: datetime) -> Depth:
    """Return how much is due and how long the oldest waits."""
    waiting = and_(Order.done_at.is_(None), Order.due_at <= now)
    due = select(func.count(), func.min(Order.due_at)).where(waiting)
    count, oldest = session.execute(due).one()  # both from an index alone
    held = Order.lease_by == literal(breaker.HELD, literal_execute=True)  # as its index has it
    full = session.scalar(select(func.count()).where(held, waiting))
    return Depth(count, now - oldest if oldest else timedelta(0), full or 0)


def view(order: Order) -> OrderView:
    """Return what may leave this room of an order."""
    return OrderView(
        order.id,
        order.chat_id,
        order.kind,
        order.report_id,
        order.message_id,
        order.staff_id,
        order.urgent,
        order.attempts,
        order.unsure,
        order.created_at,
        dict(order.detail or {}),
    )


def _due(now: datetime) -> ColumnElement[bool]:
    hastened = and_(Order.urgent, Order.lease_by == breaker.HELD)  # found urgent while it waited
    free = or_(Order.lease_until.is_(None), Order.lease_until <= now, hastened)
    return and_(Order.done_at.is_(None), Order.due_at <= now, free)


def _taken(
    session: Session, found: list[Order], worker: str, now: datetime, until: datetime
) -> tuple[OrderView, ...]:
    """Put orders in the hands of ``worker``, but for those that the breaker holds."""
    for order in found:
        if order.lease_by not in {None, breaker.HELD}:
            order.unsure += 1  # a worker died with it in hand: it may have been sent
        _readdress(session, order)
    held = breaker.until(session, found, now)
    if held:
        log.warning("breaker tripped", held=len(held))
    for order in found:
        order.lease_by, order.lease_until = worker, until
        if order.id in held:
            order.lease_by, order.lease_until = breaker.HELD, held[order.id]
        order.attempts += order.id not in held
    session.flush()
    return tuple(view(order) for order in found if order.id not in held)


def _readdress(session: Session, order: Order) -> None:
    """Follow a member of staff to a new account."""
    if order.staff_id is not None and order.kind != "tombstone":
        staff = session.get_one(Staff, order.staff_id)
        order.chat_id = staff.telegram_id or order.chat_id


def _waits_for_another(now: datetime) -> ColumnElement[bool]:
    earlier = aliased(Order)
    return exists().where(
        earlier.chat_id == Order.chat_id,
        earlier.seq < Order.seq,
        earlier.done_at.is_(None),
        earlier.due_at <= now,  # one that is held back for the night stands in nobody's way
    )


def _rejections(order: Order) -> int:
    """Count one more rejection of an order."""
    count = int((order.detail or {}).get("rejected", 0)) + 1
    order.detail = {**(order.detail or {}), "rejected": count}
    return count


def _put_back(session: Session, order: Order, outcome: Outcome, until: datetime) -> None:
    order.unsure += outcome == "unsure"
    order.lease_by, order.lease_until = None, until
    if outcome == "rejected":
        order.due_at = until  # what comes after it in this chat need not wait
    session.flush()


def _back_off(attempts: int, rng: random.Random) -> timedelta:
    wait = FIRST_WAIT * 2.0 ** min(max(attempts, 1) - 1, 10)
    return min(wait, LONGEST_WAIT) * rng.uniform(1.0, 1.25)


def _locked_report(session: Session, order_id: str) -> Report | None:
    """Lock the report before its order: every operation takes the two in this sequence."""
    report_id = select(Order.report_id).where(Order.id == order_id).scalar_subquery()
    return session.scalar(select(Report).where(Report.id == report_id).with_for_update())


def _after_sent(session: Session, order: Order, report: Report | None, now: datetime) -> None:
    if order.message_id is not None:
        message = session.get_one(Message, order.message_id)
        message.delivered_at = message.delivered_at or now
    holder = refusals.holder(session, order)
    if report is None or holder is None or order.kind not in orders.BRINGS:
        return
    holder.delivered_at = holder.delivered_at or now
    events.record(session, report.id, "delivered", now, actor_id=holder.staff_id)
    if report.state == "sent":
        report.state, report.delivered_at = "delivered", now
        orders.tell_status(session, report, "delivered", now)
