"""Classes in which some report would reach nobody: a warning before a pupil meets it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from storage import orders
from storage.policy import Policy
from storage.snapshot import dead_ends
from storage.tables import Order

REASON: Final = "dead_end"
GAP: Final = timedelta(hours=20)  # a job of every day runs a little sooner or later


def warn(session: Session, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Warn of classes in which some report would reach nobody; return their labels.

    At most once a day, however often it is called, and by day.
    """
    labels = dead_ends(session, now)
    if not labels or _warned(session, now):
        return labels
    due = policy.terms.buzz_at(urgent=False, now=now)
    detail = {"reason": REASON, "classes": list(labels)}
    orders.warn(session, policy.admins or (orders.NOBODY,), detail, now, due_at=due)
    return labels


def _warned(session: Session, now: datetime) -> bool:
    alarm = literal("admin_alarm", literal_execute=True)  # written out: the index is of these alone
    query = select(Order.detail).where(Order.kind == alarm, Order.created_at > now - GAP)
    return any((detail or {}).get("reason") == REASON for detail in session.scalars(query))
