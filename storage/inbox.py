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
from storage.columns import plain
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
    known = _known(session, [each.update_id for each in batch])
    new: dict[int, TakenIn] = {}
    for each in batch:
        if each.update_id not in known:
            new.setdefault(each.update_id, each)
    if not new:
        return ()
    last = counters.raise_by(session, "inbox", len(new))
    rows: list[dict[str, Any]] = [
        {
            "update_id": each.update_id,
            "telegram_id": each.telegram_id,
            "seq": seq,
            "payload_sealed": seal(session, json.dumps(each.payload), PAYLOAD, each.update_id),
            "failures": 0,
            "at": now,
        }
        for seq, each in enumerate(new.values(), start=last - len(new) + 1)
    ]
    statement = claims.insert(session, plain(Inbox)).on_conflict_do_nothing()
    stored = set(session.scalars(statement.returning(Inbox.update_id), rows))
    return tuple(row["update_id"] for row in rows if row["update_id"] in stored)


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


def done(session: Session, *update_ids: int) -> None:
    """Remove handled updates and remember their ids, so that repeats are ignored."""
    table = plain(Inbox)
    gone = delete(table).where(table.c.update_id.in_(update_ids))
    found = session.execute(gone.returning(table.c.update_id, table.c.at))
    claims.remember(session, {each.update_id: each.at for each in found})


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


def _known(session: Session, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for column in (Claim.update_id, Inbox.update_id):
        found.update(session.scalars(select(column).where(column.in_(ids))))
    return found
