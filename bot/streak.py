"""A calm streak: by week, not by day, so that a missed day breaks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta


def weeks_in_a_row(days: Iterable[date], today: date) -> int:
    """Return how many weeks in a row hold one of ``days``, up to this week or the last one."""
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    week = today - timedelta(days=today.weekday())
    if week not in mondays:  # this week is not over yet
        week -= timedelta(days=7)
    count = 0
    while week in mondays:
        count += 1
        week -= timedelta(days=7)
    return count
