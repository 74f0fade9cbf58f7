"""Questions: a typed text in, one card out. A plain question writes nothing."""

from __future__ import annotations

from telegram import Update

from bot.context import Context, language_of
from bot.handlers.routes import Route, on_tap, tapped, user_id, words
from bot.recent import Asked
from bot.sending import reply, show, take_buttons
from bot.views import answers
from bot.views.general import plain
from content.errors import UnknownIdError
from content.masking import mask
from content.match import Match
from storage import kept, staff

LONGEST_QUESTION = 600


async def question(update: Update, context: Context) -> None:
    """Answer a typed question."""
    text = words(update)
    match = understand(update, context, text)
    say = context.services.speech(match.lang)
    if len(text) > LONGEST_QUESTION and match.kind not in {"crisis", "report"}:
        await reply(update, context.bot, plain(say, "other.long"))
        return
    await reply(update, context.bot, answers.answer(say, match))


def understand(update: Update, context: Context, text: str) -> Match:
    """Match a text, as a follow-up of the last question where it is one, and remember it."""
    services = context.services
    last = services.recent.last(user_id(update), context.now)
    match = services.matcher.ask(text, previous=last.text if last else None)
    found = match.situation.id if match.situation else None
    services.recent.ask(user_id(update), Asked(text, match.lang, context.now, found))
    return match


async def choose_situation(update: Update, context: Context) -> None:
    """Answer a tap on one of "bedoel je …?"."""
    last = context.services.recent.last(user_id(update), context.now)
    lang = last.lang if last else await language_of(context.services, update)
    say = context.services.speech(lang)
    try:
        found = context.services.pack.situation(":".join(tapped(update)))
    except UnknownIdError:
        await show(update, context.bot, plain(say, "other.old_button"))
        return
    await show(update, context.bot, answers.situation(say, found, found.rule or ""))


async def none_of_these(update: Update, context: Context) -> None:
    """Answer a tap on "geen van deze": an honest refusal."""
    await show(update, context.bot, answers.refusal(await context.speech(update)))


async def wrong(update: Update, context: Context) -> None:
    """Answer a tap on "klopt niet"."""
    await take_buttons(update)
    await reply(update, context.bot, answers.corrected(await context.speech(update)))


async def keep(update: Update, context: Context) -> None:
    """Keep the last question, masked, after the pupil asked for it."""
    last = context.services.recent.last(user_id(update), context.now)
    say = await context.speech(update)
    if last:
        masked = mask(last.text, await names_to_mask(context))
        await context.services.db.run(
            kept.keep, masked, situation=last.situation, lang=last.lang, now=context.now
        )
    await take_buttons(update)
    await reply(update, context.bot, answers.kept(say, found=last is not None))


async def names_to_mask(context: Context) -> list[str]:
    """Return the names that a kept question must not hold: staff and frequent first names."""
    members = await context.services.db.run(staff.everyone, also_left=True)
    return [*(each.name for each in members), *context.services.pack.lexicon.names]


def routes() -> list[Route]:
    """Return the taps of this module; typed questions come through ``handlers.text``."""
    return [
        on_tap("sit", choose_situation),
        on_tap("none", none_of_these),
        on_tap("wrong", wrong),
        on_tap("keep", keep),
    ]
