"""When the bot may come by itself: reminders at chosen times, breaks for the quiz of a class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.models import DayPart
from content.moments import PARTS, Part, may_disturb, next_slot
from content.pack import Pack
from content.schoolclock import SchoolClock
from tests.content.test_schoolclock import at

MOMENTS = st.datetimes(datetime(2026, 8, 1), datetime(2027, 6, 1), timezones=st.just(UTC))


@pytest.fixture(scope="module")
def clock(pack: Pack) -> SchoolClock:
    """The clock of the shipped pack: every school hour is a lesson."""
    return SchoolClock(pack.school)


@pytest.mark.parametrize(
    ("part", "after", "slot"),
    [
        ("school", "2026-11-24T10:00", "2026-11-24T16:45"),
        ("school", "2026-11-24T16:45", "2026-11-25T16:45"),
        ("school", "2026-11-27T18:00", "2026-11-30T16:45"),
        ("school", "2026-12-18T20:00", "2027-01-04T16:45"),
        ("evening", "2026-11-28T12:00", "2026-11-28T19:30"),
        ("evening", "2026-12-18T20:00", "2027-01-04T19:30"),
        ("weekend", "2026-11-24T10:00", "2026-11-28T11:00"),
        ("weekend", "2026-12-12T12:00", "2027-01-09T11:00"),
    ],
)
def test_slots(clock: SchoolClock, part: Part, after: str, slot: str) -> None:
    """After school, in the evening, on Saturday; holidays are passed over."""
    assert next_slot(clock, part, at(after)) == at(slot)


@given(MOMENTS, st.sampled_from(PARTS))
def test_no_slot_in_lessons_nights_or_holidays(pack: Pack, after: datetime, part: Part) -> None:
    """Whatever the time of the year, a slot is later than asked and disturbs nobody."""
    clock = SchoolClock(pack.school)
    slot = next_slot(clock, part, after)
    day = clock.local(slot).date()
    assert slot > after
    assert may_disturb(clock, slot)
    assert not clock.is_lesson_hour(slot)
    assert not clock.is_quiet(slot)
    assert not clock.is_holiday(day)


@given(MOMENTS)
def test_next_free_and_following_break(pack: Pack, moment: datetime) -> None:
    """Both are at or after the moment, outside lessons, nights and holidays."""
    clock = SchoolClock(pack.school)
    free, pause = clock.next_free(moment), clock.following_break(moment)
    assert moment <= free <= pause
    for each in (free, pause):
        assert may_disturb(clock, each)
        assert each - moment < timedelta(days=60)


def test_breaks_between_known_lessons(pack: Pack) -> None:
    """Where the pack knows the lessons, the break is the gap between them."""
    lessons = [("08:30", "10:10"), ("10:30", "12:10")]
    parts = tuple(DayPart.model_validate({"start": a, "end": b}) for a, b in lessons)
    clock = SchoolClock(pack.school.model_copy(update={"lesson_hours": {"tue": parts}}))
    assert clock.following_break(at("2026-11-24T09:00")) == at("2026-11-24T10:10")
    assert clock.following_break(at("2026-11-24T10:15")) == at("2026-11-24T12:10")
    assert clock.next_free(at("2026-11-24T10:15")) == at("2026-11-24T10:15")
