"""Logs hold no text, names or tokens, whoever writes them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
import structlog

from bot import logs
from bot.context import Context
from bot.errors import place_of
from bot.handling import note_failure
from tests.bot.world import World

SAM = 11
CANARY = "canarywoord"


@pytest.fixture
def configured(request: pytest.FixtureRequest) -> Any:
    """Set the logs up as a process does, and undo it afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions
    yield lambda fmt="json", level="INFO": logs.configure(fmt, level)
    root.handlers[:], root.level, logging.raiseExceptions = before
    structlog.reset_defaults()


def broken() -> None:
    raise ValueError(f"{CANARY} in an error")


def caught() -> ValueError:
    try:
        broken()
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_an_error_is_type_and_place(configured: Any, capsys: Any, fmt: str) -> None:
    """Neither the words of an error nor its traceback are written, only what and where."""
    configured(fmt)
    structlog.get_logger("bot").error("job failed", exc_info=caught())
    try:
        broken()
    except ValueError:
        structlog.get_logger("bot").exception("once more")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("ValueError") == 2
    assert "test_logs.py:" in shown.err
    assert CANARY not in shown.err
    assert "Traceback" not in shown.err


def test_libraries_say_only_who_they_are(configured: Any, capsys: Any) -> None:
    """A line of a library is cut down to its place: its words may hold an address or a text."""
    configured()
    library = logging.getLogger("telegram.ext")
    library.info("%s", CANARY)
    library.warning("%s at https://api.telegram.org/bot1:%s", CANARY, CANARY, stack_info=True)
    try:
        broken()
    except ValueError:
        logging.getLogger("somebody.else").exception(CANARY, extra={"text": CANARY})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(CANARY not in line for line in lines)
    assert json.loads(lines[0])["event"].startswith("telegram.ext:")
    assert json.loads(lines[1])["error"] == "ValueError"


def test_a_line_that_cannot_be_written(configured: Any, capsys: Any) -> None:
    """A library's line with wrong arguments is dropped, not shown whole as logging does."""
    configured()
    logging.getLogger("library").warning("%d", CANARY)
    logging.getLogger("library").handle(
        logging.LogRecord("library", logging.ERROR, CANARY, 1, "%s %s", (CANARY,), None)
    )
    assert CANARY not in capsys.readouterr().err


def test_level(configured: Any, capsys: Any) -> None:
    """What is below the level is not written."""
    configured("json", "ERROR")
    structlog.get_logger("bot").warning("quiet")
    structlog.get_logger("bot").error("loud")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["loud"]


def test_the_place_of_an_error_that_was_never_raised() -> None:
    """An error without a traceback has no place."""
    assert place_of(ValueError(CANARY)) == "unknown"


async def test_nothing_of_a_pupil_is_written(
    world: World, configured: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions, reports, failures and odd updates leave no word, name or token in the logs."""
    configured("json", "DEBUG")
    monkeypatch.setattr(logging.getLogger("telegram"), "level", logging.DEBUG)
    await world.say(SAM, f"mag ik {CANARY} posten?")
    await world.say(SAM, "/melden")
    await world.say(SAM, f"Canary {CANARY}")
    await world.say(SAM, f"ik wil dood {CANARY}")
    for status in (400, 500, 429, 500):
        answer = {"description": CANARY, "parameters": {"retry_after": 0}}
        world.telegram.fail("sendMessage", status, **answer)
    await world.say(SAM, f"nog iets {CANARY}")
    await world.update({"message": {"text": CANARY}})
    await world.update(
        {"inline_query": {"id": "1", "from": world._user(SAM), "query": CANARY, "offset": ""}}
    )
    written = capsys.readouterr()
    assert "handler failed" in written.err
    assert "update of unknown shape" in written.err
    for word in (CANARY, "Canary", "canary", "1:test", "username"):
        assert word not in written.err
        assert word not in written.out


async def test_an_error_outside_an_update(configured: Any, capsys: Any, world: World) -> None:
    """An error without an update is logged by its type."""
    configured()
    context = Context(world.app)
    context.error = caught()
    await note_failure(None, context)
    assert '"error": "ValueError"' in capsys.readouterr().err


def test_services_and_questions_have_no_repr_that_tells(world: World) -> None:
    """A repr that lands in a log or a debugger holds nothing."""
    from bot.recent import Asked

    asked = Asked(CANARY, "nl", world.now())
    assert CANARY not in repr(asked)
    assert repr(world.services) == "Services()"


def test_a_fresh_process_writes_json_lines() -> None:
    """In a process of its own each line is JSON on stderr, and stdout stays for the command."""
    code = (
        "from bot import logs; import structlog, logging; logs.configure('json', 'INFO');"
        "structlog.get_logger('x').info('started', n=1); logging.getLogger('a').error('secret')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert (first["event"], first["n"], first["level"]) == ("started", 1, "info")
    assert "secret" not in str(second)
    assert done.stdout == ""
