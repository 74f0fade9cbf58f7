"""With a new key in front everything is sealed anew, also after an interruption."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

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


async def _rotate_halfway(db: Database) -> None:
    """Seal four of the values of ``filled`` anew, as if the command was stopped then."""
    position, resealed = rekey.START, 0
    while resealed < 4:
        done = await db.run(rekey.batch, position, limit=2)
        resealed += done.resealed
        position = done.next or rekey.START


async def _write(db: Database, accounts: range, now: datetime) -> None:
    for account in accounts:
        await db.run(add_person, account, f"Naam {account}")
        data = {"what": f"woorden {account}"}
        await db.run(drafts.save, account % 3, "report", "what", data, now, version=None)


@pytest.mark.usefixtures("filled")
async def test_rotation_while_others_write(db: Database, now: datetime) -> None:
    """Cut off half-way and done again while the bot goes on writing: nothing is lost."""
    db.vault = Vault([NEW, OLD])
    rotating = Database(db.url.render_as_string(hide_password=False), Vault([NEW, OLD]))
    await asyncio.gather(_write(db, range(100, 120), now), _rotate_halfway(rotating))
    await asyncio.gather(_write(db, range(120, 140), now), _finish(rotating, rekey.START))
    assert await db.run(rekey.remaining) == 0
    await rotating.close()
    db.vault = Vault([NEW])
    await db.run(rekey.check_keys)
    for account in (*range(1, 8), *range(100, 140)):
        found: Any = await db.run(people.find, account)
        assert found.name == f"Naam {account}"
    loaded: list[Any] = [await db.run(drafts.load, number) for number in range(3)]
    assert [each.data["what"] for each in loaded] == [
        "woorden 138",
        "woorden 139",
        "woorden 137",
    ]


@pytest.mark.usefixtures("filled")
async def test_a_key_taken_out_too_early_is_noticed(db: Database) -> None:
    """After half a rotation the old key is still needed: that is said, not found out later."""
    db.vault = Vault([NEW, OLD])
    await _rotate_halfway(db)
    await db.run(rekey.check_keys)
    for keys in ([NEW], [OLD], [b"x" * 32]):
        db.vault = Vault(keys)
        with pytest.raises(KeyProblem, match="a key that is not set"):
            await db.run(rekey.check_keys)
    db.vault = Vault([OLD, NEW])
    await db.run(rekey.check_keys)


@pytest.mark.usefixtures("filled")
async def test_one_damaged_value_is_no_missing_key(db: Database) -> None:
    """A single value whose first bytes are damaged does not stop the school."""
    await db.run(_damage_key_id)
    await db.run(rekey.check_keys)


def _damage_key_id(session: Session) -> None:
    session.execute(
        text("UPDATE people SET name_sealed = :bad WHERE telegram_id = 3"), {"bad": b"?" * 40}
    )


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
