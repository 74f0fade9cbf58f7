"""``db upgrade``, ``db copy`` and ``purge``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from storage.database import Database

db = typer.Typer(help="The database.", no_args_is_help=True)


@db.callback()
def database() -> None:
    """Upkeep of the database."""


@db.command("upgrade", epilog="Example: vuistregel db upgrade")
def upgrade() -> None:
    """Bring the tables to this version (SQLite does so at every start)."""
    from bot.prepare import make_private
    from storage import migration

    settings = load_settings()
    if settings.sqlite_file:
        make_private(settings.sqlite_file)
    migration.upgrade(settings.database_url.get_secret_value())
    show.line("The database is up to date.")


@db.command("copy", epilog="Example: vuistregel db copy postgresql://localhost/vuistregel")
def copy(target: Annotated[str, typer.Argument(help="Address of an empty database.")]) -> None:
    """Copy everything from DATABASE_URL into another database; stop the bot before."""
    from storage import copying

    source = load_settings().database_url.get_secret_value()
    with show.busy("copying"):
        copied = copying.copy(source, target)
    for table, count in copied.items():
        show.line(f"{table}: {count}")
    show.line("Copied, counted and compared. Set VUISTREGEL_DATABASE_URL to the new address.")


def purge(
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Remove what is over its term; a report's end is announced a week before."""
    with show.busy("removing"):
        counts = with_database(_purge)
    if as_json:
        show.rows([counts])
        return
    for kind, count in counts.items():
        show.line(f"{kind}: {count}")


async def _purge(opened: Database, settings: Settings) -> dict[str, int]:
    from bot.bootstrap import build_services
    from bot.upkeep import hand_over, purge_with_counts

    services = await asyncio.to_thread(build_services, settings, db=opened)
    await hand_over(services)
    return await purge_with_counts(services)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example: vuistregel purge")(purge)
