"""Kept questions are sealed, grouped, and go after their term."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import kept
from storage.tables import KeptQuestion
from tests.storage.conftest import Run


def _rows(session: Session) -> list[bytes]:
    return list(session.scalars(select(KeptQuestion.text_sealed)))


async def test_the_same_question_counts_together(run: Run, now: datetime) -> None:
    """Spelling differences make one group; the most frequent comes first."""
    await run(kept.keep, "mag ik vapen filmen", "nl", None, now)
    await run(kept.keep, "Mag ik een foto posten?", "nl", None, now)
    later = now + timedelta(days=1)
    await run(kept.keep, "mag ik een fóto posten", "nl", "photo-class", later)
    first, second = await run(kept.grouped)
    assert (first.text, first.count) == ("mag ik een fóto posten", 2)
    assert (first.situation, first.last_at) == ("photo-class", later)
    assert second.count == 1
    assert "foto" not in repr(first)
    assert not any(b"foto" in sealed for sealed in await run(_rows))


async def test_a_repeated_update_keeps_once(run: Run, now: datetime) -> None:
    """A second tap on the button adds nothing."""
    assert await run(kept.keep, "??", "nl", None, now, 7)
    assert not await run(kept.keep, "??", "nl", None, now, 7)
    assert [group.count for group in await run(kept.grouped)] == [1]


async def test_old_questions_go(run: Run, now: datetime) -> None:
    """After the term nothing is left."""
    await run(kept.keep, "oud", "nl", None, now - timedelta(days=31))
    await run(kept.keep, "nieuw", "nl", None, now)
    assert await run(kept.forget_before, now - timedelta(days=30)) == 1
    assert [group.text for group in await run(kept.grouped)] == ["nieuw"]
