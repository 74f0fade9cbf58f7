"""Many messages of one person at once: what is too much to answer gets one kind line."""

from __future__ import annotations

from telegram import Update
from telegram.ext import ApplicationHandlerStop, MessageHandler, filters

from bot.context import Context
from bot.handlers.routes import Route, user_id, words
from bot.sending import reply
from bot.views.general import plain
from storage import drafts


async def turn_away(update: Update, context: Context) -> None:
    """Let a message go unanswered when too many of its person wait, and say so once.

    Never a command, nor one in a dialogue, nor one that tells of danger or of something that
    happened: those are handled like any other.
    """
    services, who = context.services, user_id(update)
    if update.update_id not in services.surplus:
        return
    if await services.db.run(drafts.load, who):
        return
    text = words(update)
    if text and services.matcher.ask(text).kind in {"crisis", "report"}:
        return
    if services.recent.hushes(who, context.now):
        await reply(update, context.bot, plain(await context.speech(update), "other.many"))
    raise ApplicationHandlerStop


def routes() -> list[Route]:
    """Return the route that every message but a command passes before all others."""
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & ~filters.COMMAND
    return [MessageHandler(private, turn_away)]
