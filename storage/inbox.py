"""Updates taken in by polling, kept until they are handled. Nothing taken in is lost.

Ids of updates are never compared: Telegram starts again at a random one after a quiet week.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage import claims, counters
from storage.errors import KeyProblem, SealBroken
from storage.sealing import seal, unseal
from storage.tables import Claim, Inbox

MOST_FAILURES: Final = 3
PAYLOAD: Final = "inbox.payload_sealed"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An update; ``payload`` holds only what is needed of it, as JSON can hold."""

    update_id: int
    telegram_id: int | None
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update to handle, with how often that failed already."""

    update_id: int
    telegram_id: int | None
    failures: int
    payload: dict[str, Any] = field(repr=False)


def take_in(session: Session, batch: Sequence[TakenIn], now: datetime) -> tuple[int, ...]:
    """Store a batch in its order and return the ids that were new.

    Repeats are ignored, whether the first is still waiting or was handled.
    """
    return tuple(each.update_id for each in batch if _store(session, each, now))


def pending(session: Session, limit: int = 1000) -> tuple[Waiting, ...]:
    """Return what waits, oldest first. A damaged payload is set aside and stops nobody else.

    One that was sealed with a key not set here stays, for a process that has the key.
    """
    query = select(Inbox).where(Inbox.set_aside_at.is_(None)).order_by(Inbox.seq).limit(limit)
    found: list[Waiting] = []
    for row in session.scalars(query):
        try:
            payload = json.loads(unseal(session, row.payload_sealed, PAYLOAD, row.update_id))
        except (SealBroken, json.JSONDecodeError):
            row.set_aside_at = row.at
            continue
        except KeyProblem:
            continue
        found.append(Waiting(row.update_id, row.telegram_id, row.failures, payload))
    return tuple(found)


def done(session: Session, update_id: int) -> None:
    """Remove a handled update and remember its id, so that a repeat is ignored."""
    gone = delete(Inbox).where(Inbox.update_id == update_id).returning(Inbox.at)
    taken_at = session.scalar(gone)
    if taken_at is not None:
        claims.claim(session, update_id, taken_at)


def failed(session: Session, update_id: int, now: datetime) -> bool:
    """Count a failure; True when the update is set aside (at the third), or is gone."""
    row = session.get(Inbox, update_id, with_for_update=True)
    if row is None:
        return True
    row.failures += 1
    if row.failures >= MOST_FAILURES:
        row.set_aside_at = row.set_aside_at or now
    return row.set_aside_at is not None


def set_aside(session: Session) -> int:
    """Return how many updates were set aside and not yet purged."""
    query = select(func.count()).select_from(Inbox).where(Inbox.set_aside_at.is_not(None))
    return session.scalar(query) or 0


def _store(session: Session, update: TakenIn, now: datetime) -> bool:
    if session.get(Claim, update.update_id) or session.get(Inbox, update.update_id):
        return False
    row = claims.insert(session, Inbox).values(
        update_id=update.update_id,
        telegram_id=update.telegram_id,
        seq=counters.next_value(session, "inbox"),
        payload_sealed=seal(session, json.dumps(update.payload), PAYLOAD, update.update_id),
        failures=0,
        at=now,
    )
    stored = session.scalar(row.on_conflict_do_nothing().returning(Inbox.update_id))
    return stored is not None
