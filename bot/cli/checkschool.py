"""What ``doctor`` looks at in the database: version, key, staff of every class, deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.cli.findings import Finding, note, ok, wrong
from bot.settings import Settings, need

if TYPE_CHECKING:
    from storage.classes import ClassView
    from storage.database import Database
    from storage.staff import StaffView

STUCK: Final = timedelta(minutes=15)
NAMED: Final = 5
"""People that a line names."""


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Look at what the database holds; changes nothing, and makes none."""
    from bot.bootstrap import open_database

    path = settings.sqlite_file
    if path is not None and not path.exists():
        need(settings.secret_key, "SECRET_KEY")
        yield note("database", "not there yet", "vuistregel setup makes it")
        return
    db = open_database(settings)
    try:
        async for finding in _opened(db):
            yield finding
    finally:
        await db.close()


async def _opened(db: Database) -> AsyncIterator[Finding]:
    from bot.prepare import check_key
    from storage import classes, migration, outbox, rekey, snapshot, staff

    now = datetime.now(UTC)
    await db.run(migration.check)
    yield ok("database", "opens, and is of this version")
    await check_key(db)
    if await db.run(rekey.remaining):
        yield note("key", "some data needs an old key", "vuistregel keys rotate")
    else:
        yield ok("key", "opens the data")
    known, people = await db.run(classes.active), await db.run(staff.everyone)
    ends = await db.run(snapshot.dead_ends, now)
    for finding in _staff(known, people, frozenset(ends)):
        yield finding
    late = (await db.run(outbox.depth, now)).oldest
    if late > STUCK:
        found = f"something waits for {int(late.total_seconds() // 60)} minutes"
        yield wrong("deliveries", found, "does the bot run? vuistregel run; then look at its log")
    else:
        yield ok("deliveries", "nothing waits")


def _staff(
    known: Sequence[ClassView], people: Sequence[StaffView], ends: frozenset[str]
) -> Iterator[Finding]:
    """Name each class with a report that would reach nobody, and who of its staff is missing."""
    if not known:
        yield note("classes", "none yet", "vuistregel school import FILE.csv --apply")
        return
    for each in known:
        missing = [m for m in people if m.classes("mentor") and each.id in m.classes("mentor")]
        absent = [m for m in missing if not m.active or m.unreachable_since is not None]
        if each.label in ends:
            yield wrong(
                "staff",
                f"some report of {each.label} would reach nobody{_who(absent)}",
                "vuistregel school invite staff, then confirm; name a deputy, a coordinator and"
                " a confidential person",
            )
        elif absent and len(absent) == len(missing):
            found = f"no mentor of {each.label} can be reached{_who(absent)}"
            yield note("staff", found, _remedy(absent[0]))
    if not ends:
        yield ok("staff", "every report has somebody to go to")


def _who(people: Sequence[StaffView]) -> str:
    named = [f"{each.code} {_why(each)}" for each in people[:NAMED]]
    return f" ({', '.join(named)})" if named else ""


def _why(member: StaffView) -> str:
    if member.active:
        return "has blocked the bot"
    if member.waiting:
        return "waits to be confirmed"
    return "was shut out" if member.revoked_at else "has not opened the link"


def _remedy(member: StaffView) -> str:
    if member.active:
        return "ask that person to open the bot and press Start again"
    if member.waiting:
        return f"ask whether it is that person, then vuistregel school confirm {member.code}"
    return f"vuistregel school invite staff {member.code}"
