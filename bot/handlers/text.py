"""What a person types or sends: to the dialogue that is going on, else a question or a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from telegram import Update
from telegram.ext import MessageHandler, filters

from bot.context import Context
from bot.handlers import ask, check
from bot.handlers.routes import Route, is_typed, user_id, words
from bot.intake import ATTACHED
from bot.sending import reply
from bot.views import answers
from bot.views.general import PICTURES, not_words, plain
from storage import claims, drafts
from storage.drafts import DraftView

Dialogue = Callable[[Update, Context, DraftView], Coroutine[Any, Any, None]]
"""Takes the next thing that a person types or sends while a draft is open."""

LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


class Texts:
    """Sends typed words to the open dialogue of that person, by the kind of its draft."""

    def __init__(self, dialogues: Mapping[str, Dialogue]) -> None:
        self._dialogues = dialogues

    async def message(self, update: Update, context: Context) -> None:
        """Take one message in a private chat; what Telegram itself notes there is no message."""
        kind, text = attached(update), words(update)
        if (kind is None and not is_typed(update)) or is_rest_of_album(update, context):
            return
        services, number = context.services, update.update_id
        quiet = number in services.quiet  # known from the batch, so not asked again
        draft = None if quiet else await services.db.run(drafts.load, user_id(update))
        dialogue = self._dialogues.get(draft.kind) if draft else None
        if draft and dialogue:
            await dialogue(update, context, draft)
        elif not quiet and await services.db.run(claims.seen, number):
            # the words of a dialogue that ended with them; only the answer got lost in a crash
            await reply(update, context.bot, plain(await context.speech(update), "words.done"))
        elif kind or LINK.search(text):
            await shown(update, context)
        else:
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


def is_rest_of_album(update: Update, context: Context) -> bool:
    """Tell whether a message is a further picture of an album that was answered already.

    One with words of its own is looked at all the same: they may tell of danger.
    """
    message = update.effective_message
    if message is None or message.media_group_id is None:
        return False
    first = context.services.recent.opens_album(
        user_id(update), message.media_group_id, message.message_id
    )
    return not first and not words(update)


async def shown(update: Update, context: Context) -> None:
    """Answer a picture, video, forward, link and the like: danger in its words first."""
    kind, text = attached(update), LINK.sub("", words(update)).strip()
    if text:
        match = ask.understand(update, context, text)
        asked = kind is None and match.kind == "ask" and match.confident
        if asked or match.kind in {"crisis", "report"}:
            say = context.services.speech(match.lang)
            screen = answers.answer(say, match, ask.message_id(update))
            await reply(update, context.bot, screen)
            return
    if kind is None or kind in PICTURES:
        await check.start_with_picture(update, context)
    else:
        await reply(update, context.bot, not_words(await context.speech(update), kind))


async def edited(update: Update, context: Context) -> None:
    """Answer an edited message: only new ones are looked at, except for danger.

    A live location is edited all the time and has no words: it gets no answer.
    """
    text = words(update)
    if text and not await ask.answer_danger(update, context, text):
        await reply(update, context.bot, plain(await context.speech(update), "other.edited"))
