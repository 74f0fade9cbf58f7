"""``/stop``: leaves whatever is going on, and wipes the draft."""

from __future__ import annotations

from telegram import Update

from bot import commands
from bot.context import Context
from bot.handlers.quiz import stop_round
from bot.handlers.routes import Route, on_command, user_id
from bot.sending import reply
from bot.views.general import plain
from storage import drafts


async def stop(update: Update, context: Context) -> None:
    """Drop the draft and end the quiz round, whichever there is."""
    dropped = await context.services.db.run(drafts.drop, user_id(update))
    stopped = await stop_round(update, context)
    key = "stop.done" if dropped else "stop.quiz" if stopped else "stop.nothing"
    await reply(update, context.bot, plain(await context.speech(update), key))


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_command(commands.STOP, stop)]
