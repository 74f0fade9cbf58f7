"""``demo``."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    port: Annotated[int, typer.Option(help="Port of the page.", min=0, max=65535)] = 8765,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Open the playground: three phones in one page, no token and no internet."""
    from bot.demo.launcher import run_demo

    raise typer.Exit(run_demo(port=port, no_browser=no_browser))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: vuistregel demo --port 9000 --no-browser")(demo)
