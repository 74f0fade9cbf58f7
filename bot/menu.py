"""The command menu and the bot's description, per language and role."""

from __future__ import annotations

from typing import Final

from telegram import Bot, BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import InvalidToken, TelegramError

from bot.commands import for_audience
from bot.errors import StartProblem
from bot.screen import Speech
from content.pack import Pack

LANGUAGES: Final = ("nl", "en")


def menu(pack: Pack, lang: str, *, staff: bool = False) -> list[BotCommand]:
    """Return the commands of one language."""
    say = Speech(pack, lang)
    return [BotCommand(c.name(lang), say.label(c.text)) for c in for_audience(staff=staff)]


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
    """Set the menu: Dutch for all, English for those whose Telegram is English."""
    await bot.set_my_commands(menu(pack, "nl"), scope=BotCommandScopeDefault())
    for lang in LANGUAGES:
        await bot.set_my_commands(
            menu(pack, lang), scope=BotCommandScopeDefault(), language_code=lang
        )


async def publish_for(bot: Bot, pack: Pack, chat_id: int, lang: str, *, staff: bool) -> None:
    """Set the menu of one person, who chose a language or became a member of staff."""
    await bot.set_my_commands(menu(pack, lang, staff=staff), scope=BotCommandScopeChat(chat_id))
