"""Questions: a typed text in, one card out. A plain question writes nothing."""

from __future__ import annotations

from telegram import Update

from bot.context import Context
from bot.handlers.routes import Route, on_tap, tapped, user_id, words
from bot.metrics import MATCHES
from bot.recent import Asked
from bot.sending import reply, show, take_buttons
from bot.views import answers
from bot.views.general import plain
from content.errors import UnknownIdError
from content.masking import mask
from content.match import Match
from storage import kept, people, staff

LONGEST_QUESTION = 600


async def question(update: Update, context: Context) -> None:
    """Answer a typed question."""
    text = words(update)
    if not any(sign.isalnum() for sign in text):  # an emoji, a few dots
        await reply(update, context.bot, plain(await context.speech(update), "other.unknown"))
        return
    match = understand(update, context, text)
    say = context.services.speech(match.lang)
    if len(text) > LONGEST_QUESTION and match.kind not in {"crisis", "report"}:
        await reply(update, context.bot, plain(say, "other.long"))
        return
    await reply(update, context.bot, answers.answer(say, match, message_id(update)))


async def answer_danger(update: Update, context: Context, text: str) -> bool:
    """Show the help lines when ``text`` tells of danger; tell whether it did."""
    if context.services.matcher.ask(text).kind != "crisis":
        return False
    match = understand(update, context, text)
    say = context.services.speech(match.lang)
    await reply(update, context.bot, answers.answer(say, match, message_id(update)))
    return True


def understand(update: Update, context: Context, text: str) -> Match:
    """Match a text, as a follow-up of the last question where it is one, and remember it."""
    services = context.services
    last = services.recent.last(user_id(update), context.now)
    match = services.matcher.ask(text, previous=last.text if last else None)
    if last and match != services.matcher.ask(text):  # it went on from there: so may the next
        text = f"{last.text} {text}"[-LONGEST_QUESTION:]
    MATCHES.labels(kind=match.kind, confident=str(match.confident).lower()).inc()
    asked = Asked(
        text,
        match.lang,
        context.now,
        situation=match.situation.id if match.situation else None,
        message_id=message_id(update),
        keepable=match.kind not in {"crisis", "report"},
    )
    services.recent.ask(user_id(update), asked)
    return match


def message_id(update: Update) -> int:
    """Return the id of the message that the update is or is about; 0 without one."""
    message = update.effective_message
    return message.message_id if message else 0


def asked_here(update: Update, context: Context) -> Asked | None:
    """Return the question that the tapped button belongs to, while it is remembered.

    A later question does not count: a button under an older answer must not take other words.
    """
    last = context.services.recent.last(user_id(update), context.now)
    return last if last and tapped(update)[-1:] == [str(last.message_id)] else None


async def choose_situation(update: Update, context: Context) -> None:
    """Answer a tap on one of "bedoel je …?"."""
    say = await context.answer_speech(update)
    id_, asked = [*tapped(update), "", "0"][:2]
    try:
        found = context.services.pack.situation(id_)
    except UnknownIdError:
        await show(update, context.bot, plain(say, "other.old_button"))
        return
    number = int(asked) if asked.isdecimal() else 0
    await show(update, context.bot, answers.situation(say, found, found.rule or "", number))


async def none_of_these(update: Update, context: Context) -> None:
    """Answer a tap on "geen van deze": an honest refusal."""
    asked, say = asked_here(update, context), await context.answer_speech(update)
    await show(update, context.bot, answers.refusal(say, asked.message_id if asked else 0))


async def wrong(update: Update, context: Context) -> None:
    """Answer a tap on "klopt niet"."""
    asked, say = asked_here(update, context), await context.answer_speech(update)
    await take_buttons(update)
    keepable = asked is not None and asked.keepable
    number = asked.message_id if asked else 0
    await reply(update, context.bot, answers.corrected(say, number, keepable=keepable))


async def keep(update: Update, context: Context) -> None:
    """Keep the question above the button, masked, after the pupil asked for it."""
    asked, say = asked_here(update, context), await context.answer_speech(update)
    keepable = asked is not None and asked.keepable
    if asked and keepable:
        await context.services.db.run(
            kept.keep,
            mask(asked.text, await names_to_mask(update, context)),
            situation=asked.situation,
            lang=asked.lang,
            now=context.now,
            update_id=update.update_id,
        )
    await take_buttons(update)
    await reply(update, context.bot, answers.kept(say, found=keepable))


async def names_to_mask(update: Update, context: Context) -> list[str]:
    """Return the names that a kept question must not hold: own, staff's, frequent first names."""
    db = context.services.db
    members = await db.run(staff.everyone, also_left=True)
    person = await db.run(people.find, user_id(update))
    own = [person.name] if person and person.name else []
    return [*own, *(each.name for each in members), *context.services.pack.lexicon.names]


def routes() -> list[Route]:
    """Return the taps of this module; typed questions come through ``handlers.text``."""
    return [
        on_tap("sit", choose_situation),
        on_tap("none", none_of_these),
        on_tap("wrong", wrong),
        on_tap("keep", keep),
    ]
