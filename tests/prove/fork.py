"""The bot's process, forked from one that has imported everything and read the pack.

Most of a start is that, and the proof starts the bot many hundred times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from typing import Any

from bot.demo.process import RUNNING, BotProcess
from tests.prove import victim

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["tests.prove.warm"])


def begin(arguments: Sequence[str], env: dict[str, str], folder: str) -> None:
    """Be the bot: what runs in the forked process."""
    from tests.prove import warm

    warm.use()
    victim.begin(arguments, env, folder)


class Forked:
    """What ``BotProcess`` needs to know of a process."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """The exit code; minus the signal when one ended it."""
        return self._process.exitcode

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()

    async def wait(self) -> int:
        """Return the exit code once it has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        await ended.wait()
        loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self._process.exitcode or 0


class ForkedProcess(BotProcess):
    """Like ``BotProcess``; of the command only what follows the module is used."""

    async def start(self) -> None:
        """Start it unless it runs."""
        if self.running:
            return
        self.ended.clear()
        given = list(self._command[3:]), self._env, str(self._folder)
        process: Any = Forked(FORKS.Process(target=begin, args=given))
        self._process = process
        self._watch = asyncio.create_task(self._await_end(process))
        self._changed(RUNNING)
