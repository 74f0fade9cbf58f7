"""The staff come from memory until anybody changes the roster, by whatever way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Column, delete, event, insert, select, text, update
from sqlalchemy.orm import Session

from storage import access, buzz, casework, classes, copying, followup, people, rekey, roster, staff
from storage.columns import Utc, plain
from storage.crypto import Vault
from storage.database import Database, any_engine
from storage.errors import KeyProblem
from storage.roster_file import read
from storage.sealing import seal
from storage.tables import Post, RosterVersion, SchoolClass, Staff
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import WHEN
from tests.storage.school import MENTOR, POLICY, PUPIL

ME: Final = "id-AAA"
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
FILE: Final = read(
    b"klas;mentor;mentor_code;coordinator;coordinator_code;vertrouwenspersoon;"
    b"vertrouwenspersoon_code;bestuur;bestuur_code\n"
    b"H3b;Naam AAA;AAA;Naam DDD;DDD\nV5a;Piet Pieters;PIE;Naam DDD;DDD\n"
    b"*;;;;;Naam EEE;EEE;Naam FFF;FFF\n"
)
VALUES: Final[dict[str, Any]] = {
    "staff.code": "ZZZ",
    "staff.telegram_id": 77,
    "staff.claimed_telegram_id": 78,
    "staff.stand_in_id": "id-BBB",
    "posts.class_id": "id-V5a",
    "posts.staff_id": "id-BBB",
    "posts.role": "board",
    "posts.rank": 9,
    "classes.label": "H3x",
    "classes.label_key": "h3x",
    "classes.code_hash": "x",
}
"""Another value for each column; a time is another anyway, an id never changes."""
COLUMNS: Final = [
    column
    for table in (Staff, Post, SchoolClass)
    for column in plain(table).columns
    if not column.primary_key
]


@pytest.fixture(autouse=True)
async def _school(run: Run) -> None:
    await run(school.found)


def _seen(session: Session) -> tuple[staff.StaffView, ...]:
    return staff.seen_by(session, PUPIL)[1]


def _version(session: Session) -> str | None:
    return session.scalar(select(RosterVersion.version))


def _change(session: Session, column: Column[Any]) -> None:
    value = WHEN if isinstance(column.type, Utc) else VALUES.get(str(column))
    value = value or seal(session, "Ander", staff.NAME, ME)
    which = {"staff": "id", "posts": "staff_id", "classes": "id"}[column.table.name]
    mine = column.table.columns[which].in_([ME, "id-H3b"])
    session.execute(update(column.table).where(mine).values({column: value}))


def _rename(session: Session, name: str = "Ander") -> None:
    """Change a name by the ORM, not flushed."""
    session.get_one(Staff, ME).name_sealed = seal(session, name, staff.NAME, ME)


def _names(members: tuple[staff.StaffView, ...]) -> list[str]:
    return [each.name for each in members]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
async def test_every_column_that_shows_counts(run: Run, column: Column[Any]) -> None:
    """Whatever column of staff, posts or classes changes: what is seen is what is there."""
    await run(_seen)
    await run(_change, column)
    assert await run(_seen) == await run(staff.everyone)


def _more_staff(session: Session) -> None:
    row = {"id": "id-NEW", "code": "NEW"}
    sealed = seal(session, "Nieuw", staff.NAME, "id-NEW")
    session.execute(insert(plain(Staff)).values(name_sealed=sealed, **row))


def _more_posts(session: Session) -> None:
    row = {"id": "p", "staff_id": ME, "role": "board", "rank": 0}
    session.execute(insert(plain(Post)).values(**row))


def _fewer_posts(session: Session) -> None:
    session.execute(delete(plain(Post)).where(plain(Post).c.staff_id == ME))


def _fewer_staff(session: Session) -> None:
    _fewer_posts(session)
    session.execute(delete(plain(Staff)).where(plain(Staff).c.id == ME))


def _claim(session: Session) -> None:
    code = access.invite(session, ME, WHEN)
    access.open_invite(session, code, 4242, WHEN)


def _confirm(session: Session) -> None:
    _claim(session)
    access.confirm(session, ME, WHEN)


def _refuse(session: Session) -> None:
    school.change_staff(session, MENTOR, claimed_telegram_id=4242)
    session.flush()
    assert _seen(session)[0].waiting
    access.refuse(session, ME)


def _back(session: Session) -> None:
    staff.set_absent(session, ME, WHEN, None, "id-BBB")
    assert _seen(session)[0].absent_from == WHEN
    staff.set_present(session, ME)


ROUTES: Final[dict[str, Callable[[Session], object]]] = {
    "orm": _rename,
    "staff added": _more_staff,
    "staff removed": _fewer_staff,
    "post added": _more_posts,
    "post removed": _fewer_posts,
    "absent": lambda session: staff.set_absent(session, ME, WHEN, None, "id-BBB"),
    "claimed": _claim,
    "confirmed": _confirm,
    "revoked": lambda session: access.revoke(session, ME, WHEN),
    "imported": lambda session: roster.apply(session, FILE, WHEN),
    "new year": lambda session: roster.apply(session, FILE, WHEN, new_year=True),
    "unreachable": lambda session: staff.mark_unreachable(session, MENTOR, WHEN),
}


@pytest.mark.parametrize("route", ROUTES)
async def test_a_change_is_seen_at_once(run: Run, route: str) -> None:
    """Whoever changes the roster, and in whatever way: the next one to look sees it."""
    before = await run(_seen)
    await run(ROUTES[route])
    after = await run(_seen)
    assert after == await run(staff.everyone)
    assert after != before


@pytest.mark.parametrize("route", [_refuse, _back])
async def test_and_its_end_too(run: Run, route: Callable[[Session], object]) -> None:
    """What ended in the same transaction as it began is over for all."""
    before = await run(_seen)
    await run(route)
    assert await run(_seen) == await run(staff.everyone) == before


@pytest.mark.parametrize("route", ROUTES)
async def test_a_change_is_seen_within_its_own_transaction(run: Run, route: str) -> None:
    """Also what was not flushed yet."""

    def both(session: Session) -> bool:
        _seen(session)
        ROUTES[route](session)
        return _seen(session) == staff.everyone(session)

    assert await run(both)


async def test_another_process_changes_it(run: Run, database_url: str, vault: Vault) -> None:
    """The command line, another replica, or somebody at the database itself."""
    await run(_seen)
    other = Database(database_url, Vault([OLD]))
    await other.run(_rename)
    assert "Ander" in _names(await run(_seen))
    await other.close()
    engine = any_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE classes SET label = 'H3x' WHERE id = 'id-H3b'"))
    assert await run(_seen) == await run(staff.everyone)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE posts"))
        assert not any(each.posts for each in await run(_seen))
    engine.dispose()


async def test_sealed_anew(run: Run, db: Database, database_url: str) -> None:
    """After a rotation names come from the new key; who has only the old one gets none."""
    before = await run(_seen)
    rotating = Database(database_url, Vault([NEW, OLD]))
    position: rekey.Position | None = rekey.START
    while position is not None:
        position = (await rotating.run(rekey.batch, position)).next
    await rotating.close()
    with pytest.raises(KeyProblem):
        await run(_seen)
    for keys in ([NEW, OLD], [NEW]):
        db.vault = Vault(keys)
        assert await run(_seen) == await run(_seen) == before


def _rename_and_fail(session: Session) -> None:
    _rename(session)
    assert "Ander" in _names(_seen(session))
    raise LookupError("undone")


async def test_what_was_rolled_back_was_never_seen(run: Run) -> None:
    """A roster that was not committed is in no view, not even after just as many changes."""
    before = await run(_seen)
    with pytest.raises(LookupError):
        await run(_rename_and_fail)
    assert await run(_seen) == before
    with pytest.raises(LookupError):
        await run(_rename_and_fail)
    await run(_rename, "Weer anders")  # a number would now be what it was in the one undone
    assert "Weer anders" in _names(await run(_seen))
    assert await run(_seen) == await run(staff.everyone)


async def test_one_of_several_at_once_fails(run: Run) -> None:
    """Operations that share a transaction and are done again see what is committed."""
    await run(_seen)
    jobs = (_rename_and_fail, _seen, _more_posts, _seen, _rename_and_fail, _seen)
    await asyncio.gather(*map(run, jobs), return_exceptions=True)
    assert await run(_seen) == await run(staff.everyone)
    assert "Ander" not in _names(await run(_seen))


async def test_back_to_a_savepoint(run: Run) -> None:
    """A part that is undone is undone in what is seen."""

    def partly(session: Session) -> bool:
        before = _seen(session)
        with pytest.raises(LookupError), session.begin_nested():
            _rename_and_fail(session)
        return _seen(session) == staff.everyone(session) == before

    assert await run(partly)
    assert await run(_seen) == await run(staff.everyone)


async def test_changed_while_it_was_read(
    run: Run, db: Database, database_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another replica changed between version and roster is not taken for that version."""
    if db.is_sqlite:
        pytest.skip("there nobody writes meanwhile")
    engine, whole = any_engine(database_url), staff.everyone

    def late(session: Session) -> tuple[staff.StaffView, ...]:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM posts"))
        return whole(session)

    monkeypatch.setattr(staff, "everyone", late)
    await run(_seen)
    assert vault.opened == {}
    monkeypatch.undo()
    await run(_seen)
    assert vault.opened.keys() == {staff.ROSTER}
    engine.dispose()


async def test_without_a_version_it_is_read_each_time(run: Run) -> None:
    """A database that lost its version is slower, not wrong."""
    await run(lambda session: session.execute(delete(RosterVersion)))
    await run(_seen)
    await run(_rename)
    assert await run(_seen) == await run(staff.everyone)


async def test_reports_and_pupils_leave_it_alone(
    run: Run, db: Database, now: datetime, rng: random.Random
) -> None:
    """Nothing that happens with each report or each pupil makes the roster read anew."""
    before = await run(_version)
    code = await run(classes.new_code, "id-H3b", now + timedelta(days=1), now)
    assert await run(classes.by_code, code, 5000, now)
    await run(people.join_class, 5000, "id-H3b", "Bo", now)
    sent = await run(school.send, now)
    assert await school.deliver(db, rng, now)
    assert await run(buzz.take, ME, now, urgent=False)
    await run(casework.open_report, MENTOR, sent.id, POLICY, now)
    await run(casework.take, MENTOR, sent.id, POLICY, now)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    await run(staff.mark_reachable, MENTOR)
    await run(casework.close, MENTOR, sent.id, "klaar", now)
    await run(followup.reopen, PUPIL, sent.id, POLICY, now)
    assert await school.deliver(db, rng, now)
    assert await run(_version) == before


async def test_one_small_query(run: Run, db: Database) -> None:
    """While the roster stays as it is no staff is read or opened; the class is always read."""
    asked: list[str] = []
    assert (await run(staff.seen_by, PUPIL))[0] == "id-H3b"
    engine = db.engine or (db._async and db._async.sync_engine)
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert (await run(staff.seen_by, PUPIL))[0] == "id-H3b"
    assert (await run(staff.seen_by, 1))[0] is None
    assert (await run(staff.seen_by, PUPIL, "id-V5a"))[0] == "id-V5a"
    queries = [each for each in asked if "SELECT" in each]
    assert len(queries) == 3
    assert not any("staff" in each for each in queries)


async def test_names_show_nowhere(run: Run, vault: Vault, db: Database) -> None:
    """What is remembered is in no repr."""
    await run(_seen)
    assert staff.ROSTER in vault.opened
    assert "Naam" not in f"{vault!r} {db!r} {vault.opened!r}"


async def test_two_databases_under_one_key(
    run: Run, database_url: str, tmp_path: Any, vault: Vault
) -> None:
    """A copy of the database goes on with a version of its own, also where a vault is shared."""
    copying.copy(database_url, f"sqlite:///{tmp_path / 'other.db'}")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}", vault)
    assert await run(_seen) == await other.run(_seen)
    await other.run(_rename)
    assert "Ander" in _names(await other.run(_seen))
    assert "Ander" not in _names(await run(_seen))
    await other.close()
