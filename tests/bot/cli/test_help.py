"""Help of every command, the version, and calls that are no command."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bot.cli.commands import app
from docs.commands import PAGE, page
from tests.bot.cli.conftest import Cli

ROOT = Path(__file__).parents[3]


def commands(group: typer.Typer, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Return every command as it is called."""
    for command in group.registered_commands:
        assert command.callback is not None
        yield (*path, command.name or command.callback.__name__)
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, (*path, str(inner.name)))


@pytest.mark.parametrize("command", list(commands(app)), ids=" ".join)
def test_help_with_an_example(call: Cli, command: tuple[str, ...]) -> None:
    """Every command explains itself, with an example that calls this very command."""
    done = call(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Example: vuistregel {' '.join(command)}" in " ".join(done.out.split())
    assert "\x1b" not in done.out


def test_the_page_of_commands_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/COMMANDS.md shows the help of every command as it is now."""
    monkeypatch.setenv("COLUMNS", "40")  # whatever the width of a terminal
    said = "write it anew: python -m docs.commands"
    assert PAGE.read_text(encoding="utf-8") == page(), said


def test_no_command(call: Cli) -> None:
    """Alone, and for a group, the help is shown."""
    for words in ([], ["school"], ["school", "invite"], ["keys"], ["db"], ["reports"]):
        done = call(*words)
        assert done.err.startswith("Usage: vuistregel"), done
        assert done.code == 2


def test_wrong_calls(call: Cli) -> None:
    """What is no command, option or value is one line and exit code 2."""
    call.refused("frobnicate", words="frobnicate")
    call.refused("ask", words="question")
    call.refused("ask", "hoi", "--loud", words="--loud")
    call.refused("school", "invite", "class", "H3b", "--format", "gif", words="--format")
    call.refused("demo", "--port", "99999", words="--port")
    call.refused("reports", "export", "M-2026-0001", "--reason", " ", words="stays on record")


def test_our_own_mistakes(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected tells its type and place, never its words."""
    pupil = "Noor"

    def broken(path: object) -> None:
        raise RuntimeError(f"{pupil} schreef iets")

    monkeypatch.setattr("content.loader.load_pack", broken)
    done = call("ask", "hoi")
    assert (done.code, done.out) == (70, "")
    assert done.err.startswith("vuistregel: unexpected RuntimeError at test_help.py:")
    call.set(LOG_LEVEL="DEBUG")
    done = call("ask", "hoi")
    assert "in broken\n" in done.err
    assert "Noor schreef" not in done.err


def test_version(call: Cli) -> None:
    """The version is that of the distribution."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert call("--version").out == f"vuistregel {told['project']['version']}\n"


def test_light_commands_stay_light() -> None:
    """``--version`` loads no database, no Telegram and no pack: it answers at once."""
    code = (
        "import sys; from bot.cli import run; run(['--version']);"
        "sys.exit(sorted({'sqlalchemy', 'telegram', 'yaml', 'PIL'} & set(sys.modules)).__repr__()"
        " if {'sqlalchemy', 'telegram', 'yaml', 'PIL'} & set(sys.modules) else 0)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nobody_reads_on() -> None:
    """A reader that stops, such as ``head``, ends the command without a traceback."""
    script = f"{sys.executable} -m bot school import --help | true"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, env=env, check=False
    )
    assert done.stderr == ""
