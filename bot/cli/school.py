"""``school confirm`` and ``school revoke``: the access of staff."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.people import one
from bot.clock import system_clock
from bot.errors import BotError
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database

app = typer.Typer(help="Classes and staff.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name or code.")]


@app.command("confirm", epilog="Example: vuistregel school confirm VOS")
def confirm(name: Name) -> None:
    """Confirm a member of staff who opened the personal link."""
    from storage import access

    async def work(db: Database, settings: Settings) -> None:
        member = await one(db, name)
        if not member.waiting:
            raise BotError(f"{name}: heeft de link nog niet geopend")
        confirmed = await db.run(access.confirm, member.id, system_clock())
        show.line(f"bevestigd: {confirmed.name} ({confirmed.code})")
        await _hand_over(db, settings)

    with_database(work)


@app.command("revoke", epilog="Example: vuistregel school revoke VOS")
def revoke(name: Name) -> None:
    """End a member of staff's access at once; open reports go to the next person."""
    from storage import access

    async def work(db: Database, settings: Settings) -> None:
        member = await one(db, name)
        ended = await db.run(access.revoke, member.id, system_clock())
        show.line(f"toegang beëindigd: {ended.name} ({ended.code})")
        await _hand_over(db, settings)

    with_database(work)


async def _hand_over(db: Database, settings: Settings) -> None:
    """Find the next person for reports at once; a running bot would within two minutes."""
    from bot.bootstrap import build_services
    from bot.upkeep import hand_over

    await hand_over(await asyncio.to_thread(build_services, settings, db=db))
