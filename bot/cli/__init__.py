"""The command line: ``vuistregel`` and ``python -m bot``.

Wrong or missing settings, a wrong pack or key: one line on stderr and exit code 2. A check that
found something: exit code 1.
"""

from __future__ import annotations

import sys

import typer
from typer.main import get_command

from bot.cli import answers, data, keys, questions, reports, running, school
from bot.errors import BotError
from content.errors import ContentError
from storage.errors import RosterProblem, StorageError

app = typer.Typer(
    name="vuistregel",
    help="Vuistregel: the school's ten rules of thumb in a Telegram bot.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (answers, running, data):
    module.add_to(app)
app.add_typer(school.app, name="school")
app.add_typer(keys.app, name="keys")
app.add_typer(questions.app, name="questions")
app.add_typer(reports.app, name="reports")
app.add_typer(data.db, name="db")


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command; return its exit code. What the administrator can mend is one line."""
    try:
        code = get_command(app)(args, standalone_mode=False)
    except RosterProblem as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        return 1
    except (BotError, ContentError, StorageError) as error:
        typer.echo(f"vuistregel: {error}", err=True)
        return 2
    except typer.Abort:
        return 130
    except Exception as error:
        shown = getattr(error, "format_message", None)
        if shown is None:
            raise
        typer.echo(f"vuistregel: {shown()}", err=True)
        return int(getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0
