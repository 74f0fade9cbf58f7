"""Asking for reminders, changing the time, and stopping them with one tap."""

from __future__ import annotations

from telegram import Update

from bot import reminding
from bot.context import Context
from bot.handlers.routes import Route, on_tap, tapped, user_id
from bot.sending import reply
from bot.views import remind as views
from content.moments import PARTS
from storage import reminders


async def tap(update: Update, context: Context) -> None:
    """Ask for a time, take the chosen one, or stop."""
    services, who, say = context.services, user_id(update), await context.speech(update)
    wish = "".join(tapped(update)[:1])
    standing = await services.db.run(reminders.of, who)
    part = next((each for each in PARTS if each == wish), None)
    if wish == "stop":
        await services.db.run(reminders.stop, who)
        await reply(update, context.bot, views.stopped(say))
    elif part is None:
        await reply(update, context.bot, views.ask(say, standing.part if standing else None))
    else:
        first = reminding.first_slot(services, part, standing)
        await services.db.run(reminders.ask, who, part, first, context.now)
        await reply(update, context.bot, views.chosen(say, part))


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_tap("quizremind", tap)]
