"""A mentor's class, and a mentor's absence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.screen import Button, Html, Rows, Screen, Speech
from bot.views.paging import abreast, paged
from storage.classes import ClassView, PupilView
from storage.people import PersonView
from storage.staff import StaffView

YES: Final = "yes"
NAMED: Final = 50
"""Pupils by name on a card; with more it might not fit in one message."""


def choose(say: Speech, classes: Sequence[ClassView], page: int = 0) -> Screen:
    """Ask which of several classes is meant."""
    rows = tuple((Button(each.label, f"class:{each.id}:show"),) for each in classes)
    return Screen(say("class.choose"), paged(say, rows, page, lambda to: f"class:{to}"))


def card(say: Speech, school_class: ClassView, pupils: Sequence[PupilView]) -> Screen:
    """Show who is in a class, and what the mentor can do."""
    confirmed = sum(each.person.confirmed_at is not None for each in pupils)
    lines = [_line(say, each) for each in pupils[:NAMED]] or [say("class.empty")]
    if len(pupils) > NAMED:
        lines.append(say("class.more", count=len(pupils) - NAMED))
    text = say(
        "class.card",
        label=school_class.label,
        confirmed=confirmed,
        waiting=len(pupils) - confirmed,
        lines=Html("\n".join(lines)),
    )
    return Screen(
        text,
        (
            (say.button("class.button.confirm", f"class:{school_class.id}:confirm"),),
            (
                say.button("class.button.remove", f"class:{school_class.id}:remove"),
                say.button("class.button.qr", f"class:{school_class.id}:qr"),
            ),
            (say.button("classquiz.button", f"cq:{school_class.id}:open"),),
        ),
        protect=True,
    )


def flag(say: Speech, pupil: PupilView) -> str:
    """Return the warning that an account bears the name of a confirmed classmate."""
    return say.after("class.flag_second") if pupil.second_account else ""


def code_prompt(say: Speech) -> Screen:
    """Ask for the four digits that the pupil shows."""
    return Screen(say("class.code_prompt"), ((say.button("button.cancel", "digits:stop"),),))


def remove(
    say: Speech, school_class: ClassView, pupils: Sequence[PupilView], page: int = 0
) -> Screen:
    """Ask whom to take out of the class."""
    rows: Rows = tuple(
        (Button(each.person.name or "-", f"out:{each.person.id}"),) for each in pupils
    )
    rows = paged(say, rows, page, lambda to: f"class:{school_class.id}:remove:{to}")
    return Screen(say("class.remove_who", label=school_class.label), rows, protect=True)


def remove_sure(say: Speech, school_class: ClassView, pupil: PersonView) -> Screen:
    """Ask whether this pupil is to be taken out."""
    text = say("class.remove_sure", name=pupil.name or "-", label=school_class.label)
    yes = say.button("report.yes", f"out:{pupil.id}:{YES}")
    cancel = say.button("button.cancel", f"class:{school_class.id}:show")
    return Screen(text, ((yes, cancel),), protect=True)


def renew(say: Speech, school_class: ClassView) -> Screen:
    """Ask whether the old QR code may stop working."""
    return Screen(
        say("class.qr_sure"),
        (
            (
                say.button("report.yes", f"class:{school_class.id}:renew"),
                say.button("button.cancel", f"class:{school_class.id}:show"),
            ),
        ),
    )


def absence(say: Speech, member: StaffView, until: str | None, who: str | None) -> Screen:
    """Ask until when somebody is away, or show it."""
    back = (say.button("absent.end", "away:end"),)
    if until is not None:
        named = say.after("absent.who", name=who) if who else ""
        return Screen(say("absent.now", until=until, who=named), (back,))
    rows = tuple(
        (say.button(f"absent.until.{span}", f"away:until:{span}"),)
        for span in ("day", "week", "month")
    )
    return Screen(say("absent.card"), rows)


def stand_ins(
    say: Speech, span: str, colleagues: Sequence[StaffView], key: str, page: int = 0
) -> Screen:
    """Ask who stands in."""
    buttons = [Button(each.name, f"away:{span}:{each.id}") for each in colleagues]
    rows = paged(say, abreast(buttons, 2), page, lambda to: f"away:{span}:{to}")
    nobody = (say.button("absent.nobody", f"away:{span}:-"),)
    return Screen(say(key), (*rows, nobody))


def _line(say: Speech, pupil: PupilView) -> Html:
    mark = "✅" if pupil.person.confirmed_at else "⏳"
    return say("class.line", mark=mark, name=pupil.person.name or "-", flag=flag(say, pupil))
