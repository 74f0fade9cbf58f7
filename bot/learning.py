"""The scheduler and the pack as the storage room's quiz needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from content import learning
from content.errors import UnknownIdError
from content.pack import Pack
from content.schoolclock import SchoolClock


@dataclass(frozen=True, slots=True)
class PackLearning:
    """Implements ``storage.progress.Learning``."""

    pack: Pack
    clock: SchoolClock

    def rule_of(self, item: str) -> str | None:
        """Return the rule of a quiz item; None when the pack does not have it any more."""
        try:
            return learning.rule_of(self.pack, self.pack.quiz_item(item))
        except UnknownIdError:
            return None

    def review(
        self, state: dict[str, Any] | None, right: bool, now: datetime
    ) -> tuple[dict[str, Any], date]:
        """Return the new state of a rule and the day it is due again."""
        new = learning.review(state, correct=right, now=now)
        due = datetime.fromisoformat(str(new["due"]))
        return new, self.clock.local(due).date()
