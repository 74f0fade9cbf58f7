"""``/voortgang``: the rules as a picture, with the same in words below it."""

from __future__ import annotations

import asyncio
from io import BytesIO

from telegram import Update
from telegram.constants import ParseMode

from bot import commands, pictures
from bot.context import Context
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id
from bot.sending import acknowledge, reply
from bot.streak import weeks_in_a_row
from bot.views import progress as views
from storage import people, progress, quiz


async def show(update: Update, context: Context) -> None:
    """Show how well the person knows each rule; nobody else ever sees it."""
    say, standing = await context.speech(update), await standing_of(update, context)
    if not standing.known:
        await reply(update, context.bot, views.none(say))
        return
    dark = tapped(update) == ["dark"]
    screen = views.caption(say, standing, dark=dark)
    png = await asyncio.to_thread(
        pictures.bars,
        say.label("progress.title"),
        views.lines(say, standing),
        dark=dark,
        foot=" ".join([say.label("progress.legend"), views.weeks(say, standing)]).strip(),
    )
    if update.callback_query:
        await acknowledge(update.callback_query)
    await context.bot.send_photo(
        user_id(update),
        BytesIO(png),
        caption=screen.text,
        parse_mode=ParseMode.HTML,
        reply_markup=screen.markup,
    )


async def standing_of(update: Update, context: Context) -> views.Standing:
    """Return what is known of the person behind ``update``."""
    services, now = context.services, context.now
    person = await services.db.run(people.find, user_id(update))
    known = await services.db.run(progress.of_person, person.id) if person else {}
    began = await services.db.run(quiz.round_times, person.id) if person else ()
    today = services.school_clock.local(now).date()
    days = [services.school_clock.local(moment).date() for moment in began]
    return views.Standing(known, today, now, weeks_in_a_row(days, today))


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_command(commands.PROGRESS, show), on_tap("progress", show)]
