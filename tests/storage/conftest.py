"""Every test of this room runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.crypto import Vault
from storage.database import Database
from storage.migration import upgrade
from tests.storage.postgres import Postgres, running

Run = Callable[..., Awaitable[Any]]
"""``await run(op, …)``: one operation in one transaction."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for this test process."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with all tables and no rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def vault() -> Vault:
    """A key of the tests."""
    return Vault([bytes(range(32))])


@pytest.fixture
async def db(database_url: str, vault: Vault) -> AsyncIterator[Database]:
    """A fresh database, open."""
    database = Database(database_url, vault)
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
