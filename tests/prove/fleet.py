"""Several of the real process on one PostgreSQL behind a round-robin, around the stand-in."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bot.demo.launcher import Demo
from bot.demo.process import BotProcess
from storage.crypto import Vault, new_key
from storage.database import Database
from tests.prove import botlog, crowd
from tests.prove.balancer import Balancer, balancer, free_port
from tests.prove.crowd import Pupil, until
from tests.virtual import time_of, to_an_afternoon

SECRET = "fleet-secret"


@dataclass
class Fleet:
    """The replicas, the stand-in, our own look at the database, and pupils with phones."""

    demo: Demo
    db: Database
    balancer: Balancer
    replicas: list[BotProcess]
    origins: list[str]
    pupils: list[Pupil]
    folder: Path

    def now(self) -> datetime:
        """The playground's time."""
        return time_of(self.demo)

    def signal(self, number: int, which: signal.Signals) -> None:
        """Send a signal to a replica."""
        pid = self.replicas[number].pid
        if pid is not None:
            os.kill(pid, which)

    def lines(self) -> list[dict[str, Any]]:
        """Return what all replicas logged."""
        found = [botlog.read(log) for log in sorted(self.folder.glob("replica-*.log"))]
        return [line for lines in found for line in lines]

    def jobs(self) -> list[tuple[str, float]]:
        """Return each run of a job, by name and time."""
        log = self.folder / "jobs.log"
        rows = log.read_text(encoding="ascii").splitlines() if log.exists() else []
        return [(row.split()[0], float(row.split()[1])) for row in rows]


@asynccontextmanager
async def fleet(
    database_url: str,
    folder: Path,
    *,
    count: int,
    pupils: int,
    groups: int = 10,
    answer: float = 30.0,
) -> AsyncIterator[Fleet]:
    """Start ``count`` replicas; returns when all are ready.

    ``answer``: seconds after which the round-robin takes a request for lost.
    """
    key, front = new_key(), free_port()
    ports = [free_port() for _ in range(count)]
    origins = [f"http://127.0.0.1:{port}" for port in ports]
    settings = [_settings(front, port) for port in ports]
    demo = Demo(
        0,
        database_url=database_url,
        secret_key=key,
        welcome=False,
        command=_command(folder, 0),
        env=settings[0],
    )
    demo.state.clock.move(to_an_afternoon(datetime.now(UTC)))  # at night staff are not told
    async with AsyncExitStack() as stack:
        db = Database(database_url, Vault.from_setting(key))
        stack.push_async_callback(db.close)
        await stack.enter_async_context(demo)
        in_front = await stack.enter_async_context(balancer(origins, front, answer))
        replicas = [demo.process]
        for number in range(1, count):
            env = {**demo._env(), **settings[number]}
            replica = BotProcess(_command(folder, number), env, demo.folder, lambda _: None)
            stack.push_async_callback(replica.stop)
            await replica.start()
            replicas.append(replica)
        phones = crowd.phones(demo.state, pupils, groups)
        found = Fleet(demo, db, in_front, replicas, origins, phones, folder)
        await db.run(crowd.fill, found.now(), pupils, groups)
        for origin in origins:
            await ready(origin)
        await until(lambda: demo.state.webhook is not None, 60)
        yield found


async def ready(origin: str, seconds: float = 90.0) -> None:
    """Wait until a replica says that it is ready; TimeoutError when it does not."""
    async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"{origin}/healthz")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


def _command(folder: Path, number: int) -> list[str]:
    argv = [sys.executable, "-m", "tests.prove.counted", str(folder / "jobs.log")]
    return botlog.command(argv, folder / f"replica-{number}.log")


def _settings(front: int, port: int) -> dict[str, str]:
    return {
        "VUISTREGEL_WEBHOOK_URL": f"http://127.0.0.1:{front}",
        "VUISTREGEL_WEBHOOK_SECRET": SECRET,
        "VUISTREGEL_HTTP_LISTEN": f"127.0.0.1:{port}",
        "VUISTREGEL_LOG_FORMAT": "json",
    }
