"""The command menu per language and role, and the bot's description per language."""

from __future__ import annotations

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import InvalidToken, TelegramError

from bot.commands import for_audience
from bot.errors import StartProblem
from bot.screen import Speech
from content.pack import Pack

log = structlog.get_logger(__name__)


def menu(pack: Pack, lang: str, *, staff: bool = False) -> list[BotCommand]:
    """Return the commands of one language."""
    say = Speech(pack, lang)
    return [
        BotCommand(c.name(lang), say.label(c.line(staff=staff))) for c in for_audience(staff=staff)
    ]


async def bot_name(token: str, api_url: str) -> str:
    """Ask Telegram for the bot's user name, for deep links.

    Raises StartProblem when the token is wrong or Telegram cannot be reached.
    """
    try:
        async with Bot(token, base_url=f"{api_url}/bot") as bot:
            return bot.username
    except InvalidToken:
        raise StartProblem("Telegram does not know VUISTREGEL_TOKEN") from None
    except TelegramError:
        raise StartProblem("the Bot API cannot be reached") from None


async def publish(bot: Bot, pack: Pack) -> None:
    """Set the menu: the main language for all, each of the pack's for those who speak it."""
    main = pack.main_language
    await bot.set_my_commands(menu(pack, main), scope=BotCommandScopeDefault())
    for lang in pack.school.languages:
        await bot.set_my_commands(
            menu(pack, lang), scope=BotCommandScopeDefault(), language_code=lang
        )
    for lang in pack.school.languages:
        await describe(bot, pack, lang, None if lang == main else lang)


async def describe(bot: Bot, pack: Pack, lang: str, code: str | None) -> None:
    """Set what Telegram shows before the first message; only a change is sent."""
    say = Speech(pack, lang)
    long = say.label("about.long", school=pack.school.full_name)
    short = say.label("about.short", school=pack.school.name)
    if (await bot.get_my_description(code)).description != long:
        await bot.set_my_description(long, code)
    if (await bot.get_my_short_description(code)).short_description != short:
        await bot.set_my_short_description(short, code)


async def publish_calmly(bot: Bot, pack: Pack) -> None:
    """Publish; a Telegram that refuses is logged, since the bot works without its menu."""
    try:
        await publish(bot, pack)
    except TelegramError as error:
        log.warning("menu not published", error=type(error).__name__)


async def publish_for(bot: Bot, pack: Pack, chat_id: int, lang: str, *, staff: bool) -> None:
    """Set the menu of one person, who chose a language or became a member of staff.

    A Telegram that refuses is logged: the commands work without the menu.
    """
    scope = BotCommandScopeChat(chat_id)
    try:
        await bot.set_my_commands(menu(pack, lang, staff=staff), scope=scope)
    except TelegramError as error:
        log.warning("menu not published", error=type(error).__name__)
