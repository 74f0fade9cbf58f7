"""The safeguards of delivery, each to be switched off: ``--unsafe NAME`` of the proof.

The proof must fail with each of them off, or it proves nothing.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from bot import delivery
from bot.handling import Handling
from storage import claims, inbox, orders, outbox, reports
from storage.tables import Order


def inbox_off() -> None:
    """Forget what was taken in: an update is confirmed to Telegram before it is safe."""
    inbox.pending = lambda session, limit=1000: ()


def webhook_off() -> None:
    """Tell Telegram 200 before an update has had its effect."""
    now, running = Handling.now, set()

    async def later(handling: Handling, raw: Any) -> bool:
        task = asyncio.create_task(now(handling, raw))
        running.add(task)
        return True

    Handling.now = later  # type: ignore[method-assign, assignment]


def claims_off() -> None:
    """Let a repeated update have its effect again: neither claims nor the draft's end stop it."""
    claims.claim = lambda session, update_id, now: True
    reports._end_draft = lambda session, telegram_id, version: None


def outbox_off() -> None:
    """Store a report without its delivery orders."""

    def nothing(*args: Any, **kwargs: Any) -> None:
        return None

    orders.to_staff = nothing


def lease_off() -> None:
    """Never take over what a dead worker had in hand."""
    due = outbox._due

    def nobodys(now: datetime) -> ColumnElement[bool]:
        return and_(due(now), Order.lease_by.is_(None))

    def none_freed(session: Session, now: datetime) -> int:
        return 0

    outbox._due, outbox.release = nobodys, none_freed


def retry_off() -> None:
    """Take a send of which nobody knows the outcome for sent."""
    outcome = delivery._outcome

    def hopeful(error: Any, kind: str) -> outbox.Outcome:
        found = outcome(error, kind)
        return "sent" if found == "unsure" else found

    delivery._outcome = hopeful


SAFEGUARDS = {
    "inbox": inbox_off,
    "webhook": webhook_off,
    "claims": claims_off,
    "outbox": outbox_off,
    "lease": lease_off,
    "retry": retry_off,
}
