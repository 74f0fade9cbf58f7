"""``ask``, ``check`` and ``evaluate``: they need no settings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.cli import show
from bot.cli.problems import FOUND

WARNINGS: Final = 3
PackFolder = Annotated[
    Path | None,
    typer.Option("--pack", envvar="VUISTREGEL_CONTENT", help="Folder of another content pack."),
]


def ask(
    question: Annotated[str, typer.Argument(help='The question, or "-": one a line from stdin.')],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a question.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which words and examples decided.")
    ] = False,
    pack: PackFolder = None,
) -> None:
    """Answer one question as the bot would: the card as text.

    With "-" each line of stdin gives exactly one line of JSON, empty lines too.
    """
    from content.loader import load_pack
    from content.matcher import Matcher

    many = question == "-"
    matcher = Matcher(load_pack(pack))
    for text in _lines() if many else [_typed(question)]:
        match = matcher.ask(text)
        if as_json or many:
            show.line(json.dumps(match.to_json(), ensure_ascii=False))
        else:
            show.line(show.card(matcher.pack, match))
        if explain:  # beside JSON on stderr, so that stdout holds one line a question
            show.line(show.explanation(match), err=as_json or many)


def check(
    pack: Annotated[
        Path | None,
        typer.Argument(envvar="VUISTREGEL_CONTENT", help="Folder of a pack; else the ECL pack."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Counts as JSON.")] = False,
    weak: Annotated[bool, typer.Option("--weak", help="Every warning, not the first few.")] = False,
) -> None:
    """Validate a content pack; every problem with its file, line and field.

    What is weak (situations with few phrasings, quiz items that give themselves away) is a
    warning on stderr: it does not fail.
    """
    from content.errors import PackError
    from content.loader import load_pack
    from content.quizquality import weaknesses
    from content.sparse import sparse

    try:
        loaded = load_pack(pack)
    except PackError as error:
        show.line(str(error), err=True)
        raise typer.Exit(FOUND) from None
    counts = loaded.counts()
    found = [*sparse(loaded), *(f"quiz item {weakness}" for weakness in weaknesses(loaded))]
    for weakness in found if weak else found[:WARNINGS]:
        show.line(f"warning: {weakness}", err=True)
    if len(found) > WARNINGS and not weak:
        show.line(f"and {len(found) - WARNINGS} more warnings: --weak shows all", err=True)
    if as_json:
        show.line(json.dumps(counts))
    else:
        show.line(", ".join(f"{name}: {value}" for name, value in counts.items()))


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled questions, one JSON object a line.")],
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
    pack: PackFolder = None,
) -> None:
    """Score the matcher on a labelled file."""
    from content.evaluate import read_rows, report
    from content.loader import load_pack
    from content.matcher import Matcher

    rows = read_rows(file)
    found = report(Matcher(load_pack(pack)), show.progress(rows, "questions"))
    if as_json:
        show.line(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        show.scores(found)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog='Example: vuistregel ask --explain "mag ik mijn docent volgen?"')(ask)
    app.command(epilog="Example: vuistregel check my-school --json")(check)
    app.command(epilog="Example: vuistregel evaluate tests/questions/pupils.jsonl")(evaluate)


def _lines() -> Iterator[str]:
    """Read lines as UTF-8 whatever the locale; a broken byte must not cost an answer."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace").rstrip("\r\n")


def _typed(question: str) -> str:
    """Return an argument as UTF-8: where the locale is not, Python kept its bytes apart."""
    if question.isprintable() or not any("\udc80" <= sign <= "\udcff" for sign in question):
        return question
    return os.fsencode(question).decode("utf-8", errors="replace")
