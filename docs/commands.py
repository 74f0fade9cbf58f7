"""Writes ``docs/COMMANDS.md``: the help of every command. ``python -m docs.commands``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from typer.main import get_command

from bot.cli.commands import app

PAGE: Final = Path(__file__).parent / "COMMANDS.md"
WIDTH: Final = 96
HEAD: Final = """\
# The commands

Made by `python -m docs.commands`; a test holds it current. Settings come from the environment
or `.env` (see the README); `ask`, `check`, `evaluate`, `pack` and `demo` need none.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | a check found something, or a file has lines to mend; each is named |
| 2 | a setting, file or argument is wrong or missing: one line on stderr |
| 70 | our own mistake: type and place on stderr (`VUISTREGEL_LOG_LEVEL=DEBUG` tells more) |
| 130 | stopped with Ctrl-C |

Colours and progress show in a terminal only; `NO_COLOR` switches colours off there too. Where
scripts read there is `--json`: one object a line on stdout; warnings and progress go to stderr.
"""


def page() -> str:
    """Return the whole page."""
    command = get_command(app)
    context = command.make_context("vuistregel", [], resilient_parsing=True)
    shown = (f"## {path}\n\n```text\n{text}\n```\n" for path, text in helps(command, context))
    return "\n".join([HEAD, *shown])


def helps(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    """Yield each command as it is called, with its help; a group before its commands."""
    context.terminal_width = context.max_content_width = WIDTH
    yield context.command_path, command.get_help(context).rstrip()
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from helps(inner, type(context)(inner, parent=context, info_name=name))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
