"""Every command of ``vuistregel`` in one table, with its arguments and its help.

Each command imports what it needs when it is called: ``ask`` needs no database.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import (
    answers,
    data,
    doctor,
    invite,
    keys,
    pack,
    playing,
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
for module in (setup, answers, running, playing, data, doctor):
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
