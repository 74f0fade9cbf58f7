"""What the command line prints."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from html import unescape
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from content.evaluate import Report, Scores
    from content.match import Match
    from content.pack import Pack

T = TypeVar("T")

COLOURS: Final = {"ok": "32", "note": "33", "wrong": "31;1"}
PLAIN_WIDTH: Final = 160
FIGURES: Final = (
    ("first_rule", "first rule"),
    ("first_three", "first three"),
    ("letter", "letter of rule 7"),
    ("rule_and_verdict", "rule and verdict"),
    ("kind", "kind"),
    ("confident", "confident"),
    ("confident_wrong", "confident and wrong"),
    ("answered_with_rule", "no rule, yet answered"),
    ("crisis_found", "crisis found"),
    ("false_alarms", "false alarms"),
)


def line(text: str, *, err: bool = False) -> None:
    """Print one line to stdout (or stderr) as UTF-8, whatever the locale."""
    out = (sys.stderr if err else sys.stdout).buffer
    out.write(text.encode("utf-8", errors="replace") + b"\n")
    out.flush()


def in_colour() -> bool:
    """Tell whether stdout is a terminal that wants colours (no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def marked(mark: str, text: str, state: str) -> None:
    """Print a line whose mark is coloured by ``state`` (ok, note, wrong) in a terminal."""
    if not in_colour():
        line(mark + text)
        return
    line(f"\x1b[{COLOURS[state]}m{mark}\x1b[0m{text}")


def progress(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield the items, with a bar on stderr while somebody looks at it there."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, console=Console(stderr=True), transient=True)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Show on stderr that something takes its time, while somebody looks at it there."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def rows(each: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object a line."""
    for row in each:
        line(json.dumps(row, ensure_ascii=False, default=_as_text))


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def card(pack: Pack, match: Match) -> str:
    """Return the card that the bot would send, without mark-up, its buttons below."""
    from bot.screen import Speech
    from bot.views import answers

    screen = answers.answer(Speech(pack, match.lang), match)
    text = unescape(re.sub(r"<[^>]+>", "", screen.text))
    buttons = " ".join(f"[{button.label}]" for row in screen.rows for button in row)
    return f"{text}\n\n{buttons}".strip()


def explanation(match: Match) -> str:
    """Return why the matcher decided as it did."""
    why = match.explanation
    parts = [
        "kinds: " + ", ".join(f"{kind} {chance:.2f}" for kind, chance in why.kinds),
        "rules: " + ", ".join(f"{rule} {score:.2f}" for rule, score in match.rules),
        f"situation: {match.situation.id if match.situation else '-'}",
        f"confident: {match.confident}, ahead of the second rule by {why.margin:.2f}",
        "words: " + ", ".join(f"{word} {weight:+.2f}" for word, weight in why.words),
    ]
    if why.corrected:
        parts.append("read as: " + ", ".join(f"{a} → {b}" for a, b in why.corrected))
    if why.signals:
        parts.append("danger: " + ", ".join(why.signals))
    parts += [f"near: {e.similarity:.2f} {e.case}: {e.text}" for e in why.examples]
    return "\n".join(parts)


def scores(report: Report) -> None:
    """Print the figures as a table: in all, by kind, language and rule."""
    from rich.console import Console
    from rich.table import Table

    table = Table("", *(title for _, title in FIGURES))
    groups: list[tuple[str, Scores]] = [("all", report.total)]
    for found in (report.by_kind, report.by_lang, report.by_rule):
        groups += sorted(found.items())
    for name, each in groups:
        values = asdict(each)
        table.add_row(name, *(_figure(values.get(key)) for key, _ in FIGURES))
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(table)


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)
