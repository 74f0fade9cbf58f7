"""The school's clock: hours, holidays, nights, and days on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from content.errors import ContentError
from content.models import DayPart, Holiday, Local, School
from content.pack import Pack
from content.schoolclock import SchoolClock

ZONE = ZoneInfo("Europe/Amsterdam")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def part(start: str, end: str) -> DayPart:
    """A span of hours."""
    return DayPart.model_validate({"start": start, "end": end})


@pytest.fixture
def school(pack: Pack) -> School:
    """Open on weekdays from 8:30 to 16:30, with a week off in October 2026."""
    off = Holiday(
        name=Local(nl="Herfst", en="Autumn"), first=date(2026, 10, 10), last=date(2026, 10, 18)
    )
    return pack.school.model_copy(
        update={
            "school_hours": dict.fromkeys(WEEKDAYS, part("08:30", "16:30")),
            "lesson_hours": {},
            "night": part("22:00", "07:00"),
            "holidays": (off,),
        }
    )


@pytest.fixture
def clock(school: School) -> SchoolClock:
    """The clock of that school."""
    return SchoolClock(school)


def at(text: str) -> datetime:
    """A moment on the school's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_school_hours(clock: SchoolClock) -> None:
    """Open from the first to before the last minute of a weekday, closed in weekends."""
    assert clock.is_school_hour(at("2026-11-30T08:30"))
    assert not clock.is_school_hour(at("2026-11-30T08:29"))
    assert not clock.is_school_hour(at("2026-11-30T16:30"))
    assert not clock.is_school_hour(at("2026-11-28T12:00"))


def test_closed_days(clock: SchoolClock) -> None:
    """The pack's holidays and Dutch public holidays are closed; Liberation Day 2026 is not."""
    assert not clock.is_school_day(date(2026, 10, 14))
    assert clock.holiday(date(2026, 10, 18)) is not None
    assert not clock.is_school_day(date(2026, 4, 27))
    assert not clock.is_school_day(date(2026, 5, 14))
    assert clock.is_school_day(date(2026, 10, 19))


def test_school_hours_skip_weekends(clock: SchoolClock) -> None:
    """Four hours from Friday afternoon end on Monday morning."""
    due = clock.add_school_hours(at("2026-11-27T14:30"), 4)
    assert due == at("2026-11-30T10:30")
    assert due.tzinfo is UTC


def test_school_hours_skip_holidays(clock: SchoolClock) -> None:
    """What begins in a holiday counts from when the school opens again."""
    assert clock.add_school_hours(at("2026-10-12T12:00"), 1) == at("2026-10-19T09:30")
    assert clock.next_opening(at("2026-10-12T12:00")) == at("2026-10-19T08:30")


def test_next_opening_while_open(clock: SchoolClock) -> None:
    """While the school is open the next opening is now."""
    now = at("2026-11-30T10:00")
    assert clock.next_opening(now) == now


def test_clock_change(school: School) -> None:
    """On the Sundays on which the clock is changed a span is as long as it really is."""
    sunday = school.model_copy(update={"school_hours": {"sun": part("01:00", "05:00")}})
    clock = SchoolClock(sunday)
    assert clock.add_school_hours(at("2026-03-29T00:00"), 3) == at("2026-03-29T05:00")
    assert clock.add_school_hours(at("2026-10-25T00:00"), 5) == at("2026-10-25T05:00")
    over_night = SchoolClock(school).add_school_hours(at("2026-03-27T16:00"), 1)
    assert over_night == at("2026-03-30T09:00")


def test_school_days(clock: SchoolClock) -> None:
    """Days are counted from the day after, up to closing time."""
    assert clock.add_school_days(at("2026-11-26T09:00"), 2) == at("2026-11-30T16:30")


def test_lessons_unknown(clock: SchoolClock) -> None:
    """Where lessons are not known each school hour counts as one; the break is after school."""
    assert clock.is_lesson_hour(at("2026-11-30T12:15"))
    assert clock.next_break(at("2026-11-30T12:15")) == at("2026-11-30T16:30")


def test_lessons_known(school: School) -> None:
    """With lesson hours there is a break between them."""
    lessons = {"mon": (part("08:30", "10:00"), part("10:20", "12:00"))}
    clock = SchoolClock(school.model_copy(update={"lesson_hours": lessons}))
    assert clock.next_break(at("2026-11-30T09:00")) == at("2026-11-30T10:00")
    assert not clock.is_lesson_hour(at("2026-11-30T10:10"))


def test_night(clock: SchoolClock) -> None:
    """The night wraps round midnight; its end is given in UTC."""
    assert clock.quiet_hours(at("2026-11-30T23:00")) == at("2026-12-01T07:00")
    assert clock.quiet_hours(at("2026-11-30T06:59")) == at("2026-11-30T07:00")
    assert not clock.is_quiet(at("2026-11-30T07:00"))
    assert not clock.is_quiet(at("2026-11-30T21:59"))
    assert clock.next_break(at("2026-11-30T23:00")) == at("2026-12-01T07:00")


def test_never_open(school: School) -> None:
    """A school that never opens is an error, not an endless search."""
    with pytest.raises(ContentError):
        SchoolClock(school.model_copy(update={"school_hours": {}})).next_opening(
            at("2026-11-30T10:00")
        )


def test_naive_moment(clock: SchoolClock) -> None:
    """A moment without a time zone is refused."""
    with pytest.raises(ValueError, match="time zone"):
        clock.is_school_hour(datetime(2026, 11, 30, 10, 0))


def test_terms_in_the_shipped_school(pack: Pack) -> None:
    """The shipped terms can be met within a few weeks from any day of the year."""
    clock, terms = SchoolClock(pack.school), pack.school.terms
    for day in range(0, 365, 7):
        start = datetime(2026, 9, 1, 12, tzinfo=UTC) + timedelta(days=day)
        assert clock.add_school_hours(start, terms.seen_school_hours) - start < timedelta(days=60)
