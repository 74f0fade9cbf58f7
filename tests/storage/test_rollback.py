"""An upgrade with data in the database, and the way back: the backup that was made before it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from storage import migration
from storage.database import any_engine
from storage.errors import SchemaTooNew
from tests.storage.postgres import Postgres

FIRST = "0001"
ROWS = (
    "INSERT INTO classes (id, label, label_key) VALUES ('c', 'H3b', 'h3b')",
    "INSERT INTO staff (id, code, name_sealed) VALUES ('s', 'AAA', 'x')",
    "INSERT INTO people (id, telegram_id, created_at, seen_at) VALUES ('p', 1, {at}, {at})",
    *(
        "INSERT INTO reports (id, number, person_id, steps, urgent, over_limit, route,"
        " what_sealed, state, escalations, created_at, touched_at) VALUES"
        f" ('{state}', 'M-{state}', 'p', 'rule', FALSE, FALSE, 'class', 'x', '{state}', 0,"
        " {at}, {at})"
        for state in ("working", "closed")
    ),
    *(
        "INSERT INTO recipients (id, report_id, staff_id, role, added_at) VALUES"
        f" ('r-{state}', '{state}', 's', 'mentor', {{at}})"
        for state in ("working", "closed")
    ),
    "INSERT INTO outbox (id, seq, chat_id, kind, urgent, created_at, due_at, attempts, unsure)"
    " VALUES ('o', 1, 1, 'outage', FALSE, {at}, {at}, 0, 0)",
)
AT = "'2026-03-10 09:00:00.000000'"


def _first_version(connection: Connection) -> None:
    """Make the tables of the first version and a report or two."""
    config = migration._config()
    config.attributes["connection"] = connection
    command.upgrade(config, FIRST)
    for row in ROWS:
        connection.execute(text(row.format(at=AT)))


def _kept(url: str) -> list[tuple[object, ...]]:
    """Return what should outlive an upgrade."""
    engine = any_engine(url)
    with engine.connect() as connection:
        query = (
            "SELECT number, state, staff_id FROM reports JOIN recipients ON report_id = reports.id"
        )
        found = [tuple(row) for row in connection.execute(text(f"{query} ORDER BY number"))]
        found += [tuple(row) for row in connection.execute(text("SELECT seq, kind FROM outbox"))]
    engine.dispose()
    return found


def _check(url: str) -> None:
    engine = any_engine(url)
    try:
        with Session(engine) as session:
            migration.check(session)
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def old_and_backup(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A database of the first version with rows in it, and a backup of it."""
    if request.param == "sqlite":
        url, backup = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'backup.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        name = server.create("template1")
        url = server.url(name)
    engine = any_engine(url)
    with engine.begin() as connection:
        _first_version(connection)
    engine.dispose()
    if request.param == "sqlite":
        shutil.copy(tmp_path / "old.db", tmp_path / "backup.db")
    else:
        backup = server.url(server.create(name))
    return url, backup


def test_an_upgrade_keeps_everything(old_and_backup: tuple[str, str]) -> None:
    """After it the same reports, receivers and orders are there, and lists know what is over."""
    url, _ = old_and_backup
    before = _kept(url)
    migration.upgrade(url)
    _check(url)
    assert _kept(url) == before
    assert len(before) == 3
    engine = any_engine(url)
    with engine.connect() as connection:
        over = connection.execute(text("SELECT report_id, is_over FROM recipients"))
        assert {row[0]: row[1] for row in over} in (
            {"working": None, "closed": True},
            {"working": None, "closed": 1},
        )
    engine.dispose()


def test_the_way_back_is_the_backup(
    old_and_backup: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old version refuses the upgraded database, untouched, and runs on the backup."""
    url, backup = old_and_backup
    migration.upgrade(url)
    upgraded = _kept(url)
    monkeypatch.setattr(migration, "HEAD", FIRST)
    monkeypatch.setattr(migration, "known", lambda: frozenset({FIRST}))
    for step in (_check, migration.upgrade):
        with pytest.raises(SchemaTooNew):
            step(url)
    assert _kept(url) == upgraded
    _check(backup)
    migration.upgrade(backup)
    assert _kept(backup) == upgraded
