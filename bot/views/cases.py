"""Reports as staff and pupils see them after sending: cards, lists, steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bot.reporting import length
from bot.screen import Button, Html, Rows, Screen, Speech
from bot.views.delivery import as_plain, quiet
from bot.views.paging import paged, part, turns
from bot.views.report import rule_line
from bot.views.times import day, moment
from content.schoolclock import SchoolClock
from storage.dossier import ReportView
from storage.receivers import ReceiverView
from storage.reports import OwnLine, StaffLine

SHORT_ID: Final = 12
LONGEST: Final = 4000  # of 4096, in UTF-16 units without the tags, as Telegram counts


def case(say: Speech, report: ReportView, clock: SchoolClock, alike: Sequence[str] = ()) -> Screen:
    """Show a report to staff who have it, with what they may do; ``alike``: numbers like it."""

    def text(messages: Html) -> Html:
        return say(
            "case.card",
            number=report.number,
            urgent=_urgent(say, report),
            card=words(say, report),
            state=say(f"state.{report.state}"),
            owner=say("case.owner", name=report.owner) if report.owner else "",
            when=moment(clock.local(report.created_at), say.lang),
            messages=messages,
            alike=say.after("case.alike", numbers=", ".join(alike[:8])) if alike else "",
        )

    first = [
        say.button(f"case.button.{key}", f"case:{report.id}:{action}")
        for key, action, needed in (
            ("reply", "reply", "reply"),
            ("take", "take", "take"),
            ("hand_over", "hand", "hand_over"),
            ("close", "close", "close"),
        )
        if needed in report.may and not (needed == "take" and _taken(report))
    ]
    first.append(say.button("case.button.steps", f"case:{report.id}:steps"))
    rows = tuple(tuple(first[n : n + 2]) for n in range(0, len(first), 2))
    return Screen(with_talk(say, report, clock, text), rows, protect=True)


def words(say: Speech, report: ReportView) -> Html:
    """Show what the pupil wrote, as it was in the preview."""
    skipped = say("report.card.skipped")
    return say(
        "report.card",
        name=report.pupil or "",
        klass=_klass(say, report),
        unconfirmed=_who_is_it(say, report),
        rule=rule_line(say, report.rule),
        what=quiet(report.what),
        app=quiet(report.app) if report.app else skipped,
        when=quiet(report.when) if report.when else skipped,
        who=quiet(report.who) if report.who else skipped,
        danger=say("report.yes" if report.urgent else "report.no"),
    )


def _who_is_it(say: Speech, report: ReportView) -> Html:
    """Say that no mentor confirmed this account, and when a confirmed one bears its name."""
    unconfirmed = "" if report.confirmed else say.after("report.card.unconfirmed")
    return Html(unconfirmed + (say.after("class.flag_second") if report.second_account else ""))


def with_talk(
    say: Speech, report: ReportView, clock: SchoolClock, text: Callable[[Html], Html]
) -> Html:
    """Fill the card with as many of the last words to and fro as one message holds."""
    shown: list[Html] = []
    room = LONGEST - shown_length(text(Html("")))
    for each in reversed(report.messages):
        line = say(
            "case.message",
            name=each.sender or report.pupil or "",
            when=moment(clock.local(each.at), say.lang),
            body=quiet(each.body),
        )
        room -= shown_length(line) + 1
        if room < len("\n\n…"):
            shown.insert(0, Html("…"))
            break
        shown.insert(0, line)
    return text(Html("\n\n" + "\n".join(shown)) if shown else Html(""))


def own(say: Speech, report: ReportView, clock: SchoolClock) -> Screen:
    """Show a pupil's own report, with what can still be done."""

    def text(messages: Html) -> Html:
        return say(
            "own.card",
            number=report.number,
            card=words(say, report),
            state=say(f"state.{report.state}"),
            owner=say("case.owner", name=report.owner) if report.owner else "",
            messages=messages,
        )

    rows = tuple(
        (say.button(f"own.button.{action}", f"own:{report.id}:{action}"),)
        for action in ("add", "correct", "withdraw", "reopen")
        if action in report.may
    )
    return Screen(with_talk(say, report, clock, text), rows, protect=True)


def own_list(say: Speech, reports: Sequence[OwnLine], clock: SchoolClock, page: int = 0) -> Screen:
    """List a pupil's own reports."""
    if not reports:
        return Screen(say("list.pupil_none"))
    shown = part(reports, page)
    lines = [
        say(
            "list.pupil_line",
            number=each.number,
            when=day(clock.local(each.created_at), say.lang),
            state=say(f"state.{each.state}"),
        )
        for each in shown
    ]
    rows: Rows = tuple((Button(each.number, f"own:{each.id}:show"),) for each in shown)
    rows = (*rows, *turns(say, len(reports), page, _list))
    return Screen(say("list.pupil", lines=Html("\n".join(lines))), rows, protect=True)


def staff_list(
    say: Speech, reports: Sequence[StaffLine], clock: SchoolClock, page: int = 0
) -> Screen:
    """List the open reports of a member of staff, without words or names."""
    if not reports:
        return Screen(say("list.staff_none"))
    shown = part(reports, page)
    lines = [
        say(
            "list.staff_line",
            number=each.number,
            urgent=say.after("case.urgent") if each.urgent else "",
            state=say(f"state.{each.state}"),
            when=day(clock.local(each.created_at), say.lang),
        )
        for each in shown
    ]
    rows: Rows = tuple((Button(each.number, f"case:{each.id}:read"),) for each in shown)
    rows = (*rows, *turns(say, len(reports), page, _list))
    return Screen(say("list.staff", lines=Html("\n".join(lines))), rows, protect=True)


def steps(say: Speech, report: ReportView) -> Screen:
    """Show what to do with this kind of report."""
    known = f"steps.{report.steps}" in say.pack.texts
    return Screen(say(f"steps.{report.steps}" if known else "steps.rule"))


def colleagues(
    say: Speech, report: ReportView, found: Sequence[ReceiverView], page: int = 0
) -> Screen:
    """Ask to whom a report goes; nobody it is about is among them."""
    if not found:
        return Screen(say("case.hand_over_none"))
    rows: Rows = tuple(
        (
            Button(
                say.label("report.receiver", name=each.name, role=say(f"case.role.{each.role}")),
                f"case:{report.id}:to-{each.staff_id[:SHORT_ID]}",
            ),
        )
        for each in found
    )
    rows = paged(say, rows, page, lambda to: f"case:{report.id}:hand{to}")
    back = say.button("button.back", f"case:{report.id}:read")
    return Screen(say("case.hand_over_to", number=report.number), (*rows, (back,)))


def about(say: Speech, found: Sequence[str], version: int) -> Screen:
    """Ask whether words for a report are about staff whom they name, before they go anywhere."""

    def row(key: str, choice: str) -> tuple[Button, ...]:
        return (say.button(key, f"words:{version}:{choice}"),)

    text = say("words.about", names=", ".join(found))
    return Screen(
        text,
        (
            row("words.about.no", "no"),
            row("words.about.yes", "yes"),
            row("words.about.sexual", "sexual"),
            (say.button("button.cancel", "words:stop"),),
        ),
        protect=True,
    )


def prompt(say: Speech, key: str, report: ReportView) -> Screen:
    """Ask for typed words, naming to whom they go."""
    name = report.pupil or "" if key.startswith("case") else report.owner or say("own.someone")
    stop = say.button("button.cancel", "words:stop")
    return Screen(say(key, number=report.number, name=name), ((stop,),), protect=True)


def shown_length(text: Html) -> int:
    """Return how long a text is once Telegram has read its tags."""
    return length(as_plain(text))


def _list(page: str) -> str:
    return f"list:{page}"


def _taken(report: ReportView) -> bool:
    """Tell whether who may take it in hand did so already."""
    return report.state == "working" and report.owner is not None


def _urgent(say: Speech, report: ReportView) -> Html:
    marks = [say.after("case.urgent")] if report.urgent else []
    return Html("".join([*marks, say.after("case.over_limit")] if report.over_limit else marks))


def _klass(say: Speech, report: ReportView) -> str:
    if report.class_label is None:
        return say("report.card.no_class")
    if report.class_is_own:
        return report.class_label
    return say("report.card.chosen_class", label=report.class_label)
