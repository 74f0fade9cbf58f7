"""What goes wrong, as one line for the administrator and an exit code; never a secret in it."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Final

import typer

from bot.errors import BotError
from content.errors import ContentError, PackError
from storage.errors import RosterProblem, StorageError

FOUND: Final = 1
"""A check found something."""
WRONG: Final = 2
"""A setting, a file or an argument is wrong or missing."""
UNEXPECTED: Final = 70
STOPPED: Final = 130
CLOSED: Final = 141
"""Nobody reads our output any more, as with ``| head``."""


def report(error: Exception) -> int:
    """Tell on stderr what is wrong; return the exit code.

    Of what is our own mistake only type and place are told, since its words may hold a pupil's;
    with VUISTREGEL_LOG_LEVEL=DEBUG the lines of code that led there as well.
    """
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    if isinstance(error, RosterProblem):
        for problem in error.problems:
            typer.echo(problem, err=True)
        return FOUND
    if isinstance(error, typer.Abort):
        return STOPPED
    usage = getattr(error, "format_message", None)
    if usage is not None:
        return _usage(error, usage())
    said = line(error)
    if said is None:
        return _unexpected(error)
    typer.echo(f"vuistregel: {one_line(said)}", err=True)
    return WRONG


def _unexpected(error: Exception) -> int:
    from bot.errors import place_of

    if os.environ.get("VUISTREGEL_LOG_LEVEL", "").upper() == "DEBUG":
        typer.echo("".join(traceback.format_tb(error.__traceback__)), err=True, nl=False)
    typer.echo(f"vuistregel: unexpected {type(error).__name__} at {place_of(error)}", err=True)
    return UNEXPECTED


def _usage(error: Exception, message: str) -> int:
    """Tell that a command was called wrongly; a command without arguments shows its help."""
    help_itself = message.startswith("Usage:")
    typer.echo(message if help_itself else f"vuistregel: {message}", err=True)
    return int(getattr(error, "exit_code", WRONG))


def one_line(text: str) -> str:
    """Return ``text`` without line ends."""
    return " ".join(text.split())


def line(error: Exception) -> str | None:
    """Return what the administrator can mend, or None for what is nobody's mistake."""
    if isinstance(error, PackError):
        return _pack(error)
    if isinstance(error, BotError | ContentError | StorageError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return _database(error)


def _pack(error: PackError) -> str:
    first, more = error.problems[0] if error.problems else "", len(error.problems) - 1
    rest = f" (and {more} more: vuistregel check FOLDER shows all)" if more > 0 else ""
    return f"the content pack cannot be used: {first}{rest}"


def _database(error: Exception) -> str | None:
    """Return a line for what a database says, whose own words may hold an address or a value."""
    from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

    if not isinstance(error, SQLAlchemyError):
        return None
    if isinstance(error, ArgumentError):
        return "VUISTREGEL_DATABASE_URL cannot be understood"
    said = str(getattr(error, "orig", "")).lower() if isinstance(error, DBAPIError) else ""
    if "locked" in said or "busy" in said:
        return "the database is locked by another process"
    if "not a database" in said or "malformed" in said:
        return "the file of VUISTREGEL_DATABASE_URL is no SQLite database, or is damaged"
    if "readonly" in said or "unable to open" in said:
        return "the file of VUISTREGEL_DATABASE_URL cannot be opened for writing"
    return f"the database cannot be used ({type(error).__name__}): check VUISTREGEL_DATABASE_URL"
