"""The command line: ``vuistregel`` and ``python -m bot``.

Wrong or missing settings, a wrong pack or key: one line on stderr and exit code 2. A check that
found something: exit code 1. Each command imports what it needs when it is called: ``ask`` needs
no database, and ``run`` no table of figures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from bot.cli import (
    answers,
    data,
    doctor,
    invite,
    keys,
    pack,
    problems,
    questions,
    quiz,
    reports,
    roster,
    running,
    school,
    setup,
    setupschool,
    show,
)

app = typer.Typer(
    name="vuistregel",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog='Example: vuistregel ask "mag ik een foto van mijn klas posten?"',
)
for module in (setup, answers, running, data, doctor):
    module.add_to(app)
for module in (roster, invite):
    module.add_to(school.app)
setupschool.add_example_to(school.app)
app.add_typer(school.app, name="school")
app.add_typer(keys.app, name="keys")
app.add_typer(pack.app, name="pack")
app.add_typer(questions.app, name="questions")
app.add_typer(quiz.app, name="quiz")
app.add_typer(reports.app, name="reports")
app.add_typer(data.db, name="db")


def _version(wanted: bool) -> None:
    if wanted:
        show.line(f"vuistregel {version('vuistregel')}")
        raise typer.Exit


@app.callback()
def vuistregel(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Vuistregel: the school's rules for social media in a Telegram bot."""


@cache
def _command() -> Callable[..., object]:
    return get_command(app)


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command; return its exit code. What the administrator can mend is one line."""
    try:
        code = _command()(args, prog_name="vuistregel", standalone_mode=False)
    except Exception as error:
        return problems.report(error)
    return code if isinstance(code, int) else 0
