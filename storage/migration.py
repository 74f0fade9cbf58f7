"""Bringing the tables of a database to the version that this program expects."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.orm import Session

from storage.database import any_engine
from storage.errors import SchemaTooNew, SchemaTooOld

ADVISORY_LOCK: Final = 7_165_224  # any number; two replicas that upgrade at once take turns


def upgrade(url: URL | str) -> None:
    """Create or upgrade the tables of the database at ``url``, in one transaction.

    Raises SchemaTooNew, and changes nothing, when a newer version of Vuistregel made them.
    """
    engine = any_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            _refuse_newer(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def check(session: Session) -> None:
    """Make sure that the tables are of exactly this version.

    Raises SchemaTooNew or SchemaTooOld.
    """
    connection = session.connection()
    _refuse_newer(connection)
    if _revision(connection) != _scripts().get_current_head():
        raise SchemaTooOld("the database is older than this version: run `vuistregel db upgrade`")


def _refuse_newer(connection: Connection) -> None:
    revision = _revision(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew("the database was made by a newer version: install that version")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
