"""The context that handlers get: the library's, with the services and a few short cuts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from telegram import Update
from telegram.ext import Application, CallbackContext, ExtBot

from bot.screen import Speech
from bot.services import Services
from storage import people

Data = dict[Any, Any]


class Context(CallbackContext[ExtBot[Any], Data, Data, Data]):
    """What a handler gets beside the update."""

    @property
    def services(self) -> Services:
        """Return the services that ``bot.bootstrap`` built."""
        services: Services = self.application.bot_data["services"]
        return services

    @property
    def now(self) -> datetime:
        """Return the present time in UTC."""
        return self.services.clock()

    async def speech(self, update: Update) -> Speech:
        """Return the texts in the language chosen, else Telegram's, else the main one."""
        return self.services.speech(await language_of(self.services, update))

    async def answer_speech(self, update: Update) -> Speech:
        """Return the texts in the language of the last answer: for the buttons below it."""
        user = update.effective_user
        last = self.services.recent.last(user.id, self.now) if user else None
        return self.services.speech(last.lang) if last else await self.speech(update)


App = Application[ExtBot[Any], Context, Data, Data, Data, None]


async def language_of(services: Services, update: Update) -> str:
    """Return "nl" or "en" for the person behind ``update``."""
    user = update.effective_user
    if user is None:
        return services.pack.main_language
    known = services.recent.lang(user.id)
    if known is None:
        person = await services.db.run(people.find, user.id)
        known = person.lang if person and person.lang else services.pack.spoken(user.language_code)
        services.recent.speak(user.id, known)
    return known
