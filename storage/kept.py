"""Questions that pupils chose to keep for the content's sake; masked by the caller, sealed here.

Nothing says who asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.claims import claim
from storage.names import fold
from storage.sealing import seal, unseal
from storage.tables import KeptQuestion, new_id

TEXT: Final = "kept_questions.text_sealed"


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """One question, however often it was kept; spelling and situation are the latest."""

    text: str = field(repr=False)
    count: int
    situation: str | None
    """The nearest situation of the pack, when there was one."""
    lang: str
    last_at: datetime


def keep(
    session: Session,
    text: str,
    lang: str,
    situation: str | None,
    now: datetime,
    update_id: int | None = None,
) -> bool:
    """Keep a question, names in it already masked; False for an update that kept it before."""
    if not claim(session, update_id, now):
        return False
    row_id = new_id()
    session.add(
        KeptQuestion(
            id=row_id,
            text_sealed=seal(session, text, TEXT, row_id),
            situation=situation,
            lang=lang,
            at=now,
        )
    )
    return True


def grouped(session: Session) -> tuple[KeptGroup, ...]:
    """Return all kept questions, most frequent first; case, accents and signs do not count."""
    groups: dict[str, KeptGroup] = {}
    query = select(KeptQuestion).order_by(KeptQuestion.at, KeptQuestion.id)
    for row in session.scalars(query):
        text = unseal(session, row.text_sealed, TEXT, row.id)
        key = fold(text) or text
        count = groups[key].count + 1 if key in groups else 1
        groups[key] = KeptGroup(text, count, row.situation, row.lang, row.at)
    return tuple(sorted(groups.values(), key=lambda group: (-group.count, fold(group.text))))


def forget_before(session: Session, moment: datetime) -> int:
    """Remove what was kept before ``moment``; return how many."""
    gone = delete(KeptQuestion).where(KeptQuestion.at < moment).returning(KeptQuestion.id)
    return len(session.scalars(gone).all())
