"""The playground: stand-in, page, sample school and the real bot process, started and stopped.

``run_demo`` is what the command line calls; ``Demo`` is the same for tests.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.actions import start as press_start
from bot.demo.clock import Clock
from bot.demo.control import Hook
from bot.demo.process import BotProcess
from bot.demo.sample import admin_id, calendar, load_sample, sample_people
from bot.demo.server import DemoServer
from bot.demo.state import State
from bot.errors import SettingsProblem, StartProblem
from content.loader import ECL
from storage import migration
from storage.crypto import Vault, new_key
from storage.database import Database

PREFIX = "VUISTREGEL_"
PASSED_ON = ("LOG_FORMAT", "LOG_LEVEL")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "bot", "run")
WELCOMED = ("sam", "mentor")
SQLITE = "sqlite:///"


class Demo:
    """A running playground: ``async with Demo(port=0) as demo`` and then ``demo.url``.

    ``database_url``: else a temporary SQLite file. ``secret_key``: else one is made; for a SQLite
    file that is kept it is kept beside it. ``content``: another pack. ``welcome``:
    whether some people have pressed Start already.
    """

    def __init__(
        self,
        port: int = 8765,
        *,
        database_url: str | None = None,
        secret_key: str | None = None,
        content: Path | None = None,
        welcome: bool = True,
        command: Sequence[str] = COMMAND,
        env: dict[str, str] | None = None,
    ) -> None:
        """Raises ``SettingsProblem`` for a database on a server without a key."""
        database_url = _absolute(database_url)
        self.key = secret_key or (_kept_key(database_url) if database_url else new_key())
        self.folder = Path(tempfile.mkdtemp(prefix="vuistregel-demo-"))
        self.state = State(sample_people(), Clock(self.folder / "clock"))
        self.state.school = calendar(content or ECL)
        self.database_url = database_url or f"{SQLITE}{self.folder / 'demo.db'}"
        self._welcome = welcome
        self._content = content
        self._port = port
        self._command = command
        self._more = env or {}
        self._server: DemoServer | None = None
        self._process: BotProcess | None = None

    @property
    def url(self) -> str:
        """The page's address, and the Bot API's origin, without a closing slash."""
        return self.server.url

    @property
    def server(self) -> DemoServer:
        """The stand-in's web server, once it runs."""
        if self._server is None:
            raise RuntimeError("the playground does not run")
        return self._server

    @property
    def process(self) -> BotProcess:
        """The bot's process, once it was started."""
        if self._process is None:
            raise RuntimeError("the playground does not run")
        return self._process

    async def start(self) -> None:
        """Start everything; returns when the page answers and the bot's process was started.

        Raises ``StartProblem`` when the port is taken and what a wrong database raises.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        hooks = {name: self._hook(name) for name in ("kill", "stop", "start", "restart")}
        try:
            self._server = DemoServer(self.state, port=self._port, hooks=hooks)
        except OSError:
            raise StartProblem(f"port {self._port} is taken: choose another with --port") from None
        await self._load_school()
        self._process = BotProcess(self._command, self._env(), self.folder, self._noted)
        await self._server.start()
        if self._welcome:
            for key in WELCOMED:
                press_start(self.state, self.state.person(key), {})
        await self._process.start()

    async def stop(self) -> None:
        """Stop the bot, then the server; a temporary database goes with its folder."""
        if self._process is not None:
            await self._process.stop()
        if self._server is not None:
            await self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _load_school(self) -> None:
        if self.database_url.startswith("sqlite"):
            await asyncio.to_thread(migration.upgrade, self.database_url)
        db = Database(self.database_url, Vault.from_setting(self.key))
        try:
            await db.run(migration.check)
            await load_sample(db, self.state, datetime.now(UTC))
        finally:
            await db.close()

    def _hook(self, name: str) -> Hook:
        async def act() -> None:
            await getattr(self.process, name)()

        return act

    def _noted(self, status: str) -> None:
        self.state.process = status
        self.state.bell.ring()

    def _env(self) -> dict[str, str]:
        """Return the bot's environment: no setting of a real school's bot comes along.

        The process runs in the temporary folder, so that no ``.env`` is read either.
        """
        given = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        kept = {PREFIX + n: os.environ[PREFIX + n] for n in PASSED_ON if PREFIX + n in os.environ}
        path = os.pathsep.join(filter(None, [str(ROOT), given.get("PYTHONPATH", "")]))
        content = {f"{PREFIX}CONTENT": str(self._content.resolve())} if self._content else {}
        return {
            **given,
            "PYTHONPATH": path,
            "NO_PROXY": "127.0.0.1,localhost",
            f"{PREFIX}LOG_LEVEL": "WARNING",
            **kept,
            **content,
            f"{PREFIX}TOKEN": self.state.token,
            f"{PREFIX}API_URL": self.url,
            f"{PREFIX}DATABASE_URL": self.database_url,
            f"{PREFIX}SECRET_KEY": self.key,
            f"{PREFIX}ADMIN_IDS": str(admin_id()),
            f"{PREFIX}DEMO_CLOCK": str(self.state.clock.path),
            **self._more,
        }

    async def __aenter__(self) -> Demo:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _absolute(url: str | None) -> str | None:
    """Make the path of a SQLite address absolute: the bot runs in another folder."""
    if url and url.startswith(SQLITE) and url != SQLITE:
        return f"{SQLITE}{Path(url.removeprefix(SQLITE)).resolve()}"
    return url


def _kept_key(url: str) -> str:
    """Return the playground's own key for a database that is kept, made when there is none."""
    if not url.startswith(SQLITE):
        raise SettingsProblem(f"{PREFIX}SECRET_KEY is needed with this {PREFIX}DATABASE_URL")
    path = Path(url.removeprefix(SQLITE) + ".demo-key")
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_key(), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def run_demo(port: int = 8765, no_browser: bool = False) -> int:
    """Run the playground until SIGINT or SIGTERM; return the exit code.

    Database, key and pack come from the environment when they are set there; never from ``.env``,
    which may be that of a real school.

    Writes ``Open http://127.0.0.1:8765/`` to standard output once the page answers. When the bot
    ends before it ever asked for updates, the playground ends with the bot's exit code. Raises
    ``SettingsProblem``, ``StartProblem`` and what a wrong database or key raises.
    """
    content = os.environ.get(f"{PREFIX}CONTENT")
    demo = Demo(
        port,
        database_url=os.environ.get(f"{PREFIX}DATABASE_URL"),
        secret_key=os.environ.get(f"{PREFIX}SECRET_KEY"),
        content=Path(content) if content else None,
    )
    return asyncio.run(_run(demo, no_browser))


async def _run(demo: Demo, no_browser: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with demo:
        sys.stdout.write(f"Open {demo.url}/\n")
        sys.stdout.flush()
        if not no_browser:
            await asyncio.to_thread(webbrowser.open, f"{demo.url}/")
        return await _until(stop, demo)


async def _until(stop: asyncio.Event, demo: Demo) -> int:
    """Wait for a signal, or for a bot that cannot even start."""
    stopped = asyncio.create_task(stop.wait())
    failed = asyncio.create_task(_fails_to_start(demo))
    await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopped, failed):
        task.cancel()
    return 0 if stop.is_set() else (demo.process.exit_code or 0)


async def _fails_to_start(demo: Demo) -> None:
    """Return when the bot ended before its first ``getUpdates``; never return otherwise."""
    await demo.process.ended.wait()
    if demo.state.polled or demo.process.exit_code in (0, -signal.SIGKILL):
        await asyncio.Event().wait()
