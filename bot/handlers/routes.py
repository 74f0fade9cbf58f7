"""How handlers are registered: commands in private chats, taps by the prefix of their data."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from bot.commands import Command
from bot.context import Context

Handle = Callable[[Update, Context], Coroutine[Any, Any, None]]
Route = BaseHandler[Update, Context, Any]


def on_command(command: Command, handle: Handle) -> Route:
    """Route both names of ``command`` in a private chat; not when it was edited into a message."""
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    return CommandHandler(command.names, handle, filters=private)


def on_tap(prefix: str, handle: Handle) -> Route:
    """Route taps whose data is ``prefix`` or starts with ``prefix:``."""
    return CallbackQueryHandler(handle, pattern=rf"^{prefix}(:|$)")


def tapped(update: Update) -> list[str]:
    """Return what follows the prefix of a tap, split at colons."""
    query = update.callback_query
    return (query.data or "").split(":")[1:] if query else []


def user_id(update: Update) -> int:
    """Return the Telegram id of the person behind an update that has one."""
    user = update.effective_user
    if user is None:
        raise ValueError("an update without a person reached a handler")
    return user.id


def words(update: Update) -> str:
    """Return the typed text or caption; empty when there is none."""
    message = update.effective_message
    return ((message.text or message.caption or "") if message else "").strip()


def is_typed(update: Update) -> bool:
    """Tell whether a message is typed text, be it only spaces."""
    message = update.effective_message
    return message is not None and message.text is not None
