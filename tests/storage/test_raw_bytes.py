"""What stands on the disk: words and names only sealed, and what was removed not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage import (
    access,
    attempts,
    casework,
    classes,
    drafts,
    followup,
    inbox,
    kept,
    overview,
    people,
    privacy,
    rekey,
    retention,
)
from storage.crypto import Vault
from storage.database import Database
from storage.errors import KeyProblem, SealBroken
from storage.inbox import TakenIn
from storage.reports import NewReport
from storage.tables import Base, Inbox, Order, Person, Report, Staff
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_person, add_staff
from tests.storage.school import MENTOR, POLICY, PUPIL
from tests.storage.test_retention import TERMS

CANARY: Final = "kanarie"
CODE: Final = "link"
FIELDS: Final = ("what", "app", "when", "who")
DAY: Final = timedelta(days=1)


def canary(place: str) -> str:
    """Return a word that stands nowhere else; odd letters too."""
    return f"{CANARY}-{place} 🐤 é <b>"


def fill(session: Session, now: datetime) -> dict[str, str]:
    """Put a canary in every sealed column, by the operations that the bot uses."""
    h3b = add_class(session, "H3b")
    add_staff(session, "AAA", ("mentor", h3b), telegram_id=MENTOR)
    add_person(session, PUPIL, canary("people.name_sealed"), h3b)
    member = session.get_one(Staff, "id-AAA")
    vault: Vault = session.info["vault"]
    member.name_sealed = vault.seal(canary("staff.name_sealed"), "staff.name_sealed:id-AAA")
    words: dict[str, Any] = {field: canary(f"reports.{field}_sealed") for field in FIELDS}
    new = NewReport(class_id=h3b, rule="2", **words)
    sent = school.send(session, now, new=new)
    casework.reply(session, MENTOR, sent.id, canary("messages.body_sealed"), now)
    followup.add(session, PUPIL, sent.id, canary("messages.body_sealed"), POLICY, now)
    overview.export(session, sent.number, canary("exports.reason_sealed"), now)
    drafts.save(
        session, PUPIL, "report", "what", {"what": canary("drafts.data_sealed")}, now, version=None
    )
    payload = {"text": canary("inbox.payload_sealed")}
    inbox.take_in(session, [TakenIn(7, PUPIL, payload)], now)
    kept.keep(session, canary("kept_questions.text_sealed"), "nl", None, now)
    codes = {"class": classes.new_code(session, h3b, now + DAY, now)}
    codes["staff"] = access.invite(session, "id-AAA", now)
    attempts.failed(session, PUPIL, now)
    return codes


def values(session: Session) -> dict[str, bytes]:
    """Return every sealed value by its place ("table.column:row")."""
    found: dict[str, bytes] = {}
    for column in rekey.sealed_columns():
        (key,) = column.table.primary_key.columns
        for row, sealed in session.execute(select(key, column).where(column.is_not(None))):
            found[f"{column.table.name}.{column.name}:{row}"] = sealed
    return found


def dump(session: Session) -> str:
    """Return every value of every column as it stands in the database; bytes as letters too."""
    rows: list[str] = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            rows += [
                each.decode("utf-8", "replace") if isinstance(each, bytes) else repr(each)
                for each in row
            ]
    return "\n".join(rows)


def files(db: Database) -> bytes:
    """Return all bytes of an SQLite database: file and write-ahead log."""
    path = Path(db.url.database or "")
    parts = [path, path.with_name(f"{path.name}-wal")]
    return b"".join(part.read_bytes() for part in parts if part.exists())


def secrets_of(codes: dict[str, str]) -> Iterator[bytes]:
    """Return what may stand nowhere: canaries, also as JSON or UTF-16, link codes and the key."""
    yield from (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.upper().encode())
    yield from (code.encode() for code in codes.values())
    yield bytes(range(32))


async def test_words_stand_only_in_sealed_columns(run: Run, now: datetime, vault: Vault) -> None:
    """Every sealed column holds its canary when opened, and no column holds one that is not."""
    codes = await run(fill, now)
    sealed = await run(values)
    opened = {place: vault.open(value, place) for place, value in sealed.items()}
    columns = {f"{c.table.name}.{c.name}" for c in rekey.sealed_columns()}
    assert {place.split(":")[0] for place in opened} == columns
    for place, text in opened.items():
        expected = canary(place.split(":")[0])
        assert expected in (
            text if text.startswith(CANARY) else json.dumps(json.loads(text), ensure_ascii=False)
        )
    shown = await run(dump)
    assert CANARY not in shown.lower()
    assert all(code not in shown for code in codes.values())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_word_in_any_byte_of_the_files(db: Database, run: Run, now: datetime) -> None:
    """Neither file nor write-ahead log holds a word, a code or the key; nor after a VACUUM."""
    codes = await run(fill, now)
    for word in secrets_of(codes):
        assert word not in files(db)
    connection = sqlite3.connect(db.url.database or "")
    connection.execute("VACUUM")
    connection.close()
    for word in secrets_of(codes):
        assert word not in files(db)


def _close(session: Session, now: datetime) -> None:
    report = session.scalars(select(Report)).one()
    casework.close(session, MENTOR, report.id, canary("messages.body_sealed"), now)


def _settle(session: Session, now: datetime) -> None:
    session.execute(update(Order).values(done_at=now, outcome="sent"))


def _traces(data: bytes, sealed: dict[str, bytes]) -> list[str]:
    """Return the places of which a piece of ciphertext is left; 12 bytes are no chance."""
    return [
        place
        for place, value in sealed.items()
        if any(value[i : i + 12] in data for i in range(4, len(value) - 12, 12))
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_forgotten_is_in_no_byte(db: Database, run: Run, now: datetime) -> None:
    """After /vergeetmij not even the sealed values are in file, log or free pages, at once."""
    await run(fill, now)
    await run(_close, now)
    await run(_settle, now)
    sealed = await run(values)
    assert _traces(files(db), sealed) == list(sealed)
    await run(privacy.forget, PUPIL, now)
    gone = {
        p: v
        for p, v in sealed.items()
        if p.split(".")[0] in {"people", "drafts", "reports", "messages"}
    }
    assert _traces(files(db), gone) == []
    await run(_settle, now)
    assert await run(privacy.finish_forgetting, now) == 1
    assert _traces(files(db), gone | {p: v for p, v in sealed.items() if "exports" in p}) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_purged_is_in_no_byte(db: Database, run: Run, now: datetime) -> None:
    """When all terms are over, no sealed value but the names of staff and pupil is left."""
    await run(fill, now)
    await run(_close, now)
    await run(_settle, now)
    for _ in range(3):
        await run(inbox.failed, 7, now)
    sealed = await run(values)
    end = now + TERMS.closed + 40 * DAY
    await run(retention.announce, TERMS, end - 8 * DAY)
    await run(_settle, end - 8 * DAY)
    (report_id,) = await run(retention.purgeable, TERMS, end)
    assert await run(retention.purge_report, report_id, TERMS, end)
    await run(retention.purge_rest, TERMS, end)
    left = _traces(files(db), sealed)
    assert {place.split(":")[0] for place in left} <= {"staff.name_sealed", "people.name_sealed"}
    await run(retention.purge_rest, TERMS, end + 800 * DAY)
    assert _traces(files(db), sealed) == ["staff.name_sealed:id-AAA"]


async def test_a_value_fits_no_other_place(run: Run, now: datetime, vault: Vault) -> None:
    """Each sealed value opens in its own row and column, and in no other one."""
    await run(fill, now)
    sealed = await run(values)
    for place, value in sealed.items():
        for other in sealed:
            if other != place:
                with pytest.raises(SealBroken):
                    vault.open(value, other)


def test_a_value_cut_off_anywhere_fails_loudly(vault: Vault) -> None:
    """Also within the key's id, and within the nonce."""
    sealed = vault.seal(canary("x"), "t.c:1")
    for end in range(len(sealed)):
        with pytest.raises((SealBroken, KeyProblem)):
            vault.open(sealed[:end], "t.c:1")


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_damaged_value_fails_loudly(data: st.DataObject) -> None:
    """Whatever is cut off, flipped or added: one of two errors, without a word of the content."""
    vault = Vault([bytes(range(32))])
    sealed = bytearray(vault.seal(canary("x"), "t.c:1"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    damaged = data.draw(
        st.one_of(
            st.just(bytes(sealed[:place])),
            st.integers(1, 255).map(
                lambda bit: bytes([*sealed[:place], sealed[place] ^ bit, *sealed[place + 1 :]])
            ),
            st.binary(min_size=1).map(lambda more: bytes(sealed) + more),
        )
    )
    with pytest.raises((SealBroken, KeyProblem)) as caught:
        vault.open(damaged, "t.c:1")
    assert CANARY not in f"{caught.value!r}{caught.value}{caught.value.__context__!r}"


def _put(session: Session, update_id: int, payload: bytes) -> None:
    session.get_one(Inbox, update_id).payload_sealed = payload


async def test_a_bad_payload_stops_nobody(run: Run, now: datetime) -> None:
    """Cut-off payloads are set aside; one of another key waits for it; the rest is handled."""
    await run(inbox.take_in, [TakenIn(n, PUPIL, {"n": n}) for n in range(1, 6)], now)
    other = Vault([b"x" * 32]).seal("{}", "inbox.payload_sealed:2")
    for update_id, payload in {
        1: b"",
        2: other,
        4: (await run(values))["inbox.payload_sealed:4"][:9],
    }.items():
        await run(_put, update_id, payload)
    assert [each.update_id for each in await run(inbox.pending)] == [3, 5]
    assert await run(inbox.set_aside) == 1


def _bad_sql(session: Session) -> None:
    session.execute(update(Person).values(telegram_id=None, name_sealed=canary("sql").encode()))


def _twice(session: Session) -> None:
    for _ in range(2):
        add_person(session, 5, canary("twice"))


async def test_errors_of_the_database_hold_no_values(run: Run, now: datetime) -> None:
    """An error of SQLAlchemy names neither the values it was given nor what is in the row."""
    await run(add_person, 4, canary("row"))
    for operation in (_bad_sql, _twice):
        with pytest.raises(SQLAlchemyError) as caught:
            await run(operation)
        chain: list[Any] = [caught.value, caught.value.__cause__, caught.value.__context__]
        assert CANARY not in " ".join(f"{each!r} {each}" for each in chain)


def test_views_and_keys_show_nothing() -> None:
    """The repr of vault, database and an update is bare."""
    vault = Vault([bytes(range(32))])
    assert repr(vault) == "Vault(1 keys)"
    assert CANARY not in repr(TakenIn(1, 2, {"text": canary("x")}))
    assert not people.PersonView.__dataclass_fields__["name"].repr
