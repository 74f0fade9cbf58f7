"""What ``doctor`` looks at on this machine: versions, settings, pack, files, disk."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.cli.findings import Finding, note, ok, wrong
from bot.settings import PREFIX, Settings, host_and_port

if TYPE_CHECKING:
    from content.models import School

FREE_BYTES: Final = 200_000_000
SQLITE: Final = (3, 35, 0)
"""RETURNING is needed."""
SOON_DAYS: Final = 30
HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


async def versions(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether Python, SQLite and the pinned libraries are those that were tested."""
    shown = f"vuistregel {version('vuistregel')}, Python {sys.version.split()[0]}"
    other = list(_other_versions())
    if other:
        remedy = "install once more: make .venv/run.stamp, or pip install with requirements.lock"
        yield wrong("versions", f"{shown}; {', '.join(other)}", remedy)
    elif settings.sqlite_file is not None and sqlite3.sqlite_version_info < SQLITE:
        remedy = "use a Python with SQLite 3.35 or later, or PostgreSQL"
        yield wrong("versions", f"{shown}, SQLite {sqlite3.sqlite_version}", remedy)
    else:
        yield ok("versions", shown)


def _other_versions() -> Iterator[str]:
    """Name libraries that are pinned to one version and stand here in another."""
    for line in requires("vuistregel") or ():
        name, _, pinned = line.partition("==")
        if not pinned or ";" in name:
            continue
        wanted = pinned.partition(";")[0].strip()
        try:
            found = version(name.strip())
        except PackageNotFoundError:
            found = "missing"
        if found != wanted:
            yield f"{name.strip()} {found} instead of {wanted}"


async def content(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether the pack can be used, and knows the school's hours and holidays."""
    from content.loader import load_pack

    pack = await asyncio.to_thread(load_pack, settings.content)
    school = pack.school
    yield ok("content", f"{pack.counts()['rules']} rules, {school.name}, {school.version}")
    problem = _calendar(school, datetime.now(UTC).date())
    if problem:
        yield note("calendar", problem, "put them into school.yaml: terms run by these")


def _calendar(school: School, today: date) -> str:
    last = max((holiday.last for holiday in school.holidays), default=None)
    if last is None:
        return "the pack knows no holidays"
    if (last - today).days < SOON_DAYS:
        return f"the last holiday that the pack knows ends on {last}"
    return "" if school.school_hours else "the pack knows no school hours"


async def files(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether others on this machine can read the settings or the database."""
    seen = False
    for path in (Path(".env"), settings.sqlite_file):
        if path is None or not path.exists():
            continue
        seen = True
        mode = path.stat().st_mode
        if mode & OPEN_TO_OTHERS:
            found = f"{path.name} can be read by others on this machine"
            yield wrong("files", found, f"chmod 600 {path}")
            return
    if seen:
        yield ok("files", "readable by their owner alone")


async def disk(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether there is room for the database to grow."""
    path = settings.sqlite_file
    if path is None:
        return
    free = shutil.disk_usage(path.resolve().parent).free
    shown = f"{free // 1_000_000} MB free"
    yield wrong("disk", shown, "make room") if free < FREE_BYTES else ok("disk", shown)


async def alarms(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether somebody hears when Telegram itself is away, and who can see the figures."""
    if settings.alarm_url or settings.smtp_host:
        yield ok("alarms", "a second channel is set")
    else:
        remedy = f"set {PREFIX}ALARM_URL or SMTP_HOST: Telegram cannot tell that Telegram is away"
        yield note("alarms", "no second channel", remedy)
    if settings.metrics_listen and host_and_port(settings.metrics_listen)[0] not in HERE:
        found = f"figures are shown to others at {settings.metrics_listen}"
        remedy = f"set {PREFIX}METRICS_LISTEN to 127.0.0.1, unless a firewall keeps others out"
        yield note("metrics", found, remedy)


async def alarm_sent(settings: Settings) -> AsyncIterator[Finding]:
    """Send a test over each alarm channel."""
    from bot.alarm import channels_of

    for channel in channels_of(settings):
        try:
            await channel.send("Vuistregel: test", "vuistregel doctor --send-alarm")
        except Exception as error:  # whatever it is, alarms would not arrive either
            found = f"a test did not go ({type(error).__name__})"
            yield wrong("alarms", found, f"look at {PREFIX}ALARM_URL or {PREFIX}SMTP_…")
        else:
            yield ok("alarms", "a test went; see whether it arrived")
