"""``run`` and ``demo``."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from bot.settings import load_settings
from content.startup import be_frugal, no_collection, without


def run() -> None:
    """Run the bot on Telegram: long polling, or a webhook with WEBHOOK_URL set."""
    signal.signal(signal.SIGTERM, _leave)
    settings = load_settings()
    be_frugal()
    with no_collection(), without("rich"):  # a tenth of the time to import everything
        from bot import runtime
        from bot.logs import configure

    configure(settings.log_format, settings.log_level)
    asyncio.run(runtime.run(settings))


def _leave(*_: object) -> None:
    """End a start half-way: process 1 of a container has no other answer to SIGTERM."""
    raise SystemExit(128 + signal.SIGTERM)


def demo(
    port: Annotated[int, typer.Option(help="Port of the page.", min=0, max=65535)] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Open the playground: three phones in one page, no token and no internet."""
    from bot.demo.launcher import run_demo

    raise typer.Exit(run_demo(port=port, no_browser=no_browser))


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog="Example: vuistregel run")(run)
    app.command(epilog="Example: vuistregel demo --port 9000 --no-browser")(demo)
