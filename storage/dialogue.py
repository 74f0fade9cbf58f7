"""One step of a dialogue, stored at most once per update."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from storage import claims, drafts
from storage.drafts import DraftView


def step(
    session: Session,
    draft: DraftView,
    step_name: str,
    data: dict[str, Any],
    *,
    update_id: int,
    now: datetime,
) -> DraftView | None:
    """Move ``draft`` on to ``step_name``, claiming the update in the same transaction.

    None when this update was taken before: a crash came between the step and its answer, so the
    caller shows where the dialogue is. Raises NotNow when the draft changed meanwhile.
    """
    if not claims.claim(session, update_id, now):
        return None
    return drafts.save(
        session, draft.telegram_id, draft.kind, step_name, data, now, version=draft.version
    )
