"""A second opinion on when terms end, from the pack's hours and holidays alone; what it saw."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from content.models import School

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class Term:
    """What the test knows of one report. ``kind`` None: no term runs."""

    kind: str | None = "seen"
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    owner: str | None = None
    handed: bool = False
    seen_events: int = 0
    over: bool = False
    escalations: int = 0


@dataclass
class Checks:
    """What was looked at; a simulation that looked at nothing proves nothing."""

    early: int = 0
    missed: int = 0
    over_holidays: int = 0
    over_changes: int = 0
    again: int = 0
    urgent_by_night: int = 0
    after_outage: int = 0
    crashes: int = 0
    quiet: int = 0
    left_in_peace: int = 0
    sent: int = 0
    accused: int = 0


class Terms:
    """When terms end, counted from the pack's hours day by day: nothing of the bot's own clock."""

    def __init__(self, school: School, first: date, days: int) -> None:
        zone = ZoneInfo(school.timezone)
        closed = set(holidays.country_holidays("NL", years=(first.year, first.year + 1)))
        self.zone, self.spans = zone, list[tuple[datetime, datetime]]()
        for number in range(days):
            day = first + timedelta(days=number)
            hours = school.school_hours.get(DAYS[day.weekday()])
            free = any(one.first <= day <= one.last for one in school.holidays)
            if hours and not free and day not in closed:
                ends = (datetime.combine(day, t, zone) for t in (hours.start, hours.end))
                start, end = (each.astimezone(UTC) for each in ends)
                self.spans.append((start, end))

    def passed(self, kind: str, start: datetime, now: datetime, *, urgent: bool) -> bool:
        """Tell whether a term that began at ``start`` has passed."""
        if urgent:
            return now - start >= timedelta(minutes=15)
        if kind == "seen":
            open_for = sum((max(min(now, b) - max(start, a), timedelta(0)) for a, b in self.spans),
                           timedelta(0))  # fmt: skip
            return open_for >= timedelta(hours=8)
        first = start.astimezone(self.zone).date()
        closings = [b for a, b in self.spans if a.astimezone(self.zone).date() > first and b <= now]
        return len(closings) >= 3

    def free_days(self, start: datetime, end: datetime) -> int:
        """Return on how many weekdays between two moments the school was closed."""
        days = (start.astimezone(self.zone).date() + timedelta(days=n) for n in range(1, 99))
        opened = {a.astimezone(self.zone).date() for a, _ in self.spans}
        last = end.astimezone(self.zone).date()
        return sum(day < last and day.weekday() < 5 and day not in opened for day in days)


def changes_of_clock(zone: ZoneInfo, first: datetime, days: int) -> int:
    """Return how often the school's clock is changed in these days."""
    offsets = [(first + timedelta(days=n)).astimezone(zone).utcoffset() for n in range(days)]
    return sum(a != b for a, b in pairwise(offsets))


def holidays_in(terms: Terms, first: datetime, days: int) -> int:
    """Return on how many weekdays the school is closed."""
    starts = [a for a, _ in terms.spans]
    opened = bisect_right(starts, first + timedelta(days=days)) - bisect_right(starts, first)
    weekdays = sum((first + timedelta(days=n)).weekday() < 5 for n in range(days))
    return weekdays - opened
