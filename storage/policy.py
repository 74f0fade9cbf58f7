"""What the school decides and this room is told: terms, limits, and whom to warn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

Step = Literal["seen", "answered"]


class Terms(Protocol):
    """The school's clock, as this room needs it. All times are aware UTC."""

    def ends(self, step: Step, *, urgent: bool, now: datetime) -> datetime:
        """Return when a term that starts now has passed."""
        ...

    def buzz_at(self, *, urgent: bool, now: datetime) -> datetime:
        """Return when a phone of staff may buzz: now, or when the night is over."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """The school's choices; ``admins`` are Telegram ids that are warned when nobody is left."""

    terms: Terms
    admins: tuple[int, ...] = ()
    per_hour: int = 3
    per_day: int = 5
    reopen_for: timedelta = timedelta(days=14)
