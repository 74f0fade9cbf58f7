"""Dialogues in progress: one per account, sealed, readable on every replica."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from storage import orders
from storage.claims import insert
from storage.columns import plain
from storage.database import words_removed
from storage.errors import NotNow
from storage.sealing import seal, unseal
from storage.tables import Draft, Person

DATA = "drafts.data_sealed"
FIRST_VERSIONS = 1_000_000
_LOAD = (
    select(
        Draft.kind,
        Draft.step,
        Draft.data_sealed,
        Draft.version,
        Draft.updated_at,
        Person.name_sealed.is_not(None).label("named"),
        Person.class_id,
    )
    .outerjoin(Person, Person.telegram_id == Draft.telegram_id)
    .where(Draft.telegram_id == bindparam("who"))
)


@dataclass(frozen=True, slots=True)
class DraftView:
    """A dialogue in progress. ``version`` is what the next ``save`` must name.

    ``named`` and ``class_id`` are what is known of the person, of a dialogue that was loaded.
    """

    telegram_id: int
    kind: str
    step: str
    data: dict[str, Any] = field(repr=False)
    version: int
    updated_at: datetime
    named: bool = False
    class_id: str | None = None


def load(session: Session, telegram_id: int) -> DraftView | None:
    """Return the dialogue of an account, if there is one."""
    row = session.execute(_LOAD, {"who": telegram_id}).one_or_none()
    if row is None:
        return None
    data = json.loads(unseal(session, row.data_sealed, DATA, telegram_id))
    return DraftView(
        telegram_id,
        row.kind,
        row.step,
        data,
        row.version,
        row.updated_at,
        row.named,
        row.class_id,
    )


def among(session: Session, telegram_ids: Collection[int]) -> frozenset[int]:
    """Return which of these accounts are in a dialogue."""
    query = select(Draft.telegram_id).where(Draft.telegram_id.in_(telegram_ids))
    return frozenset(session.scalars(query))


def save(
    session: Session,
    telegram_id: int,
    kind: str,
    step: str,
    data: dict[str, Any],
    now: datetime,
    *,
    version: int | None,
) -> DraftView:
    """Store where a dialogue is; ``data`` holds what JSON can hold.

    ``version=None`` starts a dialogue in place of any other. A number continues the one that was
    loaded; raises NotNow when it was changed, replaced or dropped since.
    """
    values = {
        "kind": kind,
        "step": step,
        "data_sealed": seal(session, json.dumps(data), DATA, telegram_id),
        "updated_at": now,
    }
    if version is None:
        stored = _start(session, telegram_id, values)
    else:
        stored = _continue(session, telegram_id, values, version)
    return DraftView(telegram_id, kind, step, data, stored, now)


def drop(session: Session, telegram_id: int) -> bool:
    """Wipe the dialogue of an account; False when there was none."""
    gone = delete(Draft).where(Draft.telegram_id == telegram_id).returning(Draft.telegram_id)
    return session.scalar(gone) is not None


def drop_before(session: Session, moment: datetime) -> tuple[tuple[int, str, str], ...]:
    """Wipe dialogues untouched since ``moment``; return account, kind and step of each."""
    gone = delete(Draft).where(Draft.updated_at < moment)
    found = session.execute(gone.returning(Draft.telegram_id, Draft.kind, Draft.step)).all()
    if found:
        words_removed(session)
    return tuple((row.telegram_id, row.kind, row.step) for row in found)


def expire(
    session: Session,
    moment: datetime,
    tells: Callable[[str, str], bool],
    now: datetime,
    due_at: datetime,
) -> int:
    """Wipe dialogues untouched since ``moment``; return how many.

    Where ``tells(kind, step)``, the account hears at ``due_at`` that nothing was sent: once, since
    wiping and ordering are one.
    """
    wiped = drop_before(session, moment)
    for telegram_id, kind, step in wiped:
        if tells(kind, step):
            orders.order(session, telegram_id, "draft_wiped", now, due_at=due_at)
    return len(wiped)


def accounts(session: Session, kind: str) -> tuple[int, ...]:
    """Return the accounts that are in a dialogue of ``kind``."""
    query = select(Draft.telegram_id).where(Draft.kind == kind).order_by(Draft.updated_at)
    return tuple(session.scalars(query))


def _start(session: Session, telegram_id: int, values: dict[str, Any]) -> int:
    # starts anywhere, so that a button of a dropped dialogue does not fit the next one
    first = secrets.randbelow(FIRST_VERSIONS)
    statement = insert(session, Draft).values(telegram_id=telegram_id, version=first, **values)
    replaced = statement.on_conflict_do_update(
        index_elements=[Draft.telegram_id], set_=values | {"version": Draft.version + 1}
    )
    version: int = session.scalar(replaced.returning(Draft.version))
    return version


def _continue(session: Session, telegram_id: int, values: dict[str, Any], version: int) -> int:
    table = plain(Draft)
    statement = (
        update(table)
        .where(table.c.telegram_id == telegram_id, table.c.version == version)
        .values(values | {"version": version + 1})
        .returning(table.c.version)
    )
    stored: int | None = session.scalar(statement)
    if stored is None:
        raise NotNow("the dialogue went on elsewhere")
    return stored
