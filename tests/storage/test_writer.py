"""SQLite's writer answers everybody, whatever comes after their commit."""

from __future__ import annotations

import asyncio
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


def count(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM words")) or 0)


@pytest.mark.parametrize("together", [1, 3])
async def test_a_log_that_cannot_be_emptied_is_nobodys_failure(
    writer: Writer, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    """What is committed is told as done, alone or together; the log is emptied at the next turn."""
    empty, tried = writer._empty_log, []

    def full() -> None:
        tried.append(True)
        if len(tried) == 1:
            raise OSError("disk full")
        empty()

    monkeypatch.setattr(writer, "_empty_log", full)
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
