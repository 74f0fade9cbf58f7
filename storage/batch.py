"""One transaction for a batch of updates: what was handled goes, what is new comes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storage import drafts, inbox
from storage.inbox import TakenIn


@dataclass(frozen=True, slots=True)
class Exchanged:
    """``new``: the ids of updates that had not come before. ``busy``: who is in a dialogue."""

    new: tuple[int, ...]
    busy: frozenset[int]


def exchange(
    session: Session,
    handled: Sequence[int],
    batch: Sequence[TakenIn],
    people: Collection[int],
    now: datetime,
) -> Exchanged:
    """Remove the updates that were handled, store a batch, and look who of ``people`` is busy."""
    if handled:
        inbox.done(session, *handled)
    new = inbox.take_in(session, batch, now) if batch else ()
    return Exchanged(new, drafts.among(session, people) if people else frozenset())
