"""``doctor``: is everything in order? Each finding with what to do about it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Final

import typer

from bot.cli import problems, show
from bot.cli.findings import Check, Finding, wrong
from bot.errors import SettingsProblem
from bot.settings import Settings, load_settings

MARKS: Final = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    send_alarm: Annotated[
        bool, typer.Option("--send-alarm", help="Send a test over the alarm channels.")
    ] = False,
) -> None:
    """Look whether token, webhook, database, key, staff, pack, clock and disk are in order.

    Changes nothing. Exit code 1 when something is wrong; a note alone is exit code 0.
    """
    found = asyncio.run(_examine(load_settings(), send_alarm))
    for each in found:
        if as_json:
            show.line(json.dumps(asdict(each), ensure_ascii=False))
            continue
        show.marked(MARKS[each.state], f" {each.what}: {each.found}", each.state)
        if each.remedy:
            show.line(f"      → {each.remedy}")
    if any(each.state == "wrong" for each in found):
        raise typer.Exit(problems.FOUND)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: vuistregel doctor")(doctor)


async def _examine(settings: Settings, send_alarm: bool) -> list[Finding]:
    from bot.cli import checkhere, checkschool, checktelegram

    checks: tuple[tuple[str, Check, str], ...] = (
        ("versions", checkhere.versions, "install once more: make .venv/run.stamp"),
        ("content", checkhere.content, "vuistregel check FOLDER names every mistake"),
        ("files", checkhere.files, "look who may read .env and the database"),
        (
            "database",
            checkschool.database,
            "see 'When something is wrong' in docs/ADMINISTRATOR.md",
        ),
        (
            "token",
            checktelegram.token,
            "copy the token again from @BotFather; can this machine reach Telegram?",
        ),
        ("clock", checktelegram.clock, "can this machine reach the Bot API?"),
        ("disk", checkhere.disk, "make room"),
        ("administrator", checktelegram.administrators, "can this machine reach Telegram?"),
        ("alarms", checkhere.alarms, ""),
        *([("alarms", checkhere.alarm_sent, "")] if send_alarm else []),
    )
    found: list[Finding] = []
    for name, check, remedy in checks:
        try:
            found += [finding async for finding in check(settings)]
        except Exception as error:  # the other checks are still worth their answer
            said = problems.one_line(problems.line(error) or type(error).__name__)
            missing = isinstance(error, SettingsProblem) and "is not set" in said
            found.append(wrong(name, said, "vuistregel setup" if missing else remedy))
    return found
