"""``ask``, ``check`` and ``evaluate``: they need no settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import show
from content.errors import PackError
from content.evaluate import read_rows
from content.evaluate import report as scores_of
from content.loader import load_pack
from content.matcher import Matcher


def ask(
    question: Annotated[str, typer.Argument(help='The question, or "-": one a line from stdin.')],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a question.")] = False,
    explain: Annotated[bool, typer.Option(help="Say which words and examples decided.")] = False,
    pack: Annotated[Path | None, typer.Option(help="Folder of another content pack.")] = None,
) -> None:
    """Answer one question as the bot would: the card as text."""
    matcher = Matcher(load_pack(pack))
    for text in _lines() if question == "-" else [question]:
        match = matcher.ask(text)
        if as_json or question == "-":
            show.line(json.dumps(match.to_json(), ensure_ascii=False))
        else:
            show.line(show.card(matcher.pack, match))
        if explain:
            show.line(show.explanation(match))


def check(
    pack: Annotated[Path | None, typer.Argument(help="Folder of a pack; the ECL pack.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Counts as JSON.")] = False,
) -> None:
    """Validate a content pack; every problem with its file, line and field."""
    try:
        counts = load_pack(pack).counts()
    except PackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        show.line(json.dumps(counts))
    else:
        show.line(", ".join(f"{name}: {value}" for name, value in counts.items()))


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled questions, one JSON object a line.")],
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
    pack: Annotated[Path | None, typer.Option(help="Folder of another content pack.")] = None,
) -> None:
    """Score the matcher on a labelled file."""
    rows = read_rows(file)
    found = scores_of(Matcher(load_pack(pack)), rows)
    if as_json:
        show.line(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        show.scores(found)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(ask)
    app.command()(check)
    app.command()(evaluate)


def _lines() -> Iterator[str]:
    """Read lines as UTF-8 whatever the locale; a broken byte must not cost an answer."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace").rstrip("\r\n")
