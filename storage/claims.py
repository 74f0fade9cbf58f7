"""The same update has no second effect, whatever is delivered or handled twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from storage.columns import plain
from storage.tables import Base, Claim


def claim(session: Session, update_id: int | None, now: datetime) -> bool:
    """Claim the effect of an update; False when an earlier transaction had it.

    ``None`` (no update behind the step) is always ours. On PostgreSQL a second claimer waits here
    until the first has committed or failed.
    """
    if update_id is None:
        return True
    statement = insert(session, plain(Claim)).values(update_id=update_id, at=now)
    mine = statement.on_conflict_do_nothing().returning(plain(Claim).c.update_id)
    return session.scalar(mine) is not None


def remember(session: Session, handled: Mapping[int, datetime]) -> None:
    """Claim many updates, each at its time, whoever had them before."""
    if handled:
        rows = [{"update_id": number, "at": at} for number, at in handled.items()]
        session.execute(insert(session, plain(Claim)).on_conflict_do_nothing(), rows)


def seen(session: Session, update_id: int) -> bool:
    """Tell whether an update had its effect in an earlier transaction."""
    return session.get(Claim, update_id) is not None


def forget_before(session: Session, moment: datetime) -> int:
    """Remove claims older than ``moment``; return how many. Telegram repeats for 24 hours."""
    gone = session.scalars(delete(Claim).where(Claim.at < moment).returning(Claim.update_id))
    return len(gone.all())


def lock(session: Session, telegram_id: int) -> None:
    """Make operations for one account take turns until this transaction ends.

    SQLite has one writer, so they do already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(telegram_id)))


def insert(session: Session, table: type[Base] | Table) -> Any:
    """Return an insert that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as on_postgresql

        return on_postgresql(table)
    from sqlalchemy.dialects.sqlite import insert as on_sqlite

    return on_sqlite(table)
