"""The quiz of a class: the mentor sets it, sees the live count, closes it, takes the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Final

import structlog
from telegram import InputFile, Update
from telegram.error import TelegramError

from bot import charts
from bot.context import Context
from bot.handlers.classes import mine
from bot.handlers.routes import Route, on_tap, tapped, user_id
from bot.learning import PackLearning
from bot.screen import Speech
from bot.sending import acknowledge, edit, reply, send, show, take_buttons
from bot.views import classquiz as views
from bot.views.general import plain
from bot.views.paging import number_of
from content import learning
from content.moments import may_disturb
from storage import classquiz, people, quizresults
from storage.classes import ClassView
from storage.classquiz import ClassQuizView
from storage.errors import NotAllowed, NotNow
from storage.staff import StaffView

log = structlog.get_logger(__name__)

EXPORTS: Final[dict[str, Callable[[Speech, views.Outcome], bytes]]] = {
    "csv": views.csv_of,
    "pdf": lambda say, outcome: charts.pdf(views.chart(say, outcome)),
}


async def set_up(update: Update, context: Context) -> None:
    """Go from the class to a quiz: which rule, when; or to the quiz that is going on."""
    class_id, action, topic = [*tapped(update), "", "", ""][:3]
    try:
        member, found = await mine(update, context, class_id)
        going = await context.services.db.run(classquiz.open_quiz, member.id, found.id)
        if going is not None:
            await _card(update, context, found, going)
        elif action == "when":
            await _ask_when(update, context, found, topic)
        elif action in {"now", "break"}:
            await _begin(update, context, member, found, topic, action)
        else:
            page = number_of(action)
            screen = views.topics(await context.speech(update), found, page or 0)
            await (reply if page is None else show)(update, context.bot, screen)
    except (NotAllowed, NotNow):
        await reply(update, context.bot, plain(await context.speech(update), "case.gone"))


async def _ask_when(update: Update, context: Context, found: ClassView, topic: str) -> None:
    clock, now = context.services.school_clock, context.now
    free = clock.local(now) if may_disturb(clock, now) else None
    later = clock.local(clock.following_break(now))
    say = await context.speech(update)
    await show(update, context.bot, views.moments(say, found, topic, free, later))


async def _begin(
    update: Update, context: Context, member: StaffView, found: ClassView, topic: str, when: str
) -> None:
    services, clock, now = context.services, context.services.school_clock, context.now
    rule = topic if services.pack.has_label(topic) else None
    opens = clock.next_free(now) if when == "now" else clock.following_break(now)
    items = await _pick(context, found.id, rule)
    try:
        going = await services.db.run(
            classquiz.start, member.id, found.id, items, rule, opens, now, update.update_id
        )
    except NotNow:
        await reply(update, context.bot, views.nobody(await context.speech(update)))
        return
    services.wake_delivery.set()
    await take_buttons(update)
    await _card(update, context, found, going)


async def _pick(context: Context, class_id: str, rule: str | None) -> list[str]:
    """Choose the questions: of one rule, or of five; not those of the class's quiz before."""
    services = context.services
    last = await services.db.run(classquiz.last_items, class_id)
    if rule is None:
        mix = learning.choose(services.pack, {}, now=context.now, rng=services.rng, recent=last)
        return [item.id for item in mix]
    items = list(services.pack.quiz_items(rule))
    services.rng.shuffle(items)
    items.sort(key=lambda item: item.id in last)
    return [item.id for item in items[: learning.ROUND]]


async def _card(update: Update, context: Context, found: ClassView, going: ClassQuizView) -> None:
    """Send the live count and remember where it stands."""
    services, say = context.services, await context.speech(update)
    counted = await services.db.run(classquiz.live, going.id)
    if counted is None:
        raise NotNow("the quiz is gone")
    screen = views.live(say, found.label, *counted, _local(context, going.opens_at))
    message = await reply(update, context.bot, screen)
    if message is not None:
        await services.db.run(classquiz.record_card, going.id, user_id(update), message.message_id)


async def tap(update: Update, context: Context) -> None:
    """Carry out a tap on a quiz; each is checked as if it were forged."""
    quiz_id, action = [*tapped(update), "", ""][:2]
    services, say = context.services, await context.speech(update)
    try:
        member, _ = await mine(update, context, await _class_of(context, quiz_id))
        going = await services.db.run(classquiz.by_id, member.id, quiz_id)
        if action == "close":
            going = await services.db.run(classquiz.close, member.id, quiz_id, context.now)
        if going.closed_at is None:
            await count(context, quiz_id)
        elif action in EXPORTS:
            await _export(update, context, going, action)
        else:
            await _result(update, context, going)
    except (NotAllowed, NotNow):
        await reply(update, context.bot, plain(say, "case.gone"))
    if update.callback_query:
        await acknowledge(update.callback_query)


async def _class_of(context: Context, quiz_id: str) -> str:
    counted = await context.services.db.run(classquiz.live, quiz_id)
    if counted is None:
        raise NotAllowed("no such quiz")
    return str(counted[0].class_id)


async def count(context: Context, quiz_id: str) -> None:
    """Bring the live count up to date, where the mentor sees it."""
    services = context.services
    counted = await services.db.run(classquiz.live, quiz_id)
    card = counted[0].card if counted else None
    if counted is None or card is None:
        return
    going, numbers = counted
    chat_id, message_id = card
    person = await services.db.run(people.find, chat_id)
    say = services.speech((person.lang if person else None) or services.pack.main_language)
    label = await services.db.run(classquiz.label_of, quiz_id)
    screen = views.live(say, label, going, numbers, _local(context, going.opens_at))
    try:
        await edit(context.bot, chat_id, message_id, screen)
    except TelegramError as error:  # the pupil's answer counts, whatever the mentor's chat says
        log.info("live count not shown", error=type(error).__name__)


async def _outcome(context: Context, going: ClassQuizView) -> views.Outcome:
    services = context.services
    rule_of = PackLearning(services.pack, services.school_clock).rule_of
    found = await services.db.run(quizresults.of_quiz, going.id, rule_of)
    earlier = await services.db.run(classquiz.before, going.id)
    before = await services.db.run(quizresults.of_quiz, earlier, rule_of) if earlier else None
    label = await services.db.run(classquiz.label_of, going.id)
    return views.Outcome(label, going.topic, found, before)


async def _result(update: Update, context: Context, going: ClassQuizView) -> None:
    """Send the chart and what to talk about; below five participants only their number."""
    say, outcome = await context.speech(update), await _outcome(context, going)
    await count(context, going.id)
    if not outcome.result.items:
        await reply(update, context.bot, views.few(say, outcome))
        return
    png = await asyncio.to_thread(charts.png, views.chart(say, outcome))
    caption = views.summary(say, outcome)
    await context.bot.send_photo(user_id(update), BytesIO(png), caption=caption)
    await send(context.bot, user_id(update), views.result(say, going.id, outcome))


async def _export(update: Update, context: Context, going: ClassQuizView, form: str) -> None:
    say, outcome = await context.speech(update), await _outcome(context, going)
    if not outcome.result.items:
        await reply(update, context.bot, views.few(say, outcome))
        return
    content = await asyncio.to_thread(EXPORTS[form], say, outcome)
    name = f"klassenquiz-{outcome.label}-{going.created_at:%Y-%m-%d}.{form}"
    await context.bot.send_document(user_id(update), InputFile(content, filename=name))


def _local(context: Context, when: datetime) -> datetime:
    return context.services.school_clock.local(when)


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_tap("cq", set_up), on_tap("cqz", tap)]
