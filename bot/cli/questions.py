"""``questions missed``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database
    from storage.kept import KeptGroup

app = typer.Typer(help="Questions that pupils chose to keep.", no_args_is_help=True)


@app.command("missed", epilog="Example: vuistregel questions missed")
def missed(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print kept questions, most frequent first, with the nearest situation."""
    found = with_database(_missed)
    if as_json:
        show.rows(asdict(group) for group in found)
        return
    for group in found:
        show.line(f"{group.count}\t{group.situation or '-'}\t{group.lang}\t{group.text}")


async def _missed(db: Database, settings: Settings) -> tuple[KeptGroup, ...]:
    from storage import kept

    return await db.run(kept.grouped)


@app.callback()
def questions() -> None:
    """Questions that pupils chose to keep."""
