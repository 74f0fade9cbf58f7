"""What each person knows of each rule, and what a class knows together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import Progress

FEWEST: Final = 5
"""Class results are shown from this number of participants on."""

State = dict[str, Any]


class Learning(Protocol):
    """The scheduler and the pack, as this room needs them."""

    def rule_of(self, item: str) -> str | None:
        """Return the rule of a quiz item; None when the pack does not have it any more."""
        ...

    def review(self, state: State | None, right: bool, now: datetime) -> tuple[State, date]:
        """Return the new state of a rule (what JSON can hold) and the day it is due again."""
        ...


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What one person knows of one rule."""

    rule: str
    state: State
    asked: int
    right: int
    last_item: str | None
    due_on: date | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a class did on one rule, without names."""

    rule: str
    participants: int
    asked: int
    right: int


def of_person(session: Session, person_id: str) -> dict[str, ProgressView]:
    """Return what a person knows, by rule; only rules that were asked."""
    rows = session.scalars(select(Progress).where(Progress.person_id == person_id))
    return {
        row.rule: ProgressView(
            row.rule, row.state, row.asked, row.right, row.last_item, row.due_on, row.updated_at
        )
        for row in rows
    }


def learn(
    session: Session, person_id: str, item: str, right: bool, now: datetime, learning: Learning
) -> None:
    """Count one answer and let the scheduler say when the rule is due again."""
    rule = learning.rule_of(item)
    if rule is None:
        return
    key = (person_id, rule)
    row = session.get(Progress, key, with_for_update=True, populate_existing=True)
    state, due_on = learning.review(None if row is None else dict(row.state), right, now)
    if row is None:
        row = Progress(person_id=person_id, rule=rule, state=state, asked=0, right=0)
        session.add(row)
    row.state, row.due_on, row.last_item, row.updated_at = state, due_on, item, now
    row.asked += 1
    row.right += right
    session.flush()
