"""The circuit breaker: how many messages of the outbox one chat gets in a minute.

What is over it waits until the minute has room, and is never dropped. Counted are the outbox's own
rows, so that it holds over all replicas and a restart; a claim reads those of the last minute, by
an index: at most thirty a second, which is Telegram's limit. Urgent messages are neither held nor
counted; nor are tombstones, which edit what stands there already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.tables import Order

MOST: Final = 20  # reports.md, requirement 14
SPAN: Final = timedelta(minutes=1)
HELD: Final = "held"
"""In whose hands an order is that waits for room: nobody sends it."""


def until(session: Session, orders: Iterable[Order], now: datetime) -> dict[str, datetime]:
    """Return which of ``orders`` are to wait, by id, and until when."""
    counted = [each for each in orders if not each.urgent and each.kind != "tombstone"]
    if not counted:
        return {}
    sent = select(Order.chat_id, func.min(Order.done_at)).where(
        Order.done_at > now - SPAN,
        Order.done_at < now + SPAN,  # a clock that was set back holds nobody for long
        Order.chat_id.in_({each.chat_id for each in counted}),
        Order.outcome == "sent",
        ~Order.urgent,
        Order.kind != "tombstone",
    )
    full = sent.group_by(Order.chat_id).having(func.count() >= MOST)
    first = {chat: at + SPAN for chat, at in session.execute(full) if at}
    return {each.id: first[each.chat_id] for each in counted if each.chat_id in first}
