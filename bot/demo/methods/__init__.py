"""The Bot API's methods that the bot uses, one module a subject."""

from bot.demo.methods import media, messages, polls, queries, settings, updates
from bot.demo.methods.registry import METHODS, Context

__all__ = [
    "METHODS",
    "Context",
    "media",
    "messages",
    "polls",
    "queries",
    "settings",
    "updates",
]
