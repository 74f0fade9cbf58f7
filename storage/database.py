"""One way to the database for SQLite and PostgreSQL.

Every operation of this room is a plain function whose first argument is a ``Session``;
``Database.run`` calls it in one transaction, which it may share with others that wait at the same
time (``storage.writer``). An operation never awaits, so no transaction is ever open while Telegram
is waited for; it may be done a second time when the first was undone, so it changes nothing but the
database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from storage.crypto import Vault
from storage.errors import DatabaseBusy, StorageError
from storage.writer import LOCK_MILLISECONDS, REMOVED, Writer

if TYPE_CHECKING:  # what not every bot needs
    import sqlite3

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

P = ParamSpec("P")
T = TypeVar("T")

SQLITE_WAIT_SECONDS: Final = 5.0
GIVE_UP: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds; the others are seconds
}
"""When a server that vanished without a word counts as lost: else after a quarter of an hour, or
two hours (libpq, "Parameter Key Words"). What the URL says goes before it."""
THREADS: Final = 10
"""So many operations at most may be held up on PostgreSQL before all others wait for them."""


class Database:
    """A database, open. ``run`` is the only way in."""

    def __init__(self, url: str, vault: Vault, *, sqlite_wait: float = SQLITE_WAIT_SECONDS) -> None:
        self.url = _with_driver(url)
        self.vault = vault
        self._async: AsyncEngine | None = None
        if self.is_sqlite:
            self.engine, threads = sqlite_engine(self.url, sqlite_wait), 1
        else:
            self.engine, threads = postgresql_engine(self.url), THREADS
        self.writer = Writer(
            self.engine, lambda: {"vault": self.vault}, sqlite_wait, threads=threads
        )

    def __repr__(self) -> str:
        return f"Database({self.url.get_backend_name()})"

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is SQLite: one process, one writer."""
        return self.url.get_backend_name() == "sqlite"

    async def run(
        self, operation: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call ``operation(session, …)`` in one transaction and return its result.

        Raises DatabaseBusy when another process holds SQLite's lock for too long, and whatever the
        operation raises; then nothing of it is kept.
        """
        result: T = await self.writer.run(operation, args, kwargs)
        return result

    async def connection(self) -> AsyncConnection:
        """Return a connection of the caller's own, for locks that outlast a transaction.

        Raises StorageError on SQLite, where one process has the database to itself.
        """
        if self.is_sqlite:
            raise StorageError("SQLite needs no locks of its own")
        if self._async is None:
            from sqlalchemy.ext.asyncio import create_async_engine

            self._async = create_async_engine(
                self.url,
                hide_parameters=True,
                pool_pre_ping=True,
                connect_args=_give_up(self.url),
            )
        connection = await self._async.connect()
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def maintain(self, statement: str) -> None:
        """Run a statement of upkeep outside any transaction, on PostgreSQL; else do nothing."""
        if self.is_sqlite:
            return
        alone = await self.connection()
        try:
            await alone.exec_driver_sql(statement)
        finally:
            await alone.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._async is not None:
            await self._async.dispose()
        await self.writer.close()


def is_away(error: BaseException | None) -> bool:
    """Tell whether PostgreSQL could not be reached or went away: later the same will do.

    An SQLite file is never away; a lock that takes too long is DatabaseBusy.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return type(error.orig).__module__.startswith("psycopg")
    return isinstance(error, DatabaseBusy)


def vault_of(session: Session) -> Vault:
    """Return the vault that seals what ``session`` writes."""
    vault: Vault = session.info["vault"]
    return vault


def any_engine(url: URL | str) -> Engine:
    """Return a synchronous engine for either kind of database."""
    parsed = _with_driver(url) if isinstance(url, str) else url
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed)
    return create_engine(parsed, hide_parameters=True)


def words_removed(session: Session) -> None:
    """Say that this transaction removes words: afterwards they are in no file of SQLite either."""
    session.info[REMOVED] = True


def sqlite_engine(url: URL | str, wait: float = SQLITE_WAIT_SECONDS) -> Engine:
    """Return an engine with WAL, foreign keys, secure delete and BEGIN IMMEDIATE."""
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": wait})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a report that was acknowledged survives a power cut
            "foreign_keys=ON",
            "secure_delete=ON",  # a purged word is overwritten, not only unlinked
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def postgresql_engine(url: URL) -> Engine:
    """Return an engine that waits for nothing for ever: not for a server, nor for a lock."""
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=THREADS,
        connect_args=_give_up(url),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {LOCK_MILLISECONDS}")
        connection.autocommit = False

    return engine


def _give_up(url: URL) -> dict[str, int]:
    return {name: value for name, value in GIVE_UP.items() if name not in url.query}


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    raise StorageError("DATABASE_URL must start with sqlite:/// or postgresql://")
