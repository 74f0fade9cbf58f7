"""With a new key in front everything is sealed anew, also after an interruption."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import drafts, kept, people, rekey
from storage.crypto import Vault
from storage.database import Database
from storage.errors import KeyProblem
from tests.storage.conftest import Run
from tests.storage.rows import add_person, add_report

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
async def filled(run: Run, now: datetime) -> None:
    """Seven people, a report, a draft and a kept question, sealed with the old key."""
    for account in range(1, 8):
        await run(add_person, account, f"Naam {account}")
    await run(add_report, "M-2026-0001", "id-1")
    await run(drafts.save, 1, "report", "what", {"what": "woorden"}, now, version=None)
    await run(kept.keep, "mag dit", "nl", None, now)


async def _finish(db: Database, position: rekey.Position | None) -> tuple[int, int]:
    resealed = broken = 0
    while position is not None:
        done = await db.run(rekey.batch, position, limit=3)
        resealed, broken, position = resealed + done.resealed, broken + done.broken, done.next
    return resealed, broken


@pytest.mark.usefixtures("filled")
async def test_the_old_key_can_go_afterwards(run: Run, db: Database) -> None:
    """All values are sealed anew once; then the new key alone opens them, and the old does not."""
    db.vault = Vault([NEW, OLD])
    assert await run(rekey.remaining) == 10
    assert await _finish(db, rekey.START) == (10, 0)
    assert await run(rekey.remaining) == 0
    assert await _finish(db, rekey.START) == (0, 0)
    db.vault = Vault([NEW])
    assert (await run(people.find, 7)).name == "Naam 7"
    assert (await run(drafts.load, 1)).data == {"what": "woorden"}
    assert (await run(kept.grouped))[0].text == "mag dit"
    db.vault = Vault([OLD])
    with pytest.raises(KeyProblem):
        await run(people.find, 7)


@pytest.mark.usefixtures("filled")
async def test_a_run_that_was_cut_off_is_started_again(db: Database) -> None:
    """The second run does what the first left, and only that."""
    db.vault = Vault([NEW, OLD])
    first = await db.run(rekey.batch, rekey.START, limit=3)
    assert await _finish(db, rekey.START) == (10 - first.resealed, 0)


@pytest.mark.usefixtures("filled")
async def test_a_damaged_value_stops_nothing(db: Database) -> None:
    """What does not open is counted and left as it is; the rest is sealed anew."""
    await db.run(_damage)
    db.vault = Vault([NEW, OLD])
    assert await _finish(db, rekey.START) == (8, 2)
    assert await db.run(rekey.remaining) == 2


def test_every_sealed_column_is_known() -> None:
    """A sealed column has one key column in its table, so that its place can be named."""
    names = {f"{column.table.name}.{column.name}" for column in rekey.sealed_columns()}
    assert {"people.name_sealed", "reports.what_sealed", "messages.body_sealed"} <= names
    assert all(len(column.table.primary_key.columns) == 1 for column in rekey.sealed_columns())


def _damage(session: Session) -> None:
    """Move the name of one person to another, and cut off that of a third."""
    moved = "(SELECT name_sealed FROM people WHERE telegram_id = 1)"
    session.execute(text(f"UPDATE people SET name_sealed = {moved} WHERE telegram_id = 2"))
    cut = "substr(name_sealed, 1, 20)"
    session.execute(text(f"UPDATE people SET name_sealed = {cut} WHERE telegram_id = 3"))
