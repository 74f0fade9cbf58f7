"""Reminders that a pupil asks for, and stops with one tap."""

from __future__ import annotations

from typing import Final

from bot.screen import Button, Screen, Speech
from content.moments import PARTS

LABELS: Final = {
    "school": "remind.part.school",
    "evening": "remind.part.evening",
    "weekend": "remind.part.weekend",
}


def ask(say: Speech, part: str | None) -> Screen:
    """Ask when; ``part``: what was chosen before."""
    rows = tuple((say.button(LABELS[each], f"quizremind:{each}"),) for each in PARTS)
    return Screen(say("remind.ask"), rows if part is None else (*rows, (stop(say),)))


def chosen(say: Speech, part: str) -> Screen:
    """Confirm the time."""
    text = say("remind.now", part=say.label(LABELS[part]))
    return Screen(text, ((stop(say),),))


def stopped(say: Speech) -> Screen:
    """Confirm that no more reminders come."""
    return Screen(say("remind.stopped"))


def message(say: Speech) -> Screen:
    """The reminder itself: nothing on a lock screen that is anybody's business."""
    return Screen(say("remind.message"), ((say.button("start.button.quiz", "quiz"),), (stop(say),)))


def stop(say: Speech) -> Button:
    """Return the button that ends reminders with one tap."""
    return say.button("remind.stop", "quizremind:stop")
