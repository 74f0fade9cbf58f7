"""What is wrong with a setting, file or database: one line, exit code 2, and nothing changed."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine

from bot.demo.state import State
from storage import classes
from storage.crypto import new_key
from storage.database import sqlite_engine
from tests.bot.cli.conftest import Cli
from tests.content.sample import write_pack

DATABASE_COMMANDS = [
    ["run"],
    ["purge"],
    ["school", "invite", "staff"],
    ["school", "confirm", "VOS"],
    ["reports", "list"],
    ["questions", "missed"],
    ["keys", "rotate"],
]
TOKEN = "77:tok-en"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def ready(school: Cli) -> Cli:
    """The command line with all that ``run`` needs; nobody answers at the Bot API's address."""
    school.set(TOKEN=TOKEN, API_URL="http://127.0.0.1:9")
    return school


@pytest.mark.parametrize("command", DATABASE_COMMANDS)
def test_missing_key(ready: Cli, command: list[str]) -> None:
    """Without a key every command that needs one says so."""
    ready.set(SECRET_KEY=None)
    ready.refused(*command, words="VUISTREGEL_SECRET_KEY is not set")


@pytest.mark.parametrize("wrong", ["abc", "é" * 44, "A" * 43 + "!", "QUJD" * 5])
def test_malformed_key(ready: Cli, wrong: str) -> None:
    """A key that is none is refused, and does not show."""
    ready.set(SECRET_KEY=wrong)
    assert wrong not in ready.refused("run", words="SECRET_KEY")


@pytest.mark.parametrize("command", DATABASE_COMMANDS)
def test_other_key(ready: Cli, command: list[str]) -> None:
    """With another key than the data's nothing starts, and the key does not show."""
    other = new_key()
    ready.set(SECRET_KEY=other)
    line = ready.refused(*command, words="sealed with a key that is not set")
    assert other not in line


def test_missing_token(ready: Cli) -> None:
    """The bot does not run without a token; an empty one is none."""
    ready.set(TOKEN=None)
    ready.refused("run", words="VUISTREGEL_TOKEN is not set")
    ready.set(TOKEN="")
    ready.refused("run", words="VUISTREGEL_TOKEN is not set")


def test_wrong_token(ready: Cli, telegram: State) -> None:
    """A token that Telegram refuses (401) is said at start, without the token."""
    ready.set(TOKEN=TOKEN)
    assert TOKEN not in ready.refused("run", words="does not know VUISTREGEL_TOKEN")


@pytest.mark.parametrize("command", DATABASE_COMMANDS)
def test_locked_database(
    ready: Cli, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that another process holds is said, and comes out as it was."""

    def hasty(url: URL, wait: float = 5.0) -> Engine:
        return sqlite_engine(url, 0.05)

    monkeypatch.setattr("storage.database.sqlite_engine", hasty)
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    ready.refused(*command, words="the database is locked by another process")
    other.close()


@pytest.mark.parametrize("command", [*DATABASE_COMMANDS, ["db", "upgrade"]])
def test_newer_database(ready: Cli, command: list[str], tmp_path: Path) -> None:
    """A database of a newer version is neither used nor changed."""
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("UPDATE alembic_version SET version_num = '9999'")
    ready.refused(*command, words="made by a newer version")
    assert other.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    other.close()


def test_file_that_is_no_database(ready: Cli, tmp_path: Path) -> None:
    """A file that is something else is refused and left alone; so is a folder that is not there."""
    note = tmp_path / "note.txt"
    note.write_text("a note, and no database at all " * 40, encoding="utf-8")
    before = note.read_bytes()
    ready.set(DATABASE_URL=f"sqlite:///{note}")
    ready.refused("run", words="no SQLite database")
    assert note.read_bytes() == before
    ready.set(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/x.db")
    ready.refused("run", words="cannot be opened")


def test_postgresql_that_is_away(ready: Cli) -> None:
    """A server that does not answer is one line, without the password in its address."""
    ready.set(DATABASE_URL="postgresql://bot:pass-word@127.0.0.1:9/school")
    for command in (["run"], ["db", "upgrade"]):
        assert "pass-word" not in ready.refused(*command, words="VUISTREGEL_DATABASE_URL")


def test_wrong_pack(ready: Cli, run: Callable[..., Any], tmp_path: Path) -> None:
    """A pack that is not there or is malformed stops the bot before it starts."""
    ready.set(CONTENT=str(tmp_path / "nowhere"))
    ready.refused("run", words="nowhere: there is no such folder")
    folder = write_pack(tmp_path / "elders", {"school.yaml": "name: [\n"})
    ready.set(CONTENT=str(folder))
    ready.refused("run", words="school.yaml:")
    ready.refused("purge", words="school.yaml:")
    assert len(run(classes.active)) == 2


def test_port_in_use(ready: Cli, telegram: State, taken_port: int) -> None:
    """A port that is taken is named with its setting, for ``/healthz`` and for ``/metrics``."""
    for name in ("HTTP_LISTEN", "METRICS_LISTEN"):
        ready.set(**{name: f"127.0.0.1:{taken_port}"})
        line = ready.refused("run", words=f"VUISTREGEL_{name}: 127.0.0.1:{taken_port}")
        assert "in use" in line
        ready.set(**{name: None})
    assert not telegram.polled


def test_port_of_the_playground_in_use(call: Cli, taken_port: int) -> None:
    """The playground says which option chooses another port."""
    call.refused("demo", "--no-browser", "--port", str(taken_port), words="--port")


def test_playground_with_a_newer_database(call: Cli, database: str, tmp_path: Path) -> None:
    """The playground refuses a database of a newer version as well."""
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.close()
    call.set(DATABASE_URL=database)
    call.refused("demo", "--no-browser", "--port", "0", words="made by a newer version")


def test_webhook_that_telegram_refuses(ready: Cli, telegram: State) -> None:
    """An address that Telegram does not take is said with Telegram's own words."""
    ready.set(WEBHOOK_URL="http://school.example", WEBHOOK_SECRET="abc", HTTP_LISTEN="127.0.0.1:0")
    ready.refused("run", words="VUISTREGEL_WEBHOOK_URL: Telegram says")
