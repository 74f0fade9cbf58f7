"""Every test of this room runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from storage.crypto import Vault
from storage.database import Database

Run = Callable[..., Awaitable[Any]]
"""``await run(op, …)``: one operation in one transaction."""
UNSAFE_BUT_FAST = "PRAGMA synchronous=OFF"


@pytest.fixture
def vault() -> Vault:
    """A key of the tests."""
    return Vault([bytes(range(32))])


@pytest.fixture
async def db(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    """A fresh database, open."""
    database = Database(database_url, vault)
    if database.is_sqlite:  # no power cuts here; waiting for the disk would take most of the time
        event.listen(database.engine, "connect", lambda raw, _: raw.execute(UNSAFE_BUT_FAST))
    yield database
    await database.close()


@pytest.fixture
def run(db: Database) -> Run:
    """Call one operation in one transaction."""
    return db.run


@pytest.fixture
def now() -> datetime:
    """A Tuesday in term time."""
    return datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def rng() -> random.Random:
    """Chance that is the same each time."""
    return random.Random(7)
