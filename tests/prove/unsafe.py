"""The bot with one safeguard switched off: ``python -m tests.prove.unsafe NAME``.

The proof must fail with each of them, or it proves nothing.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cli import main
from storage import claims, inbox, orders, outbox, reports


def inbox_off() -> None:
    """Forget what was taken in: an update is confirmed to Telegram before it is safe."""
    inbox.pending = lambda session, limit=1000: ()


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
    claim = outbox.claim

    def once(session: Session, worker: str, now: datetime, limit: int, **more: Any) -> Any:
        found = claim(session, worker, now, limit, **more)
        return tuple(order for order in found if order.attempts == 1)

    outbox.claim = once  # type: ignore[assignment]


SAFEGUARDS = {"inbox": inbox_off, "claims": claims_off, "outbox": outbox_off, "lease": lease_off}

if __name__ == "__main__":
    SAFEGUARDS[sys.argv[1]]()
    main(["run"])
