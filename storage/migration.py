"""Bringing the tables of a database to the version that this program expects.

Alembic is imported only when there is something to do: it costs a start 0.1 s and 11 MB.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.orm import Session

from storage.database import any_engine
from storage.errors import SchemaTooNew, SchemaTooOld

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0008"
"""The newest step in ``migrations/versions``; a test holds the two together."""
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
            if _revision(connection) != HEAD:
                _upgrade(connection)
    finally:
        engine.dispose()


def check(session: Session) -> None:
    """Make sure that the tables are of exactly this version.

    Raises SchemaTooNew or SchemaTooOld.
    """
    revision = _revision(session.connection())
    if revision == HEAD:
        return
    if revision is not None and revision not in known():
        raise _too_new()
    raise SchemaTooOld("the database is older than this version: run `vuistregel db upgrade`")


def known() -> frozenset[str]:
    """Return the steps that this version has, up to ``HEAD``."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return frozenset(script.revision for script in scripts)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    revision = _revision(connection)
    if revision is not None and revision not in known():
        raise _too_new()
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _too_new() -> SchemaTooNew:
    return SchemaTooNew("the database was made by a newer version: install that version")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
