"""When a reminder that a pupil asked for may come: after school, in the evening, in the weekend.

Never in lesson hours, at night or in holidays.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from content.errors import ContentError
from content.schoolclock import FARTHEST_DAYS, SchoolClock

Part = Literal["school", "evening", "weekend"]
PARTS: Final[tuple[Part, ...]] = ("school", "evening", "weekend")
AFTER_SCHOOL: Final = timedelta(minutes=15)
EVENING: Final = time(19, 30)
WEEKEND: Final = time(11, 0)
SATURDAY: Final = 5


def next_slot(clock: SchoolClock, part: Part, after: datetime) -> datetime:
    """The first moment of ``part`` after ``after``, in UTC.

    Raises ContentError when the pack leaves none within 400 days.
    """
    first = clock.local(after).date()
    for ahead in range(FARTHEST_DAYS):
        slot = _slot(clock, part, first + timedelta(days=ahead))
        if slot is not None and slot > after and may_disturb(clock, slot):
            return slot
    raise ContentError(f"the pack leaves no moment for {part}")


def may_disturb(clock: SchoolClock, moment: datetime) -> bool:
    """Whether something that pupils did not ask for just now may reach them."""
    return clock.next_free(moment) <= moment


def _slot(clock: SchoolClock, part: Part, day: date) -> datetime | None:
    if part == "school":
        closing = clock.closing(day)
        return None if closing is None else closing + AFTER_SCHOOL
    if part == "weekend":
        return clock.at(day, WEEKEND) if day.weekday() == SATURDAY else None
    return clock.at(day, EVENING)
