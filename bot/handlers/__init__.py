"""Thin handlers: read the update, call content or storage, show a view."""

from __future__ import annotations

from bot.context import App
from bot.handlers import ask, check, general, rules
from bot.handlers.text import Texts


def register(app: App) -> None:
    """Add every handler; the first that fits an update takes it."""
    app.add_handlers(
        [
            *general.Start({}).routes(),
            *general.routes(),
            *rules.routes(),
            *check.routes(),
            *ask.routes(),
            *Texts({}).routes(),
            *general.last_routes(),
        ]
    )
