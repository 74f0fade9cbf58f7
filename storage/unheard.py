"""Warnings that no administrator got in Telegram, to be told over the second channel.

The only administrator may have blocked the bot or never pressed Start, or none may be set. Such a
warning holds a number and a reason, or labels of classes; no words and no names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from storage.tables import Accused, Order, Report, Staff

SINCE: Final = timedelta(days=3)
"""A warning that is older has been overtaken."""
TOLD: Final = "elsewhere"


@dataclass(frozen=True, slots=True)
class Unheard:
    """A warning that reached nobody; ``orders`` are the ids of what was to bring it."""

    orders: tuple[str, ...]
    reason: str
    number: str | None
    classes: tuple[str, ...]


def pending(session: Session, admins: Collection[int], now: datetime) -> tuple[Unheard, ...]:
    """Return the warnings that reached no administrator and were not told elsewhere, oldest first.

    None of a report that is about one of the administrators: the second channel may be theirs.
    """
    alarm = literal("admin_alarm", literal_execute=True)  # written out: the index is of these alone
    query = select(Order).where(Order.kind == alarm, Order.created_at > now - SINCE)
    groups: dict[tuple[str | None, str, datetime], list[Order]] = {}
    for order in session.scalars(query.order_by(Order.seq)):
        key = (order.report_id, str((order.detail or {}).get("reason")), order.created_at)
        groups.setdefault(key, []).append(order)
    lost = [group for group in groups.values() if all(_is_lost(order) for order in group)]
    return tuple(_view(session, group) for group in lost if not _about(session, group[0], admins))


def told(session: Session, orders: Iterable[str]) -> None:
    """Note that a warning was told over the second channel."""
    for order_id in orders:
        order = session.get(Order, order_id, with_for_update=True)
        if order is not None:  # the report, and its orders with it, may be gone by now
            order.detail = {**(order.detail or {}), TOLD: True}
    session.flush()


def _is_lost(order: Order) -> bool:
    return order.outcome == "refused" and TOLD not in (order.detail or {})


def _about(session: Session, order: Order, admins: Collection[int]) -> bool:
    if order.report_id is None:
        return False
    query = select(Accused.staff_id).join(Staff, Staff.id == Accused.staff_id)
    of_report = query.where(Accused.report_id == order.report_id)
    return session.scalar(of_report.where(Staff.telegram_id.in_(admins)).limit(1)) is not None


def _view(session: Session, group: list[Order]) -> Unheard:
    first = group[0]
    detail = first.detail or {}
    report = session.get(Report, first.report_id) if first.report_id else None
    return Unheard(
        tuple(order.id for order in group),
        str(detail.get("reason", "")),
        report.number if report else None,
        tuple(detail.get("classes", ())),
    )
