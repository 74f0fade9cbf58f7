"""The playground as a whole: sample school, the bot's process, start and stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.demo import launcher
from bot.demo.handset import Playground
from bot.demo.launcher import Demo
from bot.demo.sample import admin_id, calendar, load_sample, sample_people
from bot.demo.state import State
from bot.errors import SettingsProblem, StartProblem
from content.loader import ECL
from storage import access, classes, migration, people, staff
from storage.crypto import Vault, new_key
from storage.database import Database

NOW = datetime(2026, 9, 7, 10, tzinfo=UTC)
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


def demo(*command: str, **more: object) -> Demo:
    return Demo(port=0, command=command or SLEEPER, **more)  # type: ignore[arg-type]


async def test_sample_school(tmp_path: Path) -> None:
    """Mentor, confirmed pupil and links work; a school that is there is left as it is."""
    url = f"sqlite:///{tmp_path / 'sample.db'}"
    migration.upgrade(url)
    db, state = Database(url, Vault.from_setting(new_key())), State(sample_people())
    assert await load_sample(db, state, NOW)
    mentor = await db.run(staff.by_telegram, 5101)
    assert mentor is not None
    assert mentor.active
    sam = await db.run(people.find, 5001)
    assert sam is not None
    assert (sam.class_label, sam.confirmed) == ("H3b", True)
    links = {link["label"]: link["url"].split("start=")[1] for link in state.links}
    joined = await db.run(classes.by_code, links["H3b"].removeprefix("c-"), 5002, NOW)
    assert joined is not None
    assert joined.label == "H3b"
    opened = await db.run(access.open_invite, links["Eva Prins"].removeprefix("s-"), 5105, NOW)
    assert opened is not None
    assert opened.staff.code == "PRI"
    assert not await load_sample(db, State(sample_people()), NOW)
    assert state.person("mentor").started
    assert not state.person("noor").started
    await db.close()


async def test_start_kill_restart_stop() -> None:
    """The page answers, the process is killed and started again on request, all is gone after."""
    async with demo() as running, Playground(running.url) as playground:
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{running.url}/")).status_code == 200
        first = running.process.pid
        assert (await playground.state())["bot_process"] == "running"
        await playground.process("kill")
        assert (await playground.state())["bot_process"] == "stopped"
        assert running.process.exit_code == -signal.SIGKILL
        await playground.process("restart")
        assert running.process.pid not in (None, first)
        await playground.clock(offset=86400)
        assert (running.folder / "clock").read_text() == "86400\n"
        folder, process = running.folder, running.process
    assert not folder.exists()
    assert not process.running


async def test_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bot gets the playground's settings, and none of a real school's bot."""
    monkeypatch.setenv("VUISTREGEL_WEBHOOK_URL", "https://school.example/hook")
    monkeypatch.setenv("VUISTREGEL_TOKEN", "1:real")
    out = tmp_path / "env"
    code = f"import os, pathlib; pathlib.Path({str(out)!r}).write_text(repr(dict(os.environ)))"
    async with demo(sys.executable, "-c", code) as running:
        await running.process.ended.wait()
        env = eval(out.read_text())
        assert env["VUISTREGEL_API_URL"] == running.url
        assert env["VUISTREGEL_TOKEN"] == running.state.token
        assert env["VUISTREGEL_ADMIN_IDS"] == str(admin_id())
        assert "VUISTREGEL_WEBHOOK_URL" not in env
        assert Path(env["VUISTREGEL_DEMO_CLOCK"]).parent == running.folder


async def test_bot_that_cannot_start(capsys: pytest.CaptureFixture[str]) -> None:
    """A bot that ends before it ever asked for updates ends the playground with its code."""
    failing = demo(sys.executable, "-c", "raise SystemExit(2)")
    assert await launcher._run(failing, no_browser=True) == 2
    assert capsys.readouterr().out.startswith("Open http://127.0.0.1:")


async def test_taken_port() -> None:
    """A taken port is one clear message, and nothing is left behind."""
    async with demo() as running:
        port = int(running.url.rsplit(":", 1)[1])
        second = Demo(port=port, command=SLEEPER)
        with pytest.raises(StartProblem, match=f"port {port} is taken"):
            await second.start()
        assert not second.folder.exists()


async def test_kept_database(tmp_path: Path) -> None:
    """A given SQLite file is kept and opens again; a server's database needs a key."""
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    async with demo(database_url=url) as running:
        key = running.key
    async with demo(database_url=url) as running:
        assert running.key == key
    assert (tmp_path / "kept.db.demo-key").stat().st_mode & 0o077 == 0
    with pytest.raises(SettingsProblem, match="SECRET_KEY"):
        demo(database_url="postgresql://localhost/x")


async def test_command_line() -> None:
    """``vuistregel demo`` prints the address on one line and stops cleanly on SIGTERM."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("VUISTREGEL_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0", "--no-browser"),
        stdout=asyncio.subprocess.PIPE,
        env=env,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    url = line.removeprefix("Open ").strip()
    assert line == f"Open {url}\n"
    assert httpx.get(url, trust_env=False).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


def test_calendar(tmp_path: Path) -> None:
    """The clock's holidays and zone are the pack's; a pack that cannot be read has the usual."""
    assert calendar(ECL)["zone"] == "Europe/Amsterdam"
    assert {"first": "2026-12-19"} in calendar(ECL)["holidays"]
    assert calendar(tmp_path) == {"zone": "Europe/Amsterdam", "holidays": []}
    (tmp_path / "school.yaml").write_text("timezone: America/Aruba\n")
    assert calendar(tmp_path) == {"zone": "America/Aruba", "holidays": []}
    (tmp_path / "school.yaml").write_text("holidays: [1]\n")
    assert calendar(tmp_path)["holidays"] == []
