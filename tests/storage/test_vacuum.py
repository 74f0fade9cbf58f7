"""What PostgreSQL keeps of removed words, and for how long."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import privacy, rekey, vacuum
from storage.database import Database
from tests.storage.conftest import Run
from tests.storage.school import PUPIL
from tests.storage.test_raw_bytes import _close, _settle, _traces, fill, values

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def table_bytes(session: Session) -> bytes:
    """Return every byte of the tables with sealed columns, and of what stands beside them."""
    names = sorted({str(column.table.name) for column in rekey.sealed_columns()})
    query = text(
        "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c"
        " WHERE c.relname = ANY(:names) OR c.oid IN"
        " (SELECT reltoastrelid FROM pg_class WHERE relname = ANY(:names))"
    )
    session.execute(text("CHECKPOINT"))
    return b"".join(session.scalars(query, {"names": names}))


@ON_POSTGRESQL
async def test_what_was_forgotten_leaves_no_byte(db: Database, run: Run, now: datetime) -> None:
    """After /vergeetmij and the purge's vacuum no sealed value of it is in a table's file."""
    await run(fill, now)
    await run(_close, now)
    await run(_settle, now)
    sealed = await run(values)
    gone = {
        place: value
        for place, value in sealed.items()
        if place.split(".")[0] in {"people", "drafts", "reports", "messages"}
    }
    await run(privacy.forget, PUPIL, now)
    assert _traces(await run(table_bytes), gone) == list(gone)
    await vacuum.vacuum(db, anew=True)
    assert _traces(await run(table_bytes), gone) == []
    kept = {place: value for place, value in sealed.items() if "staff" in place}
    assert _traces(await run(table_bytes), kept) == list(kept)


@ON_POSTGRESQL
async def test_a_large_table_is_not_written_anew(
    db: Database, run: Run, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be locked for long: it gets a plain vacuum alone."""
    await run(fill, now)
    monkeypatch.setattr(vacuum, "SMALL_BYTES", 0)
    before = await run(_files)
    await vacuum.vacuum(db, anew=True)
    assert await run(_files) == before
    monkeypatch.undo()
    await vacuum.vacuum(db, anew=True)
    assert await run(_files) != before


def _files(session: Session) -> str:
    return str(session.scalar(text("SELECT pg_relation_filepath('reports')")))


@ON_POSTGRESQL
async def test_every_table_with_words_is_vacuumed_soon(run: Run) -> None:
    """The migration tells PostgreSQL so for each table that has a sealed column, and its TOAST."""

    def told(session: Session) -> set[str]:
        query = text(
            "SELECT c.relname FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid WHERE"
            " 'autovacuum_vacuum_scale_factor=0.01' = ANY(c.reloptions)"
            " AND 'autovacuum_vacuum_scale_factor=0.01' = ANY(t.reloptions)"
        )
        return set(session.scalars(query))

    assert await run(told) == {str(column.table.name) for column in rekey.sealed_columns()}


async def test_harmless_on_both(db: Database, run: Run, now: datetime) -> None:
    """On SQLite there is nothing to do; nothing is lost on either."""
    await run(fill, now)
    before = await run(values)
    await vacuum.vacuum(db, anew=True)
    assert await run(values) == before
