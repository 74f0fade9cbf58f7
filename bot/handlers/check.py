"""The post check. Its taps are kept in the buttons, so it survives anything."""

from __future__ import annotations

from typing import Final

from telegram import Update
from telegram.error import BadRequest

from bot import commands
from bot.context import Context
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id
from bot.screen import Screen, Speech
from bot.sending import reply, show, take_buttons
from bot.views import check
from bot.views.general import plain
from content.errors import UnknownIdError
from content.models import CheckOutcome
from content.postcheck import Node, PostCheck

LONGEST: Final = 19
"""Digits of a message id; more were tampered with, and would not fit a button."""


async def start(update: Update, context: Context) -> None:
    """Ask the first question."""
    say = await context.speech(update)
    await reply(update, context.bot, screen(say, PostCheck(say.pack.check).start))


async def start_with_picture(update: Update, context: Context) -> None:
    """Begin a check about a picture or video that was sent, without looking at it."""
    say = await context.speech(update)
    message = update.effective_message
    alone = message is not None and message.media_group_id is None
    about = message.message_id if message and alone else 0  # of an album one would stay behind
    await reply(
        update, context.bot, screen(say, PostCheck(say.pack.check).start, about=about, media=True)
    )


async def tap(update: Update, context: Context) -> None:
    """Go on with the taps so far; without any, begin anew."""
    parts = tapped(update)
    if len(parts) != 2 or not all(part.isdecimal() and len(part) <= LONGEST for part in parts):
        await start(update, context)
        return
    say = await context.speech(update)
    path, about = parts[0], int(parts[1])
    try:
        node = PostCheck(say.pack.check).walk([int(choice) for choice in path])
    except UnknownIdError:
        await show(update, context.bot, plain(say, "other.old_button"))
        return
    await show(update, context.bot, screen(say, node, path, about))


def screen(
    say: Speech, node: Node, path: str = "", about: int = 0, *, media: bool = False
) -> Screen:
    """Show a question or an outcome."""
    if isinstance(node, CheckOutcome):
        return check.outcome(say, node, about)
    return check.question(say, node, path, about, media=media)


async def delete(update: Update, context: Context) -> None:
    """Delete the picture from the pupil's own chat with the bot, as the pupil asked."""
    say = await context.speech(update)
    about = "".join(tapped(update)[:1])
    try:
        await context.bot.delete_message(user_id(update), int(about))
    except (BadRequest, ValueError):  # too old, already gone, or a button that was tampered with
        await reply(update, context.bot, plain(say, "check.delete_failed"))
        return
    await take_buttons(update)
    await reply(update, context.bot, plain(say, "check.deleted"))


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [
        on_command(commands.CHECK, start),
        on_tap("check", tap),
        on_tap("del", delete),
    ]
