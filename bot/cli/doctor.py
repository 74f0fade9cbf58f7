"""``doctor``: is everything in order? Each finding with what to do about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import typer

from bot.cli import problems, reach, show
from bot.settings import Settings, load_settings, need

if TYPE_CHECKING:
    from storage.database import Database

FREE_BYTES: Final = 200_000_000
CLOCK_SECONDS: Final = 30
PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and what was found; ``remedy`` is empty where nothing is wrong."""

    what: str
    found: str
    remedy: str = ""
    wrong: bool = False


Check = Callable[[Settings], AsyncIterator[Finding]]


def doctor() -> None:
    """Look whether token, database, key, staff, pack, clock and disk are in order.

    Changes nothing. Exit code 1 when something is wrong.
    """
    found = asyncio.run(_examine(load_settings()))
    for each in found:
        mark = "WRONG" if each.wrong else "note " if each.remedy else "ok   "
        show.line(f"{mark} {each.what}: {each.found}")
        if each.remedy:
            show.line(f"      → {each.remedy}")
    if any(each.wrong for each in found):
        raise typer.Exit(problems.FOUND)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: vuistregel doctor")(doctor)


async def _examine(settings: Settings) -> list[Finding]:
    checks: tuple[tuple[str, Check, str], ...] = (
        ("content", _content, "vuistregel check FOLDER names every mistake"),
        ("database", _database, "see 'When something is wrong' in docs/ADMINISTRATOR.md"),
        ("token", _token, "copy the token again from @BotFather; can this machine reach Telegram?"),
        ("clock", _clock, "can this machine reach the Bot API?"),
        ("disk", _disk, "make room"),
        ("administrator", _administrator, "can this machine reach the Bot API?"),
    )
    found: list[Finding] = []
    for name, check, remedy in checks:
        try:
            found += [finding async for finding in check(settings)]
        except Exception as error:  # the other checks are still worth their answer
            said = problems.line(error) or type(error).__name__
            found.append(Finding(name, problems.one_line(said), remedy, wrong=True))
    return found


async def _content(settings: Settings) -> AsyncIterator[Finding]:
    from content.loader import load_pack

    pack = await asyncio.to_thread(load_pack, settings.content)
    yield Finding("content", f"{pack.counts()['rules']} rules, {pack.school.name}")


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    from bot.bootstrap import open_database

    path = settings.sqlite_file
    if path is not None and not path.exists():
        need(settings.secret_key, "SECRET_KEY")
        yield Finding("database", "not there yet", "import the classes: vuistregel school import")
        return
    db = open_database(settings)
    try:
        async for finding in _opened(db):
            yield finding
    finally:
        await db.close()


async def _opened(db: Database) -> AsyncIterator[Finding]:
    from bot.prepare import check_key
    from storage import migration, rekey, snapshot

    await db.run(migration.check)
    yield Finding("database", "opens, and is of this version")
    await check_key(db)
    old = await db.run(rekey.remaining)
    yield Finding("key", "opens the data", "vuistregel keys rotate" if old else "")
    ends = await db.run(snapshot.dead_ends, datetime.now(UTC))
    for label in ends:
        yield Finding(
            "staff",
            f"some report of {label} would reach nobody",
            "vuistregel school invite staff, then confirm; name a deputy and a confidential person",
            wrong=True,
        )
    if not ends:
        yield Finding("staff", "every report has somebody to go to")


async def _token(settings: Settings) -> AsyncIterator[Finding]:
    from bot.menu import bot_name

    token = need(settings.token, "TOKEN")
    async with asyncio.timeout(PATIENCE):
        yield Finding("token", f"@{await bot_name(token, settings.api_url)}")


async def _clock(settings: Settings) -> AsyncIterator[Finding]:
    import httpx

    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            said = (await client.head(settings.api_url)).headers.get("date")
    except httpx.HTTPError:
        said = None
    if said is None:
        yield Finding("clock", "not compared: the Bot API did not tell the time")
        return
    off = abs((datetime.now(UTC) - parsedate_to_datetime(said)).total_seconds())
    wrong = off > CLOCK_SECONDS
    remedy = "switch time synchronisation (NTP) on: terms run by this clock" if wrong else ""
    yield Finding("clock", f"{off:.0f} seconds from Telegram's", remedy, wrong)


async def _disk(settings: Settings) -> AsyncIterator[Finding]:
    path = settings.sqlite_file
    if path is None:
        return
    free = shutil.disk_usage(path.resolve().parent).free
    wrong = free < FREE_BYTES
    yield Finding("disk", f"{free // 1_000_000} MB free", "make room" if wrong else "", wrong)


async def _administrator(settings: Settings) -> AsyncIterator[Finding]:
    if settings.admin_ids:
        async with asyncio.timeout(PATIENCE):
            deaf = await reach.deaf(settings)
        for admin in deaf:
            yield Finding(
                "administrator",
                f"no alarm in Telegram reaches account {admin}",
                "open the bot with that account and press Start, or set VUISTREGEL_ADMIN_IDS",
                wrong=True,
            )
        if not deaf:
            yield Finding("administrator", f"{len(settings.admin_ids)} to be warned")
    else:
        remedy = "set VUISTREGEL_ADMIN_IDS: else nobody hears that a report reaches nobody"
        yield Finding("administrator", "none", remedy)
    if not (settings.alarm_url or settings.smtp_host):
        remedy = "set VUISTREGEL_ALARM_URL or SMTP_HOST: Telegram cannot tell that Telegram is away"
        yield Finding("alarms", "no second channel", remedy)
