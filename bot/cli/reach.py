"""Whether an alarm in Telegram would reach the administrators."""

from __future__ import annotations

from bot.settings import Settings, need


async def deaf(settings: Settings) -> tuple[int, ...]:
    """Return the administrators who never pressed Start, or blocked the bot.

    A chat action shows in no chat as a message, and is refused as a message would be. Raises
    TelegramError when Telegram cannot be asked; a wrong token is another check's finding.
    """
    from telegram import Bot
    from telegram.constants import ChatAction
    from telegram.error import BadRequest, Forbidden, InvalidToken

    found = []
    try:
        async with Bot(need(settings.token, "TOKEN"), base_url=f"{settings.api_url}/bot") as bot:
            for admin in settings.admin_ids:
                try:
                    await bot.send_chat_action(admin, ChatAction.TYPING)
                except (Forbidden, BadRequest):
                    found.append(admin)
    except InvalidToken:
        return ()
    return tuple(found)
