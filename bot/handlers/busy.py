"""Typed words that are not sent yet are not thrown away by something else that asks for words."""

from __future__ import annotations

from typing import Final

from telegram import Update

from bot.context import Context
from bot.handlers.routes import user_id
from bot.sending import reply
from bot.views.general import plain
from storage import drafts
from storage.drafts import DraftView

REPORT: Final = "report"
WORDS: Final = "words"
HELD: Final = "about"
"""Step of typed words that wait for the pupil to say whom they are about."""


async def with_words(update: Update, context: Context) -> bool:
    """Tell whether this person has typed words that would get lost, and if so say what to do."""
    draft = await context.services.db.run(drafts.load, user_id(update))
    return await in_draft(update, context, draft)


async def in_draft(update: Update, context: Context, draft: DraftView | None) -> bool:
    """Do as ``with_words`` for a dialogue that was loaded already."""
    if draft is None:
        return False
    if draft.kind == WORDS and draft.step == HELD:
        key = "words.waiting"
    elif draft.kind == REPORT and "what" in draft.data:
        key = "report.busy"
    else:
        return False
    await reply(update, context.bot, plain(await context.speech(update), key))
    return True
