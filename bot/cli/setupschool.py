"""The last steps of ``setup``: database, first import of classes, first personal link."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from bot.cli import show
from bot.cli.assistant import Assistant
from bot.settings import Settings
from storage.errors import RosterProblem

if TYPE_CHECKING:
    from storage.database import Database
    from storage.roster_file import RosterFile

EXAMPLE: Final = """\
klas;mentor;mentor_code;mentor2;mentor2_code;plaatsvervanger;plaatsvervanger_code;\
coordinator;coordinator_code;vertrouwenspersoon;vertrouwenspersoon_code;bestuur;bestuur_code
H3b;Marit Vos;VOS;;;Aylin Demir;DEM;Karel Smit;SMI;;;;
V2a;Jan de Boer;BOE;Els Mol;MOL;Aylin Demir;DEM;Karel Smit;SMI;;;;
*;;;;;;;;;Ineke Bos;BOS;Henk Mulder;MUL
"""


async def prepare(settings: Settings) -> None:
    """Make or upgrade the tables. Raises KeyProblem when the data there needs another key."""
    from bot.bootstrap import open_database
    from bot.prepare import prepare_database
    from storage import migration

    if settings.sqlite_file is None:
        url = settings.database_url.get_secret_value()
        await asyncio.to_thread(migration.upgrade, url)
    db = open_database(settings)
    try:
        await prepare_database(db)
    finally:
        await db.close()


class SchoolSetup:
    """What stands in the database. ``yes``: carry the import out without asking."""

    def __init__(self, ask: Assistant, settings: Settings, username: str, *, yes: bool) -> None:
        self._ask, self._settings, self._username, self._yes = ask, settings, username, yes

    async def run(self, file: Path | None, code: str, *, again: bool) -> None:
        """Import classes and make the first link; ``prepare`` comes before."""
        from bot.bootstrap import open_database

        db = open_database(self._settings)
        try:
            self._ask.stands("setup.database", self._ask.text("setup.database.good"))
            await self._classes(db, file, again=again)
            await self._link(db, code)
        finally:
            await db.close()

    async def _classes(self, db: Database, file: Path | None, *, again: bool) -> None:
        from storage import classes, staff

        known = await db.run(classes.active)
        if file is None and self._ask.asking and (again or not known):
            file = self._asked_file()
        if file is not None:
            await self._import(db, file)
        known = await db.run(classes.active)
        people = len(await db.run(staff.everyone))
        counted = self._ask.text("setup.classes.count", count=len(known), staff=people)
        shown = counted if known else self._ask.text("setup.classes.none")
        self._ask.stands("setup.classes", shown, good=bool(known))

    def _asked_file(self) -> Path | None:
        typed = self._ask.ask("setup.classes.ask")
        if typed not in {"voorbeeld", "example"}:
            return Path(typed).expanduser() if typed else None
        target = Path("klassen.csv")
        if not target.exists():
            target.write_text(EXAMPLE, encoding="utf-8-sig")
        show.line(self._ask.text("setup.classes.example"))
        return None

    async def _import(self, db: Database, file: Path) -> None:
        """Show the first import; carry it out when that is agreed to.

        A later one may drop classes or begin a school year: that is for ``school import``.
        """
        from bot.clock import system_clock
        from storage import classes, roster, roster_file

        wanted = roster_file.read(_bytes(file))
        difference = await db.run(roster.diff, wanted)
        if difference.empty:
            return
        if await db.run(classes.active):
            show.line(self._ask.text("setup.classes.later", file=file))
            return
        if stopped := roster.stopped(difference):
            raise RosterProblem(list(stopped))
        for text in (*wanted.warnings, *_preview(wanted)):
            show.line(text)
        if self._yes or (
            self._ask.asking and self._ask.agrees("setup.classes.apply", default=True)
        ):
            await db.run(roster.apply, wanted, system_clock())
        else:
            show.line(self._ask.text("setup.classes.not_yet"))

    async def _link(self, db: Database, code: str) -> None:
        from bot.cli.people import one
        from bot.clock import system_clock
        from bot.posters import staff_link
        from storage import access, staff

        everyone = await db.run(staff.everyone)
        if not code and everyone and not any(each.active or each.waiting for each in everyone):
            code = self._ask.ask("setup.link.ask")
        if not code:
            return
        member = await one(db, code)
        made = staff_link(self._username, await db.run(access.invite, member.id, system_clock()))
        self._ask.stands(
            "setup.link", self._ask.text("setup.link.good", name=member.name, link=made)
        )


def example() -> None:
    """Print a file with classes to fill in, for ``setup`` and ``school import``."""
    for line in EXAMPLE.splitlines():
        show.line(line)


def add_example_to(app: typer.Typer) -> None:
    """Add the command that prints an example."""
    app.command("example", epilog="Example: vuistregel school example > klassen.csv")(example)


def _preview(wanted: RosterFile) -> Iterator[str]:
    """Who would have which role, a line for each class and one for the whole school."""
    lines = [(each.label, each.posts) for each in wanted.classes]
    for label, posts in [*lines, ("*", wanted.school)] if wanted.school else lines:
        held = (f"{post.role} {wanted.people[post.code]} ({post.code})" for post in posts)
        yield f"  {label}: {', '.join(held)}"


def _bytes(file: Path) -> bytes:
    return file.read_bytes()
