"""``keys new`` and ``keys rotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.problems import FOUND
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database
    from storage.rekey import Position

app = typer.Typer(help="Keys that seal words and names.", no_args_is_help=True)


@app.command("new", epilog="Example: vuistregel keys new")
def new() -> None:
    """Print a fresh key for VUISTREGEL_SECRET_KEY."""
    from storage.crypto import new_key

    show.line(new_key())


@app.command("rotate", epilog="Example: vuistregel keys rotate")
def rotate() -> None:
    """Seal everything anew with the first key of VUISTREGEL_SECRET_KEY; can be repeated."""
    with show.busy("sealing anew"):
        resealed, broken, remaining = with_database(_rotate)
    show.line(f"sealed anew: {resealed}")
    if broken:
        show.line(f"do not open and were left alone: {broken}", err=True)
        raise typer.Exit(FOUND)
    if remaining:
        show.line(f"sealed with an old key meanwhile: {remaining}", err=True)
        show.line("Restart the bot with the new key in front, then do this again.", err=True)
        raise typer.Exit(FOUND)
    show.line("The old keys may now be taken out of VUISTREGEL_SECRET_KEY, except the last one")
    show.line("while class and staff links made with it must keep working.")


async def _rotate(db: Database, settings: Settings) -> tuple[int, int, int]:
    from storage import rekey

    position: Position | None = rekey.START
    resealed = broken = 0
    while position is not None:
        batch = await db.run(rekey.batch, position)
        resealed, broken = resealed + batch.resealed, broken + batch.broken
        position = batch.next
    return resealed, broken, await db.run(rekey.remaining)
