"""How connections to PostgreSQL are made: for what vanishes without a word, too."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage.crypto import Vault
from storage.database import GIVE_UP, Database
from tests.storage.postgres import Postgres

USUAL = {name: str(value) for name, value in GIVE_UP.items()}


def parameters(session: Session) -> dict[str, str]:
    driver: Any = session.connection().connection.driver_connection
    return dict(driver.info.get_parameters())


async def of_both_kinds(url: str, vault: Vault) -> list[dict[str, str]]:
    """Return the parameters of a connection for operations and of one for locks."""
    db = Database(url, vault)
    found = [await db.run(parameters)]
    alone = await db.connection()
    raw: Any = (await alone.get_raw_connection()).driver_connection
    found.append(dict(raw.info.get_parameters()))
    await alone.close()
    await db.close()
    return [{name: each[name] for name in GIVE_UP} for each in found]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [({}, USUAL), ({"tcp_user_timeout": "900"}, USUAL | {"tcp_user_timeout": "900"})],
    ids=["usual", "in the URL"],
)
async def test_a_server_that_vanished_is_given_up(
    postgres: Postgres, vault: Vault, said: dict[str, str], wanted: dict[str, str]
) -> None:
    """Its connections count as lost within half a minute, or when the URL says so."""
    with postgres.lent() as name:
        url = postgres.url(name) + "".join(f"&{key}={value}" for key, value in said.items())
        assert await of_both_kinds(url, vault) == [wanted, wanted]


def test_the_tables_load_no_kind_of_database() -> None:
    """SQLAlchemy loads the one that is connected to; the other would take a megabyte or two."""
    code = (
        "import sys; from storage import database, tables;"
        "print([name for name in sys.modules if name.startswith('sqlalchemy.dialects.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ".base" not in done.stdout
