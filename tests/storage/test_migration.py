"""The migrated tables are the tables that the program knows, and events stay as written."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import migration
from storage.database import any_engine
from storage.errors import SchemaTooNew, SchemaTooOld
from storage.migration import check, upgrade
from storage.tables import Event, Person, Report, new_id, with_conditions
from tests.storage.conftest import Run
from tests.storage.postgres import Postgres

TYPES = {"text", "character", "varying"}


def _differences(session: Session) -> list[object]:
    connection = session.connection()
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, with_conditions(connection.dialect.name))
    if connection.dialect.name == "sqlite":  # alembic cannot compare a falling column there
        return [each for each in found if getattr(each[1], "name", "") != "ix_outbox_next_open"]
    return list(found)


def _report_with_event(session: Session, now: datetime) -> str:
    person = Person(id=new_id(), telegram_id=1, created_at=now, seen_at=now)
    session.add(person)
    session.flush()
    report = Report(
        id=new_id(),
        number="M-2026-0001",
        person_id=person.id,
        what_sealed=b"x",
        created_at=now,
        touched_at=now,
    )
    session.add(report)
    session.flush()
    session.add(Event(report_id=report.id, what="sent", actor="pupil", at=now))
    return report.id


def _sql(session: Session, statement: str) -> None:
    session.execute(text(statement))


def _count(session: Session) -> int:
    return session.query(Event).count()


async def test_schema_equals_metadata(run: Run) -> None:
    """What the steps make is what the tables in the program say."""
    assert await run(_differences) == []
    await run(check)


async def test_upgrade_twice_changes_nothing(run: Run, database_url: str) -> None:
    """An upgrade of an up-to-date database is harmless."""
    upgrade(database_url)
    await run(check)


async def test_newer_database_is_refused(run: Run, database_url: str) -> None:
    """A database of a newer version is neither used nor touched."""
    await run(_sql, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew):
        await run(check)
    with pytest.raises(SchemaTooNew):
        upgrade(database_url)


async def test_empty_database_is_too_old(run: Run) -> None:
    """A database without a version must be upgraded first."""
    await run(_sql, "DELETE FROM alembic_version")
    with pytest.raises(SchemaTooOld):
        await run(check)


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET what = 'read'", "DELETE FROM events"], ids=["update", "delete"]
)
async def test_events_are_append_only(run: Run, now: datetime, statement: str) -> None:
    """The database itself refuses to change or remove an event while its report exists."""
    await run(_report_with_event, now)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(_sql, statement)
    assert await run(_count) == 1


async def test_events_are_not_replaced_or_truncated(
    run: Run, now: datetime, database_url: str
) -> None:
    """The back doors of each engine are shut as well."""
    await run(_report_with_event, now)
    sqlite = database_url.startswith("sqlite")
    replace = "INSERT OR REPLACE INTO events SELECT id, report_id, 'x', actor, NULL, NULL, at"
    statement = f"{replace} FROM events" if sqlite else "TRUNCATE events"
    with pytest.raises(DBAPIError, match="append-only"):
        await run(_sql, statement)


async def test_events_go_with_their_report(run: Run, now: datetime) -> None:
    """A purge deletes the report, and its events go with it."""
    await run(_report_with_event, now)
    await run(_sql, "DELETE FROM reports")
    assert await run(_count) == 0


def test_failed_upgrade_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade that breaks half-way leaves an SQLite file as it was."""
    url = f"sqlite:///{tmp_path / 'half.db'}"
    monkeypatch.setattr("alembic.operations.Operations.execute", _break)
    with pytest.raises(RuntimeError):
        upgrade(url)
    monkeypatch.undo()
    upgrade(url)


def test_upgrade_of_an_empty_postgresql(postgres: Postgres) -> None:
    """The command builds all tables in an empty database."""
    name = postgres.create("template1")
    upgrade(postgres.url(name))
    postgres.drop(name)


def test_two_replicas_upgrade_at_once(postgres: Postgres) -> None:
    """Those who start together take turns; neither fails."""
    name = postgres.create("template1")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, [postgres.url(name)] * 2))
    postgres.drop(name)


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


def test_head_is_the_newest_step() -> None:
    """The version that a start compares with is the newest migration."""
    scripts = ScriptDirectory.from_config(migration._config())
    assert scripts.get_current_head() == migration.HEAD
    assert migration.HEAD in migration.known()


def test_a_start_on_a_present_database_does_without_alembic(tmp_path: Path) -> None:
    """Alembic is not imported where there is nothing to upgrade: a start is lighter by it."""
    url = f"sqlite:///{tmp_path / 'present.db'}"
    upgrade(url)
    code = (
        "import sys; from storage.migration import upgrade; "
        f"upgrade({url!r}); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_conditions_of_indexes_are_the_steps_own(database_url: str) -> None:
    """An index of few rows holds in the database what the tables in the program say."""
    engine = any_engine(database_url)
    looked, where = inspect(engine), f"{engine.dialect.name}_where"
    wanted: dict[object, list[str]] = {}
    found: dict[object, list[str]] = {}
    for table in with_conditions(engine.dialect.name).sorted_tables:
        wanted |= {each.name: words(each.info.get("only")) for each in table.indexes}
        for each in looked.get_indexes(table.name):
            found[each["name"]] = words(each.get("dialect_options", {}).get(where))
    engine.dispose()
    assert wanted
    assert {name: found[str(name)] for name in wanted} == wanted


def words(condition: object) -> list[str]:
    """Return the words of a condition; PostgreSQL adds types and brackets."""
    return [each for each in re.findall(r"\w+", str(condition).lower()) if each not in TYPES]
