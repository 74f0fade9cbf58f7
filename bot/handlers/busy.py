"""A report in the making is not thrown away by something else that asks for typed words."""

from __future__ import annotations

from telegram import Update

from bot.context import Context
from bot.handlers.routes import user_id
from bot.sending import reply
from bot.views.general import plain
from storage import drafts

REPORT = "report"


async def with_report(update: Update, context: Context) -> bool:
    """Tell whether this person is in the middle of a report, and if so say what to do first."""
    draft = await context.services.db.run(drafts.load, user_id(update))
    if draft is None or draft.kind != REPORT or "what" not in draft.data:
        return False
    await reply(update, context.bot, plain(await context.speech(update), "report.busy"))
    return True
