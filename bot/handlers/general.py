"""Start, help, language, stop, groups, blocked and unblocked, and what is left over."""

from __future__ import annotations

import structlog
from telegram import Update
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, Forbidden
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot import commands
from bot.context import Context
from bot.handlers import ask
from bot.handlers.routes import Handle, Route, on_command, on_tap, tapped, user_id, words
from bot.handlers.text import edited
from bot.menu import publish_for
from bot.screen import Screen, Speech
from bot.sending import acknowledge, reply, show
from bot.views import general
from storage import drafts, people, staff

log = structlog.get_logger(__name__)


class Start:
    """``/start``: a welcome, or what the deep link behind it asks for, by its prefix."""

    def __init__(self, links: dict[str, Handle]) -> None:
        self._links = links

    async def start(self, update: Update, context: Context) -> None:
        """Follow the deep link (``start=PREFIX-…``), or welcome the person."""
        payload = (context.args or [""])[0]
        link = self._links.get(payload.split("-", 1)[0]) if payload else None
        say = await context.speech(update)
        if link:
            await link(update, context)
        elif payload:
            await reply(update, context.bot, general.plain(say, "start.unknown_link"))
        else:
            await reply(update, context.bot, await self._welcome(update, context, say))

    async def _welcome(self, update: Update, context: Context, say: Speech) -> Screen:
        db, who = context.services.db, user_id(update)
        busy = await db.run(drafts.load, who) is not None
        member = await db.run(staff.by_telegram, who)
        if member:
            return general.hello_staff(say, member.name, busy=busy)
        return general.hello(say, busy=busy)

    def routes(self) -> list[Route]:
        """Return the route of /start."""
        return [on_command(commands.START, self.start)]


async def help_(update: Update, context: Context) -> None:
    """Say what the bot can do; works inside every dialogue and leaves it as it is."""
    say = await context.speech(update)
    member = await context.services.db.run(staff.by_telegram, user_id(update))
    await reply(update, context.bot, general.help_(say, staff=member is not None))


async def how_to_ask(update: Update, context: Context) -> None:
    """Explain how to ask."""
    await reply(update, context.bot, general.how_to_ask(await context.speech(update)))


async def language(update: Update, context: Context) -> None:
    """Offer both languages."""
    await reply(update, context.bot, general.choose_language(await context.speech(update)))


async def set_language(update: Update, context: Context) -> None:
    """Keep the chosen language."""
    services, who = context.services, user_id(update)
    lang = "en" if tapped(update) == ["en"] else "nl"
    await services.db.run(people.set_language, who, lang, now=context.now)
    services.recent.speak(who, lang)
    services.recent.answer_in(who, lang)
    await show(update, context.bot, general.plain(services.speech(lang), "language.done"))
    member = await services.db.run(staff.by_telegram, who)
    await publish_for(context.bot, services.pack, who, lang, staff=member is not None)


async def in_group(update: Update, context: Context) -> None:
    """Point from a group to the private chat: nobody reads along there."""
    command = words(update).split(maxsplit=1)[0]
    _, _, addressed = command.partition("@")
    if addressed and addressed.lower() != context.bot.username.lower():
        return
    link = f"https://t.me/{context.bot.username}"
    say = await context.speech(update)
    try:
        await reply(update, context.bot, general.plain(say, "other.group", link=link))
    except (BadRequest, Forbidden) as error:  # not allowed to write there: nothing to mend
        log.info("cannot write in a group", error=type(error).__name__)


async def danger_behind_command(update: Update, context: Context) -> None:
    """Show the help lines when the words behind a command tell of danger, whichever it is."""
    behind = words(update).partition(" ")[2]
    if behind:
        await ask.answer_danger(update, context, behind)


async def unknown_command(update: Update, context: Context) -> None:
    """Answer a command that does not exist."""
    await reply(update, context.bot, general.plain(await context.speech(update), "other.command"))


async def old_button(update: Update, context: Context) -> None:
    """Answer a tap that nothing handles (a button of an older version)."""
    say = await context.speech(update)
    if update.callback_query:
        await acknowledge(update.callback_query, say.label("other.old_button"))


async def blocked(update: Update, context: Context) -> None:
    """Note that a person blocked or unblocked the bot: a fact for deliveries."""
    change = update.my_chat_member
    if change is None or change.chat.type != "private":
        return
    services, who = context.services, user_id(update)
    for kind in (people, staff):  # staff who unblock the bot get reports again
        if change.new_chat_member.status == ChatMemberStatus.BANNED:
            await services.db.run(kind.mark_unreachable, who, now=context.now)
        else:
            await services.db.run(kind.mark_reachable, who)


def routes() -> list[Route]:
    """Return the routes that come before typed text."""
    return [
        on_command(commands.HELP, help_),
        on_command(commands.LANGUAGE, language),
        on_tap("help", how_to_ask),
        on_tap("lang", set_language),
        ChatMemberHandler(blocked, ChatMemberHandler.MY_CHAT_MEMBER),
    ]


def first_routes() -> list[Route]:
    """Return what looks at an update before the route that answers it."""
    command = filters.COMMAND & filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    return [MessageHandler(command, danger_behind_command)]


def last_routes() -> list[Route]:
    """Return the routes for what nothing else handled."""
    private = filters.ChatType.PRIVATE
    return [
        MessageHandler(filters.COMMAND & private & filters.UpdateType.MESSAGE, unknown_command),
        MessageHandler(filters.UpdateType.EDITED_MESSAGE & private, edited),
        MessageHandler(
            filters.COMMAND & filters.ChatType.GROUPS & filters.UpdateType.MESSAGE, in_group
        ),
        CallbackQueryHandler(old_button),
    ]
