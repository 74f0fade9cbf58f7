"""What a person types or sends: to the dialogue that is going on, else a question or a check."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from telegram import Update
from telegram.ext import MessageHandler, filters

from bot.context import Context
from bot.handlers import ask, check
from bot.handlers.routes import Route, user_id, words
from bot.intake import ATTACHED
from bot.sending import reply
from bot.views import answers
from bot.views.general import PICTURES, not_words, plain
from storage import drafts
from storage.drafts import DraftView

Dialogue = Callable[[Update, Context, DraftView], Coroutine[Any, Any, None]]
"""Takes the next thing that a person types or sends while a draft is open."""


class Texts:
    """Sends typed words to the open dialogue of that person, by the kind of its draft."""

    def __init__(self, dialogues: Mapping[str, Dialogue]) -> None:
        self._dialogues = dialogues

    async def message(self, update: Update, context: Context) -> None:
        """Take one message in a private chat."""
        draft = await context.services.db.run(drafts.load, user_id(update))
        dialogue = self._dialogues.get(draft.kind) if draft else None
        if draft and dialogue:
            await dialogue(update, context, draft)
        elif attached(update):
            await picture(update, context)
        elif words(update):
            await ask.question(update, context)

    def routes(self) -> list[Route]:
        """Return the route of every message that is no command."""
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & ~filters.COMMAND
        return [MessageHandler(private, self.message)]


def attached(update: Update) -> str | None:
    """Return what a message carried beside words ("photo", "voice", …), or None."""
    message = update.effective_message
    if message is None:
        return None
    kind = message.api_kwargs.get(ATTACHED)
    return str(kind) if kind else ("story" if message.forward_origin else None)


async def picture(update: Update, context: Context) -> None:
    """Answer a picture, video, forward and the like: danger in the caption first."""
    kind = attached(update) or ""
    if words(update):
        match = ask.understand(update, context, words(update))
        if match.kind in {"crisis", "report"}:
            say = context.services.speech(match.lang)
            await reply(update, context.bot, answers.answer(say, match))
            return
    if kind in PICTURES:
        await check.start_with_picture(update, context)
    else:
        await reply(update, context.bot, not_words(await context.speech(update), kind))


async def edited(update: Update, context: Context) -> None:
    """Answer an edited message: only new ones are looked at."""
    await reply(update, context.bot, plain(await context.speech(update), "other.edited"))
