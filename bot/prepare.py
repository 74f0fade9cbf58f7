"""What must be right before anything runs: the tables' version, the key, the places to listen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StartProblem
from bot.settings import PREFIX
from storage import migration, rekey, staff
from storage.database import Database
from storage.errors import SealBroken


async def prepare_database(db: Database) -> None:
    """Bring SQLite up to date; on PostgreSQL only check, since several replicas may start.

    Raises SchemaTooNew, SchemaTooOld, DatabaseBusy, or KeyProblem when the data was sealed with a
    key that is not set.
    """
    if db.is_sqlite:
        make_private(Path(db.url.database or ""))
        await asyncio.to_thread(migration.upgrade, db.url)
    await db.run(migration.check)
    await check_key(db)


def make_private(file: Path) -> None:
    """Let a new SQLite file be readable by its owner alone: it holds who talks to the bot."""
    if file.parent.is_dir() and not file.exists():
        file.touch(mode=0o600)


async def check_key(db: Database) -> None:
    """Open the names of the staff: with another key nothing that a pupil sends could be kept.

    Raises KeyProblem for that, and when other data needs a key that is not set.
    """
    await db.run(rekey.check_keys)
    try:
        await db.run(staff.check_names)
    except SealBroken:  # the key is right; one damaged value must not stop the whole school
        return


@contextmanager
def listening(name: str, place: tuple[str, int] | None) -> Iterator[socket.socket | None]:
    """Hold host and port for as long as the context lasts; ``name`` is their setting.

    Raises StartProblem when the port is in use, or the host is no address of this machine.
    """
    if place is None:
        yield None
        return
    host, port = place
    try:
        taken = _bound(host, port)
    except OSError as error:
        raise StartProblem(f"{PREFIX}{name}: {host}:{port}: {error.strerror}") from None
    with taken:
        yield taken


def _bound(host: str, port: int) -> socket.socket:
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    taken = socket.socket(family, kind, proto)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError:
        taken.close()
        raise
    return taken
