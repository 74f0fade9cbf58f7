"""What every room's tests share: the pack and the matcher, and fresh databases of both kinds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from content.loader import load_pack
from content.matcher import Matcher
from content.pack import Pack
from storage.migration import upgrade
from tests.storage.postgres import Postgres, running


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The shipped pack."""
    return load_pack()


@pytest.fixture(scope="session")
def matcher(pack: Pack) -> Matcher:
    """The matcher of the shipped pack."""
    return Matcher(pack)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for this test process, started when a test first asks for it."""
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
    with server.lent() as name:
        yield server.url(name)
