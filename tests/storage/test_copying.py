"""Moving to another database: everything, counted, or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from storage import copying, orders, people, reports, staff
from storage.crypto import Vault
from storage.database import Database
from storage.errors import SchemaTooOld
from storage.migration import upgrade
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import POLICY, PUPIL


async def fill(run: Run, now: datetime) -> str:
    """Put a school with one report into the source; return the report's number."""
    await run(school.found)
    sent: reports.Submitted = await run(reports.submit, PUPIL, school.NEW, POLICY, now)
    return sent.number


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
async def test_everything_moves(
    to: str,
    run: Run,
    database_url: str,
    now: datetime,
    tmp_path: Path,
    vault: Vault,
    request: pytest.FixtureRequest,
) -> None:
    """After a copy the other database answers as the first did, sealed words included."""
    number = await fill(run, now)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    if to == "postgresql":
        server = request.getfixturevalue("postgres")
        target = server.url(server.create())
    counts = copying.copy(database_url, target)
    assert counts["reports"] == 1
    assert counts["staff"] >= 1
    other = Database(target, vault)
    assert await other.run(reports.mine, PUPIL) == await run(reports.mine, PUPIL)
    assert await other.run(staff.everyone) == await run(staff.everyone)
    assert await other.run(people.find, PUPIL) == await run(people.find, PUPIL)
    assert (await other.run(reports.mine, PUPIL))[0].number == number
    await other.close()


async def test_what_arrives_otherwise_is_refused(
    run: Run, database_url: str, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that changed on the way is noticed though all counts are right; no row stays."""
    await fill(run, now)
    whole = copying._row

    def changed(table: Table, row: copying.Row) -> dict[str, object]:
        values = whole(table, row)
        return values | {"what_sealed": b"x"} if table.name == "reports" else values

    monkeypatch.setattr(copying, "_row", changed)
    target = f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(copying.CopyProblem, match="reports"):
        copying.copy(database_url, target)
    monkeypatch.undo()
    assert copying.copy(database_url, target)["reports"] == 1


async def test_a_source_of_an_older_version_is_refused(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    """What is not of this version is upgraded first, and no target is made for it."""

    def age(session: Session) -> None:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    await run(age)
    with pytest.raises(SchemaTooOld):
        copying.copy(database_url, f"sqlite:///{tmp_path / 'other.db'}")
    assert not (tmp_path / "other.db").exists()


async def test_a_full_target_is_left_alone(
    run: Run, database_url: str, now: datetime, tmp_path: Path
) -> None:
    """Into a database with rows nothing is copied."""
    await fill(run, now)
    target = f"sqlite:///{tmp_path / 'full.db'}"
    upgrade(target)
    other = Database(target, Vault([bytes(range(32))]))
    await other.run(orders.order, 1, "outage", now)
    with pytest.raises(copying.CopyProblem, match="outbox"):
        copying.copy(database_url, target)
    assert await other.run(staff.everyone) == ()
    await other.close()
