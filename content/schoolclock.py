"""The school's clock: when it is open, when lessons are, and how terms run over its hours.

Moments are aware datetimes; what is returned is in UTC. Days and opening hours are the school's
own (``School.timezone``). Spans are measured in UTC, so that a day on which the clock is changed
is as long as it really is. Closed: weekends and days without hours in the pack, the pack's
holidays, and Dutch public holidays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from content.errors import ContentError
from content.models import DayPart, Holiday, School
from content.publicholidays import public_holidays

DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY_NAMES: tuple[DayName, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FARTHEST_DAYS = 400
Span = tuple[datetime, datetime]


class SchoolClock:
    """Answers questions about the school's time. Stateless: the moment is always passed in."""

    def __init__(self, school: School) -> None:
        self._school = school
        self._zone = ZoneInfo(school.timezone)

    def local(self, moment: datetime) -> datetime:
        """The moment as the school's clocks show it. Raises ValueError when it is naive."""
        return _aware(moment).astimezone(self._zone)

    def holiday(self, day: date) -> Holiday | None:
        """The pack's holiday that ``day`` falls in."""
        found = (one for one in self._school.holidays if one.first <= day <= one.last)
        return next(found, None)

    def is_school_day(self, day: date) -> bool:
        """Whether the school is open at all on ``day``."""
        return DAY_NAMES[day.weekday()] in self._school.school_hours and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Whether ``day`` falls in a school holiday or is a public one; weekends alone do not."""
        return self.holiday(day) is not None or day in public_holidays(day.year)

    def closing(self, day: date) -> datetime | None:
        """When the school closes on ``day``; None when it does not open."""
        opening = self._opening(day)
        return None if opening is None else opening[1]

    def at(self, day: date, clock: time) -> datetime:
        """The moment at which the school's clocks show ``clock`` on ``day``."""
        return self._at(day, clock)

    def is_school_hour(self, moment: datetime) -> bool:
        """Whether the school is open."""
        local = self.local(moment)
        part = self._opening(local.date())
        return part is not None and part[0] <= local.astimezone(UTC) < part[1]

    def is_lesson_hour(self, moment: datetime) -> bool:
        """Whether a lesson runs: every school hour where the pack does not know the lessons."""
        return any(start <= moment < end for start, end in self._lessons(self.local(moment).date()))

    def next_opening(self, moment: datetime) -> datetime:
        """The first school hour from ``moment`` on: ``moment`` itself while the school is open.

        Raises ContentError when the school does not open within 400 days.
        """
        return next(self._openings(moment))[0]

    def next_break(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on that is neither in a lesson nor in the night."""
        at = _aware(moment).astimezone(UTC)
        for _ in range(FARTHEST_DAYS):
            later = self.quiet_hours(at) or self._lesson_end(at)
            if later is None:
                return at
            at = later
        raise ContentError("the lesson hours and the night of the pack leave no break")

    def next_free(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on outside lessons, nights and holidays.

        Raises ContentError when there is none within 400 days.
        """
        at = self.next_break(moment)
        for _ in range(FARTHEST_DAYS):
            day = self.local(at).date()
            if not self.is_holiday(day):
                return at
            at = self.next_break(self._at(day + timedelta(days=1), time(0)))
        raise ContentError("the pack knows only holidays")

    def following_break(self, moment: datetime) -> datetime:
        """The end of the lessons that run at ``moment``, or of the next ones where none do.

        Never in the night or a holiday.
        """
        if not self.is_lesson_hour(moment):
            begin = self.next_opening(moment)
            day = self.local(begin).date()
            starts = [start for start, _ in self._lessons(day) if start >= begin]
            moment = min(starts, default=begin)
        return self.next_free(moment)

    def add_school_hours(self, start: datetime, hours: float) -> datetime:
        """``start`` plus so many hours of opening time.

        Raises ContentError when the school is not open for so long within 400 days.
        """
        left = timedelta(hours=hours)
        for opens, closes in self._openings(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise ContentError(f"the school is not open for {hours} hours within a year")

    def add_school_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the ``days``-th school day after the day of ``start``."""
        after = self.local(start).date()
        spans = (span for span in self._openings(start) if self.local(span[0]).date() > after)
        for number, (_, closes) in enumerate(spans, start=1):
            if number >= days:
                return closes
        raise ContentError(f"the school is not open for {days} days within a year")

    def is_quiet(self, moment: datetime) -> bool:
        """Whether it is night: only what is urgent goes out then."""
        return self.quiet_hours(moment) is not None

    def quiet_hours(self, moment: datetime) -> datetime | None:
        """The end of the night that ``moment`` falls in; None by day."""
        local, night = self.local(moment), self._school.night
        if night.start <= night.end:
            inside, tonight = night.start <= local.time() < night.end, False
        else:
            tonight = local.time() >= night.start
            inside = tonight or local.time() < night.end
        if not inside:
            return None
        return self._at(local.date() + timedelta(days=int(tonight)), night.end)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self._zone).astimezone(UTC)

    def _opening(self, day: date) -> Span | None:
        if not self.is_school_day(day):
            return None
        return self._span(day, self._school.school_hours[_name(day)])

    def _span(self, day: date, part: DayPart) -> Span:
        return self._at(day, part.start), self._at(day, part.end)

    def _lessons(self, day: date) -> list[Span]:
        opening = self._opening(day)
        if opening is None:
            return []
        known: Iterable[DayPart] = self._school.lesson_hours.get(_name(day), ())
        return [self._span(day, part) for part in known] or [opening]

    def _lesson_end(self, moment: datetime) -> datetime | None:
        lessons = self._lessons(self.local(moment).date())
        return next((end for start, end in lessons if start <= moment < end), None)

    def _openings(self, moment: datetime) -> Iterator[Span]:
        """Spans of opening time from ``moment`` on; the first may have begun already."""
        start = _aware(moment).astimezone(UTC)
        first = self.local(moment).date()
        for ahead in range(FARTHEST_DAYS):
            span = self._opening(first + timedelta(days=ahead))
            if span is not None and span[1] > start:
                yield max(start, span[0]), span[1]
        raise ContentError(f"the school does not open within {FARTHEST_DAYS} days")


def _name(day: date) -> DayName:
    return DAY_NAMES[day.weekday()]


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment
