"""The dialogue of a report: a question for each step, the preview, the receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.reporting import CHANGEABLE, SKIPPABLE, Data
from bot.screen import Button, Html, Rows, Screen, Speech, in_rows
from bot.views.paging import abreast, paged
from content.pack import OPENING
from storage.receivers import ReceiverView

WHEN: Final = ("today", "yesterday", "week", "longer")
PLACES: Final = ("school", "home")
FIRST_HELP: Final = "kindertelefoon"
IN_DANGER: Final = 3


@dataclass(frozen=True, slots=True)
class Receiving:
    """Whom a report would reach: names with roles, and who will not see it."""

    names: tuple[tuple[str, str], ...] = ()
    shut_out: tuple[str, ...] = ()
    when: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """What a step's question needs beside the draft."""

    version: int
    recognised: tuple[tuple[str, str], ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    was_in_class: bool = False
    """The class that this pupil was in is over."""
    page: int = 0
    """Of the classes."""


def question(say: Speech, step: str, view: StepView) -> Screen:
    """Ask what is to be answered at ``step``."""
    rows = _CHOICES.get(step, _none)(say, view)
    below = [say.button("button.stop", "draft:stop")]
    if step in SKIPPABLE:
        below.insert(0, _press(say, "button.skip", view, step, "skip"))
    text = say(f"report.ask.{step}") if step != "sexual" else _sexual(say)
    if step == "staff_name":
        below.insert(0, _press(say, "button.back", view, "staff", "again"))
    if step == "class" and view.was_in_class:
        text = say("report.ask.class_anew")
    if step == "staff" and view.recognised:
        names = ", ".join(name for _, name in view.recognised)
        text = say("report.ask.staff_found", names=names)
    return Screen(text, (*rows, tuple(below)), protect=True)


def intro(say: Speech) -> Screen:
    """Say before the first word how a report goes, and who listens without a name."""
    return Screen(say("report.intro", line=helper(say)), protect=True)


def helper(say: Speech) -> str:
    """Name the help line that listens to anybody of this age."""
    lines = say.pack.crisis.help_lines
    line = next((each for each in lines if FIRST_HELP in each.id), lines[0])
    return f"{line.name} ({line.contact.in_(say.lang)})"


def card(say: Speech, data: Data, *, name: str, class_label: str | None, confirmed: bool) -> Html:
    """Show the report as the mentor will read it."""

    def value(key: str) -> object:
        return data.get(key) or say("report.card.skipped")

    return say(
        "report.card",
        name=name,
        klass=_klass(say, data, class_label),
        unconfirmed="" if confirmed else say.after("report.card.unconfirmed"),
        rule=rule_line(say, data.get("rule")),
        what=value("what"),
        app=value("app"),
        when=value("when"),
        who=value("who"),
        danger=say("report.yes" if data.get("danger") else "report.no"),
    )


def preview(say: Speech, data: Data, shown: Html, to: Receiving, version: int) -> Screen:
    """Show exactly what goes to whom, and what happens next, before it goes."""
    note = _note(say, data, to)
    for name in to.shut_out:
        note = Html(note + "\n" + say("report.not_about", name=name))
    text = say("report.preview", card=shown, receivers=receivers(say, to), note=note)
    view = StepView(version)
    return Screen(
        text,
        (
            (_press(say, "report.button.send", view, "preview", "send"),),
            (
                _press(say, "report.button.change", view, "preview", "change"),
                say.button("button.stop", "draft:stop"),
            ),
        ),
        protect=True,
    )


def with_picks(say: Speech, screen: Screen, found: Sequence[ReceiverView], version: int) -> Screen:
    """Offer the other mentors of a class when a report is about one of them."""
    view = StepView(version)
    rows = (
        (
            Button(
                say.label("report.button.pick", name=each.name), _data(view, "pick", each.staff_id)
            ),
        )
        for each in found
    )
    return screen.with_rows(*rows)


def receivers(say: Speech, to: Receiving) -> Html:
    """List the receivers by name and role."""
    if not to.names:
        return say("report.receivers.nobody")
    lines = [
        say("report.receiver", name=name, role=role_name(say, role)) for name, role in to.names
    ]
    return Html(", ".join(lines))


def role_name(say: Speech, role: str) -> str:
    """Return the school's word for a role."""
    names = say.pack.school.roles
    return names[role].in_(say.lang) if role in names else role


def change(say: Speech, data: Data, version: int) -> Screen:
    """Offer the answers that can be changed."""
    steps = [s for s in CHANGEABLE if s != "class" or "class" in data]
    view = StepView(version)
    rows = [(_press(say, f"report.change.{s}", view, s, "again"),) for s in steps]
    return Screen(
        say("report.change"), (*rows, (_press(say, "button.back", view, "preview", "show"),))
    )


def rules(say: Speech, version: int, page: int = 0) -> Screen:
    """Let the pupil pick another rule."""
    labels = [rule.id for rule in say.pack.rules if rule.id != OPENING]
    view = StepView(version)
    buttons = [Button(label, _data(view, "rule", label)) for label in labels]
    none = _press(say, "report.card.no_rule", view, "rule", "-")
    rows = paged(say, in_rows(buttons), page, lambda to: _data(view, "rule", to))
    return Screen(say("report.ask.rule"), (*rows, (none,)))


def receipt(say: Speech, number: str, to: Receiving, *, urgent: bool) -> Screen:
    """Give the number, and say what happens next."""
    if to.names:
        text = say("report.receipt", number=number, receivers=receivers(say, to))
    else:
        text = say("report.receipt.nobody", number=number, line=helper(say))
    if urgent:
        text = Html(text + "\n\n" + say("report.receipt.urgent"))
    return Screen(text, protect=True)


def danger(say: Speech, lines: Html) -> Screen:
    """Help before anything else, once danger was said in a dialogue."""
    return Screen(say("report.danger_first", lines=lines), protect=True)


def rule_line(say: Speech, label: str | None) -> Html:
    """Name a rule by number and title."""
    if not label or not say.pack.has_label(label):
        return say("report.card.no_rule")
    return say("report.card.rule", rule=label, title=say.pack.rule(label).title.in_(say.lang))


def _klass(say: Speech, data: Data, label: str | None) -> Html | str:
    if label is None:
        return say("report.card.no_class")
    return label if data["in_class"] else say("report.card.chosen_class", label=label)


def _note(say: Speech, data: Data, to: Receiving) -> Html:
    if not to.names:
        return say("report.preview.nobody", line=helper(say))
    if data.get("danger"):
        return say("report.preview.note_urgent")
    key = "report.preview.note_closed" if to.closed else "report.preview.note"
    return say(key, when=to.when or "", line=helper(say))


def _sexual(say: Speech) -> Html:
    return say("report.ask.sexual", role=role_name(say, "confidential"))


def _none(say: Speech, view: StepView) -> Rows:
    return ()


def _apps(say: Speech, view: StepView) -> Rows:
    apps = say.pack.school.apps
    buttons = [Button(app, _data(view, "app", str(n))) for n, app in enumerate(apps)]
    places = [_press(say, f"report.app.{p}", view, "app", p) for p in PLACES]
    return (*abreast(buttons, 3), tuple(places))


def offered(say: Speech, step: str) -> tuple[str, ...]:
    """Return the labels of the answers that the buttons of a step offer."""
    if step == "when":
        return tuple(say.label(f"report.when.{w}") for w in WHEN)
    places = (say.label(f"report.app.{p}") for p in PLACES)
    return (*say.pack.school.apps, *places) if step == "app" else ()


def _when(say: Speech, view: StepView) -> Rows:
    return abreast([_press(say, f"report.when.{w}", view, "when", w) for w in WHEN], 2)


def _staff(say: Speech, view: StepView) -> Rows:
    known = [
        (Button(say.label("report.staff.yes_person", name=name), _data(view, "staff", staff_id)),)
        for staff_id, name in view.recognised
    ]
    if len(known) > 1:
        known.append((_press(say, "report.staff.all", view, "staff", "all"),))
    return (
        *known,
        (_press(say, "report.staff.no", view, "staff", "no"),),
        (
            _press(say, "report.staff.mentor", view, "staff", "mentor"),
            _press(say, "report.staff.other", view, "staff", "other"),
        ),
    )


def _staff_name(say: Speech, view: StepView) -> Rows:
    return ((_press(say, "report.staff.unknown", view, "staff_name", "unknown"),),)


def _yes_no(step: str) -> Callable[[Speech, StepView], Rows]:
    def rows(say: Speech, view: StepView) -> Rows:
        return (
            (
                _press(say, "report.yes", view, step, "yes"),
                _press(say, "report.no", view, step, "no"),
            ),
        )

    return rows


def _classes(say: Speech, view: StepView) -> Rows:
    buttons = [Button(label, _data(view, "class", class_id)) for class_id, label in view.classes]
    unknown = _press(say, "report.class.unknown", view, "class", "unknown")
    rows = abreast(buttons, 4)
    return (*paged(say, rows, view.page, lambda to: _data(view, "class", to)), (unknown,))


_CHOICES: dict[str, Callable[[Speech, StepView], Rows]] = {
    "app": _apps,
    "when": _when,
    "staff": _staff,
    "staff_name": _staff_name,
    "sexual": _yes_no("sexual"),
    "class": _classes,
    "danger": _yes_no("danger"),
}


def _press(say: Speech, key: str, view: StepView, step: str, choice: str) -> Button:
    return say.button(key, _data(view, step, choice))


def _data(view: StepView, step: str, choice: Any) -> str:
    return f"draft:{view.version}:{step}:{choice}"
