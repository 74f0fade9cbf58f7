"""The command line called in this process, with settings of its own and one pack for all."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import cli
from bot.demo.server import DemoServer
from bot.demo.state import State
from content.loader import load_pack
from content.matcher import Matcher
from content.pack import Pack
from storage import roster, roster_file
from storage.crypto import Vault, new_key
from storage.database import Database

ROSTER = """\
klas;mentor;mentor_code;mentor2;mentor2_code;plaatsvervanger;plaatsvervanger_code;\
coordinator;coordinator_code;vertrouwenspersoon;vertrouwenspersoon_code
H3b;Marit Vos;VOS;;;Aylin Demir;DEM;Karel Smit;SMI;;
V2a;Jan de Boer;BOE;Jan de Boer;BO2;Aylin Demir;DEM;Karel Smit;SMI;;
*;;;;;;;;;Ineke Bos;BOS
"""
"""Two classes; two people are called Jan de Boer."""


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The lines of JSON on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Cli:
    """Calls ``vuistregel`` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capsys, self._patch = capsys, patch

    def __call__(self, *args: str, stdin: bytes = b"") -> Done:
        """Run a command to its end."""
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii"))
        self._capsys.readouterr()
        code = cli.run(list(args))
        said = self._capsys.readouterr()
        return Done(code, said.out, said.err)

    def refused(self, *args: str, words: str = "") -> str:
        """Run a command that must fail with one line on stderr and exit code 2; return it."""
        done = self(*args)
        assert (done.code, done.out) == (2, ""), done
        assert done.err.count("\n") == 1, done.err
        assert words in done.err
        return done.err

    def set(self, **settings: str | None) -> None:
        """Set settings, or take them away with None."""
        for name, value in settings.items():
            if value is None:
                self._patch.delenv(f"VUISTREGEL_{name}", raising=False)
            else:
                self._patch.setenv(f"VUISTREGEL_{name}", value)


@pytest.fixture(autouse=True)
def one_pack(pack: Pack, matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let commands use the session's pack and matcher; another folder is really read.

    Logging stays as it is for the other tests of this process.
    """

    def load(path: Path | None = None) -> Pack:
        return pack if path is None else load_pack(path)

    def build(wanted: Pack) -> Matcher:
        return matcher if wanted is pack else Matcher(wanted)

    for module in ("content.loader", "bot.bootstrap"):
        monkeypatch.setattr(f"{module}.load_pack", load)
    for module in ("content.matcher", "bot.bootstrap"):
        monkeypatch.setattr(f"{module}.Matcher", build)
    monkeypatch.setattr("bot.logs.configure", lambda fmt, level: None)
    with structlog.testing.capture_logs():
        yield


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    """The system's certificates, read once: that takes longer than most commands."""
    return ssl.create_default_context()


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    certificates: ssl.SSLContext,
) -> Cli:
    """The command line in an empty folder, with no setting at all."""
    monkeypatch.setattr("ssl.create_default_context", lambda *_, **__: certificates)
    for name in [name for name in os.environ if name.startswith("VUISTREGEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Cli(capsys, monkeypatch)


@pytest.fixture(scope="session")
def key() -> str:
    """The key that all tests seal with."""
    return new_key()


@pytest.fixture(scope="session")
def school_file(migrated_file: Path, key: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the classes of ROSTER are known, to copy."""

    async def fill() -> None:
        db = Database(f"sqlite:///{path}", Vault.from_setting(key))
        await db.run(roster.apply, roster_file.read(ROSTER.encode()), datetime.now(UTC))
        await db.close()

    path = tmp_path_factory.mktemp("school") / "school.db"
    shutil.copy(migrated_file, path)
    asyncio.run(fill())
    return path


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> str:
    """The address of a database with all tables and no rows."""
    shutil.copy(migrated_file, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def at_school(call: Cli, key: str, database: str) -> Cli:
    """The command line with a key and a database."""
    call.set(SECRET_KEY=key, DATABASE_URL=database)
    return call


@pytest.fixture
def school(at_school: Cli, school_file: Path, tmp_path: Path) -> Cli:
    """The command line of a school whose classes are known."""
    shutil.copy(school_file, tmp_path / "test.db")
    return at_school


@pytest.fixture
def run(key: str, database: str) -> Callable[..., Any]:
    """Call one operation of the storage room on the database of the test."""

    async def one(operation: Any, args: Any, kwargs: Any) -> Any:
        db = Database(database, Vault.from_setting(key))
        try:
            return await db.run(operation, *args, **kwargs)
        finally:
            await db.close()

    return lambda operation, *args, **kwargs: asyncio.run(one(operation, args, kwargs))


async def stopped(server: DemoServer) -> None:
    """Stop the stand-in, and let its connections end."""
    await server.stop()
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def telegram(call: Cli) -> Iterator[State]:
    """A stand-in for Telegram in a thread of its own; the settings name it and its token."""
    state = State()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def started() -> DemoServer:
        server = DemoServer(state)
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(started(), loop).result(30)
    call.set(TOKEN=state.token, API_URL=server.url)
    yield state
    asyncio.run_coroutine_threadsafe(stopped(server), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    loop.close()
