"""``run``: it needs nothing of what other commands need, so all it imports is for the bot."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

from content.startup import be_frugal, no_collection, without, without_docs

if TYPE_CHECKING:
    import typer

UNUSED: Final = ("rich", "click", "greenlet")
"""What prints in colours, the command line of httpx, threads of a kind that we have none of."""


def run() -> None:
    """Run the bot on Telegram: long polling, or a webhook with WEBHOOK_URL set."""
    signal.signal(signal.SIGTERM, _leave)
    be_frugal()
    with no_collection(), without(*UNUSED), without_docs():  # a tenth of the time to import all
        from bot.settings import load_settings

        settings = load_settings()  # what is wrong with them shows before the slow rest
        from bot import runtime
        from bot.logs import configure
    configure(settings.log_format, settings.log_level)
    asyncio.run(runtime.run(settings))


def _leave(*_: object) -> None:
    """End a start half-way: process 1 of a container has no other answer to SIGTERM."""
    raise SystemExit(128 + signal.SIGTERM)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: vuistregel run")(run)
