"""A bare echo bot of python-telegram-bot: what the library itself costs.

``python -m tests.prove.bench_echo``. The same settings of requests as ``bot.bootstrap``.
"""

from __future__ import annotations

import os
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, CommandHandler, MessageHandler, filters
from telegram.request import HTTPXRequest


async def echo(update: Update, context: Any) -> None:
    """Send the same text back."""
    message = update.effective_message
    if message and message.text:
        await context.bot.send_message(message.chat.id, message.text)


def main(origin: str) -> None:
    """Poll until a signal."""
    app = (
        ApplicationBuilder()
        .token("1:bench")
        .base_url(f"{origin}/bot")
        .request(HTTPXRequest(connection_pool_size=64, pool_timeout=10))
        .get_updates_request(HTTPXRequest(connection_pool_size=2, read_timeout=40))
        .build()
    )
    app.add_handler(CommandHandler("start", echo))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling(timeout=25)


if __name__ == "__main__":
    main(os.environ["VUISTREGEL_API_URL"])
