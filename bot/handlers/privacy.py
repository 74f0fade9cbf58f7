"""``/privacy``, ``/mijngegevens`` and ``/vergeetmij``."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from telegram import Update

from bot import commands
from bot.context import Context
from bot.handlers.routes import Route, on_command, on_tap, user_id
from bot.sending import reply, show
from bot.views import privacy as views
from bot.views.general import plain
from storage import privacy


async def explain(update: Update, context: Context) -> None:
    """Say in plain words what is kept."""
    days = context.services.pack.school.retention.closed_reports
    await reply(update, context.bot, plain(await context.speech(update), "privacy.text", days=days))


async def my_data(update: Update, context: Context) -> None:
    """Give a person their own data: a readable page and the same as JSON."""
    services, who, say = context.services, user_id(update), await context.speech(update)
    data: dict[str, Any] = await services.db.run(privacy.export, who, context.now)
    if data["account"] is None and data["staff"] is None and data["dialogue"] is None:
        await reply(update, context.bot, plain(say, "my_data.none"))
        return
    page = views.page(say, data).encode()
    file = json.dumps(data, ensure_ascii=False, indent=2).encode()
    name = commands.MY_DATA.name(say.lang)
    await context.bot.send_document(
        who,
        BytesIO(page),
        filename=f"{name}.html",
        caption=say("my_data.caption"),
        protect_content=True,
    )
    await context.bot.send_document(
        who, BytesIO(file), filename=f"{name}.json", protect_content=True
    )


async def sure(update: Update, context: Context) -> None:
    """Ask whether it should really be erased."""
    await reply(update, context.bot, views.sure(await context.speech(update)))


async def forget(update: Update, context: Context) -> None:
    """Erase what is no part of an open report, and say what stays."""
    services, who, say = context.services, user_id(update), await context.speech(update)
    done = await services.db.run(privacy.forget, who, context.now)
    services.recent.forget(who)
    services.wake_delivery.set()
    await show(update, context.bot, views.forgotten(say, done))


async def never_mind(update: Update, context: Context) -> None:
    """Leave everything as it is."""
    await show(update, context.bot, plain(await context.speech(update), "forget.kept"))


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [
        on_command(commands.PRIVACY, explain),
        on_command(commands.MY_DATA, my_data),
        on_command(commands.FORGET, sure),
        on_tap("forget", forget),
        on_tap("keepme", never_mind),
    ]
