"""Showing a screen: the one place that calls Telegram for handlers, and what is harmless there."""

from __future__ import annotations

from typing import Any, Final

from telegram import Bot, CallbackQuery, LinkPreviewOptions, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.screen import Screen

NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
HARMLESS: Final = (
    "message is not modified",  # the same button tapped twice
    "query is too old",  # a tap from before a restart
    "query id is invalid",
    "message to edit not found",  # the pupil deleted it
    "message to delete not found",
    "message can't be edited",
    "message can't be deleted",
)


async def send(bot: Bot, chat_id: int, screen: Screen, **extra: Any) -> Message:
    """Send ``screen`` to a chat and return the message."""
    return await bot.send_message(
        chat_id,
        screen.text,
        parse_mode=ParseMode.HTML,
        reply_markup=screen.markup,
        protect_content=screen.protect or None,
        disable_notification=screen.silent or None,
        link_preview_options=NO_PREVIEW,
        **extra,
    )


async def edit(bot: Bot, chat_id: int, message_id: int, screen: Screen, **extra: Any) -> bool:
    """Replace a message by ``screen``; False when it is gone or can no longer be edited."""
    try:
        await bot.edit_message_text(
            screen.text,
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=screen.markup,
            link_preview_options=NO_PREVIEW,
            **extra,
        )
    except BadRequest as error:
        if not is_harmless(error):
            raise
        return "not modified" in str(error).lower()
    return True


async def show(update: Update, bot: Bot, screen: Screen) -> None:
    """Answer ``update``: a tap replaces the message it was on, all else gets a new message."""
    query = update.callback_query
    if query and isinstance(query.message, Message):
        await acknowledge(query)
        if await edit(bot, query.message.chat.id, query.message.message_id, screen):
            return
    await reply(update, bot, screen)


async def reply(update: Update, bot: Bot, screen: Screen) -> Message | None:
    """Answer ``update`` with a new message; also stops the waiting sign on a tapped button."""
    if update.callback_query:
        await acknowledge(update.callback_query)
    chat = update.effective_chat
    if chat is None and update.effective_user is None:
        return None
    chat_id = chat.id if chat else update.effective_user.id  # type: ignore[union-attr]
    return await send(bot, chat_id, screen)


async def acknowledge(
    query: CallbackQuery, text: str | None = None, *, alert: bool = False
) -> None:
    """Answer a tap, with a short text where there is one; an old tap is no error."""
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        if not is_harmless(error):
            raise


async def take_buttons(update: Update) -> None:
    """Take the buttons off the tapped message, so that it cannot be tapped again."""
    query = update.callback_query
    if query is None or not isinstance(query.message, Message):
        return
    try:
        await query.edit_message_reply_markup(None)
    except BadRequest as error:
        if not is_harmless(error):
            raise


def is_harmless(error: BadRequest) -> bool:
    """Tell whether Telegram only says that the thing was done or is past."""
    return any(part in str(error).lower() for part in HARMLESS)


def is_away(error: BaseException | None) -> bool:
    """Tell whether Telegram is sure to have refused, and will take it later: it failed, or is busy.

    After ``TimedOut`` a message may have arrived, so that is not tried for long.
    """
    if isinstance(error, RetryAfter):
        return True
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest | TimedOut)
