"""What is kept in memory of a person, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.recent import PEOPLE_KEPT, Asked, Recent

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SAM, NOOR = 11, 12


def test_a_question_is_kept_for_five_minutes() -> None:
    """Five minutes and no longer."""
    recent, asked = Recent(), Asked("mag dit", "nl", NOW)
    recent.ask(SAM, asked)
    assert recent.last(SAM, NOW + timedelta(minutes=5)) == asked
    assert recent.last(SAM, NOW + timedelta(minutes=5, seconds=1)) is None
    assert recent.last(NOOR, NOW) is None


def test_the_language_of_buttons_below() -> None:
    """A choice of language changes the last question's; without one nothing happens."""
    recent = Recent()
    recent.answer_in(SAM, "en")
    recent.ask(SAM, Asked("mag dit", "nl", NOW))
    recent.answer_in(SAM, "en")
    last = recent.last(SAM, NOW)
    assert last is not None
    assert last.lang == "en"


def test_albums() -> None:
    """The first message of an album stays the first, whoever else sends one."""
    recent = Recent()
    assert recent.opens_album(SAM, "a", 1)
    assert not recent.opens_album(SAM, "a", 2)
    assert recent.opens_album(NOOR, "a", 3)
    assert recent.opens_album(SAM, "a", 1)
    assert recent.opens_album(SAM, "b", 4)


def test_being_forgotten() -> None:
    """Nothing of a person is left."""
    recent = Recent()
    recent.ask(SAM, Asked("mag dit", "nl", NOW))
    recent.speak(SAM, "en")
    recent.opens_album(SAM, "a", 1)
    recent.forget(SAM)
    recent.forget(NOOR)
    assert (recent.last(SAM, NOW), recent.lang(SAM)) == (None, None)
    assert recent.opens_album(SAM, "a", 2)


def test_memory_does_not_grow_for_ever() -> None:
    """Beyond a number of people the least recent one is dropped."""
    recent = Recent()
    for who in range(PEOPLE_KEPT + 1):
        recent.speak(who, "nl")
        if who == 1:
            recent.speak(0, "en")
    assert recent.lang(0) == "en"
    assert recent.lang(1) is None
