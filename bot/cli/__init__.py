"""The command line: ``vuistregel`` and ``python -m bot``.

Wrong or missing settings, a wrong pack or key: one line on stderr and exit code 2. A check that
found something: exit code 1. The bot itself starts without the table of commands, which would
stay in memory for as long as it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command; return its exit code. What the administrator can mend is one line."""
    words = sys.argv[1:] if args is None else args
    try:
        code = _bot() if words == ["run"] else _command()(words)
    except Exception as error:
        from bot.cli import problems

        return problems.report(error)
    return code if isinstance(code, int) else 0


def _bot() -> int:
    """Run the bot. Ctrl-C ends it as it ends every other command."""
    from bot.cli.running import run

    try:
        run()
        return 0
    except KeyboardInterrupt as stopped:
        import typer

        typer.echo(err=True)
        raise typer.Abort from stopped


@cache
def _command() -> Callable[[list[str]], object]:
    from typer.main import get_command

    from bot.cli.commands import app

    return partial(get_command(app), prog_name="vuistregel", standalone_mode=False)
