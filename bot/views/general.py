"""Start, help, language, stopping, and answers to what the bot does not take in."""

from __future__ import annotations

from typing import Final

from bot.commands import for_audience
from bot.screen import Html, Screen, Speech

NOT_WORDS: Final = {
    "sticker": "other.sticker",
    "dice": "other.sticker",
    "voice": "other.voice",
    "audio": "other.voice",
    "location": "other.location",
    "venue": "other.location",
    "contact": "other.contact",
}
"""What came in beside words, and the text that answers it; pictures start the post check."""

PICTURES: Final = frozenset(
    {"photo", "video", "animation", "document", "video_note", "story", "live_photo"}
)


def hello(say: Speech, *, busy: bool = False) -> Screen:
    """Welcome a person, with the main things to do as buttons; ``busy``: a dialogue is open."""
    text = say("start.hello", school=say.pack.school.name)
    return Screen(
        Html(text + "\n\n" + say("start.busy" if busy else "start.try")),
        (
            (say.button("start.button.ask", "help:ask"), say.button("start.button.check", "check")),
            (say.button("start.button.quiz", "quiz"), say.button("start.button.rules", "rules")),
            (say.button("start.button.report", "report:new"),),
        ),
    )


def hello_staff(say: Speech, name: str, *, busy: bool = False) -> Screen:
    """Welcome a member of staff: how reports come in, and the commands of their work."""
    text = say("start.hello_staff", name=name)
    if busy:
        text = Html(text + "\n\n" + say("start.busy"))
    return Screen(text, ((say.button("start.button.rules", "rules"),),))


def how_to_ask(say: Speech) -> Screen:
    """Explain how to ask, with an example."""
    return Screen(say("help.ask"))


def help_(say: Speech, *, staff: bool) -> Screen:
    """List everything this person can do."""
    lines = [
        say("help.command", command=c.name(say.lang), what=say(c.line(staff=staff)))
        for c in for_audience(staff=staff)
    ]
    return Screen(say("help.staff" if staff else "help.text", commands=Html("\n".join(lines))))


def choose_language(say: Speech) -> Screen:
    """Offer both languages."""
    return Screen(
        say("language.choose"),
        ((say.button("language.nl", "lang:nl"), say.button("language.en", "lang:en")),),
    )


def plain(say: Speech, key: str, **values: object) -> Screen:
    """Show one text without buttons."""
    return Screen(say(key, **values))


def not_words(say: Speech, kind: str) -> Screen:
    """Answer a sticker, voice message, location and the like."""
    return Screen(say(NOT_WORDS.get(kind, "other.unknown")))
