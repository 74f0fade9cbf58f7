"""Quiz rounds: five native polls, one at a time; late and repeated answers change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog
from telegram import Message, Update
from telegram.constants import PollType
from telegram.error import BadRequest, Forbidden
from telegram.ext import CommandHandler, PollAnswerHandler, filters

from bot import commands
from bot.context import Context, language_of
from bot.handlers import classquiz
from bot.handlers.routes import Handle, Route, on_command, on_tap, tapped, user_id
from bot.learning import PackLearning
from bot.sending import acknowledge, reply, send, take_buttons
from bot.views import classquiz as class_views
from bot.views import quiz as views
from bot.views.general import plain
from content import learning
from content.errors import UnknownIdError
from content.models import QuizItem
from storage import classquiz as class_quizzes
from storage import people, progress, quiz
from storage.errors import NotAllowed, NotNow
from storage.quiz import RoundView

log = structlog.get_logger(__name__)

RECENT: Final = 40
LINK: Final = "q"


async def start(update: Update, context: Context) -> None:
    """Begin a round, about one rule where one was named."""
    named = "".join(tapped(update)[:1]) if update.callback_query else "".join(context.args or [])
    await begin(update, context, named)


async def from_link(update: Update, context: Context) -> None:
    """Begin a round by a deep link on a poster or in Magister: ``start=q-7c``, ``start=q-mix``."""
    await begin(update, context, "".join(context.args or []).partition("-")[2])


async def in_group(update: Update, context: Context) -> None:
    """Ask a group one question, anonymously: nobody sees who chose what, and nothing is kept."""
    services, say = context.services, await context.speech(update)
    chat, named = update.effective_chat, services.pack.label("".join(context.args or []))
    items = services.pack.quiz_items(named) if named else services.pack.quiz
    if chat is None or not items:
        return
    shown = views.poll(say, services.rng.choice(items), 0, 1, services.rng)
    try:
        await context.bot.send_poll(
            chat.id,
            shown.question,
            list(shown.options),
            type=PollType.QUIZ,
            correct_option_ids=[shown.right],  # type: ignore[list-item]  # any position
            is_anonymous=True,
            explanation=shown.explanation,
            reply_markup=views.own_chat(say, context.bot.username).markup,
        )
    except (BadRequest, Forbidden) as error:  # not allowed to write there: nothing to mend
        log.info("cannot write in a group", error=type(error).__name__)


async def begin(update: Update, context: Context, named: str) -> None:
    """Choose the items, store the round, send the first poll."""
    services, who = context.services, user_id(update)
    lang = await language_of(services, update)
    say = services.speech(lang)
    topic = services.pack.label(named)
    person = await services.db.run(people.ensure, who, context.now, lang)
    items = await choose(context, person.id, topic)
    try:
        going = await services.db.run(
            quiz.start_round, person.id, items, topic, context.now, update.update_id
        )
    except NotNow:
        await reply(update, context.bot, views.none(say))
        return
    await reply(update, context.bot, views.begin(say, topic))
    await send_next(context, who, lang, going)


async def choose(context: Context, person_id: str, topic: str | None) -> list[str]:
    """Return the ids of the items of a round: due first, weak first, one new."""
    services = context.services
    if topic:
        items = list(services.pack.quiz_items(topic))
        services.rng.shuffle(items)
        return [item.id for item in items[: learning.ROUND]]
    known = await services.db.run(progress.of_person, person_id)
    chosen = learning.choose(
        services.pack,
        {rule: each.state for rule, each in known.items()},
        now=context.now,
        rng=services.rng,
        recent=await services.db.run(quiz.recent_items, person_id, RECENT),
    )
    return [item.id for item in chosen]


async def send_next(context: Context, who: int, lang: str, going: RoundView) -> None:
    """Send the next poll of a round, or its result."""
    services, say = context.services, context.services.speech(lang)
    position = going.next_position
    if position is None:
        if going.ended and going.answered == len(going.items):
            await send(context.bot, who, views.result(say, going))
        return
    item = item_of(context, going.items[position])
    if item is None:  # the pack changed under an open round
        await services.db.run(quiz.abandon, going.person_id, context.now)
        await send(context.bot, who, views.broken_off(say))
        return
    shown = views.poll(say, item, position, len(going.items), services.rng)
    message = await context.bot.send_poll(
        who,
        shown.question,
        list(shown.options),
        type=PollType.QUIZ,
        correct_option_ids=[shown.right],  # type: ignore[list-item]  # any position
        is_anonymous=False,
        explanation=shown.explanation,
    )
    await remember(context, going, position, message, shown.right, shown.shown)


async def remember(
    context: Context,
    going: RoundView,
    position: int,
    message: Message,
    right: int,
    shown: Sequence[int],
) -> None:
    """Store a poll that was sent; one whose round ended meanwhile counts for nothing."""
    if message.poll is None:
        return
    try:
        await context.services.db.run(
            quiz.record_poll,
            going.id,
            position,
            message.poll.id,
            message.chat_id,
            message.message_id,
            right,
            context.now,
            shown,
        )
    except NotNow:
        log.info("poll of a round that ended")


async def answered(update: Update, context: Context) -> None:
    """Count an answer once and go on; an update that comes again only goes on."""
    answer, services = update.poll_answer, context.services
    if answer is None or answer.user is None or not answer.option_ids:
        return
    who = answer.user.id
    lang = await language_of(services, update)
    counted = await services.db.run(
        quiz.answer,
        answer.poll_id,
        who,
        answer.option_ids[0],
        context.now,
        PackLearning(services.pack, services.school_clock),
    )
    if counted is None:
        await resume(context, answer.poll_id, who, lang)
        return
    item = item_of(context, counted.poll.item)
    if counted.right and item:
        await send(context.bot, who, views.right(services.speech(lang), item))
    await send_next(context, who, lang, counted.round)
    if counted.round.ended and counted.round.class_quiz_id:
        await classquiz.count(context, counted.round.class_quiz_id)


async def resume(context: Context, poll_id: str, who: int, lang: str) -> None:
    """Go on after an answer that does not count (again).

    It came before and a crash kept the next message from being sent; or its round is over. A poll
    that was sent to somebody else, and forwarded, gets no answer.
    """
    going = await context.services.db.run(quiz.of_poll, poll_id, who)
    if going is None:
        return
    poll = next(each for each in going.polls if each.poll_id == poll_id)
    if poll.right is None:
        await send(context.bot, who, views.late(context.services.speech(lang)))
    elif not going.ended or poll == going.polls[-1]:
        await send_next(context, who, lang, going)


def item_of(context: Context, item: str) -> QuizItem | None:
    """Return a quiz item; None when the pack does not have it any more."""
    try:
        return context.services.pack.quiz_item(item)
    except UnknownIdError:
        return None


async def stop_round(update: Update, context: Context) -> bool:
    """End the round that is going on; tell whether there was one."""
    person = await context.services.db.run(people.find, user_id(update))
    if person is None:
        return False
    return await context.services.db.run(quiz.abandon, person.id, context.now)


async def stop_tap(update: Update, context: Context) -> None:
    """End the round by its button."""
    stopped = await stop_round(update, context)
    await take_buttons(update)
    key = "stop.quiz" if stopped else "stop.nothing"
    await reply(update, context.bot, plain(await context.speech(update), key))


async def join(update: Update, context: Context) -> None:
    """Take part in the quiz of the class: an ordinary round with the class's questions."""
    services, who = context.services, user_id(update)
    lang, quiz_id = await language_of(services, update), "".join(tapped(update)[:1])
    say = services.speech(lang)
    try:
        going = await services.db.run(class_quizzes.join, quiz_id, who, context.now)
    except (NotAllowed, NotNow):
        await reply(update, context.bot, class_views.over(say))
        return
    if not going.polls:
        await reply(update, context.bot, views.begin(say, going.topic))
    elif update.callback_query:
        await acknowledge(update.callback_query)
    await send_next(context, who, lang, going)


def links() -> dict[str, Handle]:
    """Return what /start does, by the prefix of its deep link."""
    return {LINK: from_link}


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [
        on_command(commands.QUIZ, start),
        CommandHandler(
            commands.QUIZ.names, in_group, filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
        ),
        on_tap("cqj", join),
        on_tap("quiz", start),
        on_tap("quizstop", stop_tap),
        PollAnswerHandler(answered),
    ]
