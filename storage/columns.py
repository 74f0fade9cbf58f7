"""What every table is made of: its base, its kind of time, its ids."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, LargeBinary, MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: it would silently be taken for UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what comes back as UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables, with names for constraints so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: Utc(),
        str: String(64),
        bytes: LargeBinary(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[int]: JSON(),
    }


def plain(model: type[Base]) -> Table:
    """Return the table of ``model``, for statements of many rows that need no objects."""
    return cast(Table, model.__table__)


def new_id() -> str:
    """Return a fresh row id (32 hex digits)."""
    return uuid.uuid4().hex


def ordered_id(position: int) -> str:
    """Return a fresh row id that sorts by ``position`` among the rows of one report."""
    return f"{position:06d}{new_id()[6:]}"


def telegram_id(**options: Any) -> Mapped[Any]:
    """Return a column for a Telegram user, chat or update id (64 bits)."""
    return mapped_column(BigInteger(), **options)
