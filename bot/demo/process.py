"""The bot's own process behind the playground: start, stop, kill, and notice when it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

STOP_SECONDS = 15.0
RUNNING, STOPPED = "running", "stopped"


class BotProcess:
    """One process at a time. ``changed`` is called with "running" or "stopped"."""

    def __init__(
        self,
        command: Sequence[str],
        env: dict[str, str],
        folder: Path,
        changed: Callable[[str], None],
    ) -> None:
        self.ended = asyncio.Event()
        self.exit_code: int | None = None
        self._command = command
        self._env = env
        self._folder = folder
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    async def start(self) -> None:
        """Start it unless it runs."""
        if self.running:
            return
        self.ended.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._command, env=self._env, cwd=self._folder
        )
        self._watch = asyncio.create_task(self._await_end(self._process))
        self._changed(RUNNING)

    async def stop(self) -> None:
        """Ask it to stop; kill it when it does not within ``STOP_SECONDS``."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self.ended.wait(), STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.ended.wait()

    async def restart(self) -> None:
        """Stop it if it runs, and start it."""
        await self.stop()
        await self.start()

    async def _await_end(self, process: asyncio.subprocess.Process) -> None:
        self.exit_code = await process.wait()
        self.ended.set()
        self._changed(STOPPED)
