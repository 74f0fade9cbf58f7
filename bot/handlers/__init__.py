"""Thin handlers: read the update, call content or storage, show a view."""

from __future__ import annotations

from bot import metrics
from bot.context import App
from bot.handlers import (
    absence,
    ask,
    cases,
    check,
    classes,
    classquiz,
    general,
    join,
    privacy,
    progress,
    quiz,
    remind,
    report,
    rules,
    stop,
    surplus,
    words,
)
from bot.handlers.routes import Route
from bot.handlers.text import Texts

DIALOGUES = {
    report.KIND: report.typed,
    join.KIND: join.typed,
    words.KIND: words.typed,
    classes.KIND: classes.typed,
}


def every_route() -> list[Route]:
    """Return every route in the order in which they are tried."""
    modules = (
        stop,
        rules,
        check,
        quiz,
        classquiz,
        remind,
        progress,
        report,
        cases,
        classes,
        absence,
        privacy,
        join,
        words,
        ask,
    )
    return [
        *general.Start(join.links() | quiz.links()).routes(),
        *general.routes(),
        *(route for module in modules for route in module.routes()),
        *Texts(DIALOGUES).routes(),
        *general.last_routes(),
    ]


def register(app: App) -> None:
    """Add every handler; the first that fits an update takes it. Each one's time is noted."""
    gate, first, routes = surplus.routes(), general.first_routes(), every_route()
    for route in [*gate, *first, *routes]:
        route.callback = metrics.timed(route.callback)
    app.add_handlers(gate, group=-2)
    app.add_handlers(first, group=-1)
    app.add_handlers(routes)
