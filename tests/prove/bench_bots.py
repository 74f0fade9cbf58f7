"""The processes of the bench: a stand-in and a bot, started, played with and stopped."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy.orm import Session

from storage import classes, migration, people, roster, roster_file
from storage.crypto import Vault, new_key
from storage.database import Database
from tests.prove.bench_load import FIRST_PERSON, Measured

PEOPLE: Final = 256
CLASSES: Final = 20
STOP_SECONDS: Final = 10.0
PATIENCE: Final = 700.0
ECHO: Final = "tests.prove.bench_echo"
OURS: Final = "tests.prove.bench_ours"
NOTHING: Final[Mapping[str, str]] = {}
ROOT: Final = Path(__file__).parents[2]


@dataclass
class Bot:
    """A bot's process with a stand-in of its own. ``first_poll``: seconds from the start."""

    module: str
    env: dict[str, str]
    http: httpx.AsyncClient
    process: asyncio.subprocess.Process = field(init=False)
    first_poll: float = 0.0

    async def start(self) -> None:
        """Start the process and wait for its first poll."""
        since = time.time()
        self.process = await _spawn(["-m", *self.module.split()], self.env)
        polled = await self.http.get("/polled", params={"since": since})
        self.first_poll = polled.json() - since

    async def play(self, **load: Any) -> Measured:
        """Play a load (the arguments of ``Load``) and return what was measured."""
        before = self.cpu()
        answer = await self.http.post("/control", json=load)
        measured: Measured = answer.json()
        measured["cpu"] = (self.cpu() - before) / measured["all_steps"] * 1000
        return measured

    def resident(self) -> float:
        """Return the resident memory in megabytes (of a million bytes)."""
        pages = self._proc("statm").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu(self) -> float:
        """Return the seconds of work that the process has done."""
        ticks = self._proc("stat").rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    async def stop(self) -> float:
        """Ask it to stop and return how many seconds that took; TimeoutError beyond ten."""
        since = time.perf_counter()
        self.process.terminate()
        await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        return time.perf_counter() - since

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.process.pid}/{name}").read_text(encoding="ascii")


@asynccontextmanager
async def bot(module: str, database_url: str = "", key: str = "") -> AsyncIterator[Bot]:
    """Start the bot that ``python -m module`` is, with a stand-in; kill both in the end."""
    api = await _spawn(["-m", "tests.prove.bench_api"], stdout=asyncio.subprocess.PIPE)
    assert api.stdout is not None
    origin = f"http://127.0.0.1:{int(await api.stdout.readline())}"
    started: list[asyncio.subprocess.Process] = [api]
    try:
        async with httpx.AsyncClient(base_url=origin, timeout=PATIENCE) as http:
            made = Bot(module, settings(origin, database_url, key), http)
            await made.start()
            yield made
            started.append(made.process)
    finally:
        for each in started:
            if each.returncode is None:
                each.kill()
                await each.wait()


def settings(origin: str, database_url: str, key: str) -> dict[str, str]:
    """Return the settings of either bot."""
    return {
        "VUISTREGEL_TOKEN": "1:bench",
        "VUISTREGEL_API_URL": origin,
        "VUISTREGEL_DATABASE_URL": database_url,
        "VUISTREGEL_SECRET_KEY": key,
        "VUISTREGEL_SENDS_PER_SECOND": "100000",
        "VUISTREGEL_LOG_LEVEL": "ERROR",
    }


async def school(database_url: str) -> str:
    """Fill a database with classes full of pupils and return the key that opens it."""
    if database_url.startswith("sqlite"):
        await asyncio.to_thread(migration.upgrade, database_url)
    key = new_key()
    db = Database(database_url, Vault.from_setting(key))
    try:
        await db.run(_fill, datetime.now(UTC))
    finally:
        await db.close()
    return key


def _fill(session: Session, now: datetime) -> None:
    rows = [f"B{n};Mentor Nummer{n};M{n};;" for n in range(CLASSES)]
    header = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code"
    roster.apply(session, roster_file.read("\n".join([header, *rows]).encode()), now)
    session.flush()
    ids = [each.id for each in classes.active(session)]
    for number in range(PEOPLE):
        who = FIRST_PERSON + number
        people.join_class(session, who, ids[number % CLASSES], f"Pupil Nummer{number}", now)


async def _spawn(
    arguments: list[str], given: Mapping[str, str] = NOTHING, stdout: int | None = None
) -> asyncio.subprocess.Process:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", **given}
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, env=env, stdout=stdout)
