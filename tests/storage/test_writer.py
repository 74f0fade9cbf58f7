"""SQLite's writer answers everybody, whatever comes after their commit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from storage.database import sqlite_engine
from storage.writer import REMOVED, Writer

PATIENCE = 30.0


@pytest.fixture
async def writer(tmp_path: Path) -> Any:
    engine = sqlite_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE words (word TEXT)"))
    made = Writer(engine, dict, 1.0)
    yield made
    await made.close()


def remove(session: Session, word: str) -> str:
    session.execute(text("INSERT INTO words VALUES (:word)"), {"word": word})
    session.info[REMOVED] = True
    return word


async def at_once(writer: Writer, operations: int) -> list[Any]:
    """Hand over operations while the writer is held up, so that they share a turn."""
    gate = threading.Event()
    writer.thread.submit(gate.wait)
    done = [asyncio.create_task(writer.run(remove, (str(n),), {})) for n in range(operations)]
    await asyncio.sleep(0)
    gate.set()
    together = asyncio.gather(*done, return_exceptions=True)
    return list(await asyncio.wait_for(together, PATIENCE))


def remove_all(session: Session) -> None:
    session.execute(text("DELETE FROM words"))
    session.info[REMOVED] = True


def count(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM words")) or 0)


@pytest.mark.parametrize("together", [1, 3])
async def test_a_log_that_cannot_be_emptied_is_nobodys_failure(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """What is committed is told as done, alone or together; the log is emptied later."""
    empty, tried = writer._empty_log, []

    def full() -> bool:
        tried.append(True)
        if len(tried) == 1:
            raise OSError("disk full")
        return empty()

    monkeypatch.setattr(writer, "_empty_log", full)
    monkeypatch.setattr("storage.writer.LOG_AGAIN_SECONDS", 0.0)
    with capture_logs() as lines:
        found = await at_once(writer, together)
    assert found == [str(n) for n in range(together)]
    assert [line["error"] for line in lines] == ["OSError"]
    assert await writer.run(count, (), {}) == together
    assert await writer.run(count, (), {}) == together
    assert len(tried) == 2


async def test_nobody_waits_for_ever(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the writer's turn, who waits hears that it failed."""

    def broken(_: Any) -> bool:
        raise MemoryError

    monkeypatch.setattr(writer, "_drain", broken)
    found = await at_once(writer, 2)
    assert all(isinstance(each, Exception) for each in found)


async def test_a_reader_puts_the_emptying_of_the_log_off(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a backup reads, what is gone stays in the log, and goes when the reader is done."""
    await writer.run(remove, ("CANARYWORDS",), {})
    reader = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM words").fetchall()
    await writer.run(remove_all, (), {})
    log = tmp_path / "a.db-wal"
    assert b"CANARYWORDS" in (tmp_path / "a.db").read_bytes() + log.read_bytes()
    reader.close()
    await writer.run(count, (), {})
    assert log.stat().st_size, "tried again only after a while"
    monkeypatch.setattr(writer, "_empty_from", 0.0)
    await writer.run(count, (), {})
    assert b"CANARYWORDS" not in (tmp_path / "a.db").read_bytes() + log.read_bytes()


async def test_after_closing_everybody_hears_so(writer: Writer) -> None:
    """Not only the first who still asks."""
    await writer.close()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(writer.run(count, (), {}), PATIENCE)
