"""Reports as staff and pupils see them after sending: cards, lists, steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.screen import Button, Html, Screen, Speech
from bot.views.delivery import quiet
from bot.views.report import rule_line
from bot.views.times import day, moment
from content.schoolclock import SchoolClock
from storage.dossier import ReportView
from storage.receivers import ReceiverView
from storage.reports import OwnLine, StaffLine

SHORT_ID: Final = 12
LONGEST: Final = 4000
SHOWN_MESSAGES: Final = 6


def case(say: Speech, report: ReportView, clock: SchoolClock) -> Screen:
    """Show a report to staff who have it, with what they may do."""
    text = say(
        "case.card",
        number=report.number,
        urgent=_urgent(say, report),
        card=words(say, report),
        state=say(f"state.{report.state}"),
        owner=say("case.owner", name=report.owner) if report.owner else "",
        when=moment(clock.local(report.created_at), say.lang),
        messages=talk(say, report, clock),
    )
    first = [
        say.button(f"case.button.{key}", f"case:{report.id}:{action}")
        for key, action, needed in (
            ("reply", "reply", "reply"),
            ("take", "take", "take"),
            ("hand_over", "hand", "hand_over"),
            ("close", "close", "close"),
        )
        if needed in report.may
    ]
    steps = say.button("case.button.steps", f"case:{report.id}:steps")
    rows = [tuple(first[n : n + 2]) for n in range(0, len(first), 2)]
    return Screen(cut(text), (*rows, (steps,)), protect=True)


def words(say: Speech, report: ReportView) -> Html:
    """Show what the pupil wrote, as it was in the preview."""
    skipped = say("report.card.skipped")
    return say(
        "report.card",
        name=report.pupil or "",
        klass=_klass(say, report),
        unconfirmed="" if report.confirmed else say.after("report.card.unconfirmed"),
        rule=rule_line(say, report.rule),
        what=quiet(report.what),
        app=quiet(report.app) if report.app else skipped,
        when=quiet(report.when) if report.when else skipped,
        who=quiet(report.who) if report.who else skipped,
        danger=say("report.yes" if report.urgent else "report.no"),
    )


def talk(say: Speech, report: ReportView, clock: SchoolClock) -> Html:
    """Show the last words that went to and fro."""
    lines = [
        say(
            "case.message",
            name=each.sender or report.pupil or "",
            when=moment(clock.local(each.at), say.lang),
            body=quiet(each.body),
        )
        for each in report.messages[-SHOWN_MESSAGES:]
    ]
    return Html("\n\n" + "\n".join(lines)) if lines else Html("")


def own(say: Speech, report: ReportView, clock: SchoolClock) -> Screen:
    """Show a pupil's own report, with what can still be done."""
    text = say(
        "own.card",
        number=report.number,
        card=words(say, report),
        state=say(f"state.{report.state}"),
        owner=say("case.owner", name=report.owner) if report.owner else "",
        messages=talk(say, report, clock),
    )
    rows = tuple(
        (say.button(f"own.button.{action}", f"own:{report.id}:{action}"),)
        for action in ("add", "correct", "withdraw", "reopen")
        if action in report.may
    )
    return Screen(cut(text), rows, protect=True)


def own_list(say: Speech, reports: Sequence[OwnLine], clock: SchoolClock) -> Screen:
    """List a pupil's own reports."""
    if not reports:
        return Screen(say("list.pupil_none"))
    lines = [
        say(
            "list.pupil_line",
            number=each.number,
            when=day(clock.local(each.created_at), say.lang),
            state=say(f"state.{each.state}"),
        )
        for each in reports
    ]
    rows = tuple((Button(each.number, f"own:{each.id}:show"),) for each in reports[:10])
    return Screen(say("list.pupil", lines=Html("\n".join(lines))), rows, protect=True)


def staff_list(say: Speech, reports: Sequence[StaffLine], clock: SchoolClock) -> Screen:
    """List the open reports of a member of staff, without words or names."""
    if not reports:
        return Screen(say("list.staff_none"))
    lines = [
        say(
            "list.staff_line",
            number=each.number,
            urgent=say.after("case.urgent") if each.urgent else "",
            state=say(f"state.{each.state}"),
            when=day(clock.local(each.created_at), say.lang),
        )
        for each in reports
    ]
    rows = tuple((Button(each.number, f"case:{each.id}:read"),) for each in reports[:20])
    return Screen(say("list.staff", lines=Html("\n".join(lines))), rows, protect=True)


def steps(say: Speech, report: ReportView) -> Screen:
    """Show what to do with this kind of report."""
    known = f"steps.{report.steps}" in say.pack.texts
    return Screen(say(f"steps.{report.steps}" if known else "steps.rule"))


def colleagues(say: Speech, report: ReportView, found: Sequence[ReceiverView]) -> Screen:
    """Ask to whom a report goes; nobody it is about is among them."""
    if not found:
        return Screen(say("case.hand_over_none"))
    rows = tuple(
        (Button(each.name, f"case:{report.id}:to-{each.staff_id[:SHORT_ID]}"),) for each in found
    )
    return Screen(say("case.hand_over_to", number=report.number), rows)


def prompt(say: Speech, key: str, report: ReportView) -> Screen:
    """Ask for typed words, naming to whom they go."""
    name = report.pupil or "" if key.startswith("case") else report.owner or say("own.someone")
    stop = say.button("button.cancel", "words:stop")
    return Screen(say(key, number=report.number, name=name), ((stop,),), protect=True)


def cut(text: str) -> Html:
    """Keep a card within one message; the pupil's words alone never reach the limit."""
    return Html(text if len(text) <= LONGEST else text[:LONGEST].rsplit("\n", 1)[0] + "\n…")


def _urgent(say: Speech, report: ReportView) -> Html:
    marks = [say.after("case.urgent")] if report.urgent else []
    return Html("".join([*marks, say.after("case.over_limit")] if report.over_limit else marks))


def _klass(say: Speech, report: ReportView) -> str:
    if report.class_label is None:
        return say("report.card.no_class")
    if report.class_is_own:
        return report.class_label
    return say("report.card.chosen_class", label=report.class_label)
