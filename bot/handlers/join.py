"""Joining a class by its QR code, and staff by a personal link."""

from __future__ import annotations

from typing import Final

import structlog
from telegram import Update
from telegram.error import Forbidden, TelegramError

from bot import reporting
from bot.context import Context
from bot.handlers import ask, busy
from bot.handlers.routes import Handle, Route, on_tap, tapped, user_id, words
from bot.menu import publish_for
from bot.screen import Screen
from bot.sending import reply, send, show
from bot.views import joining
from bot.views.general import plain
from storage import access, claims, classes, drafts, people, staff
from storage.drafts import DraftView
from storage.errors import NotNow, TooMany

log = structlog.get_logger(__name__)

KIND: Final = "join"
CLASS_LINK: Final = "c"
STAFF_LINK: Final = "s"


async def class_link(update: Update, context: Context) -> None:
    """Follow the QR code of a class: ask for the pupil's name."""
    services, who = context.services, user_id(update)
    say = await context.speech(update)
    if await services.db.run(staff.by_telegram, who):
        await reply(update, context.bot, plain(say, "join.is_staff"))
        return
    try:
        found = await services.db.run(classes.by_code, payload(context), who, context.now)
    except TooMany:
        await reply(update, context.bot, plain(say, "join.too_many"))
        return
    if found is None:
        await reply(update, context.bot, plain(say, "join.bad_code"))
        return
    if await busy.with_words(update, context):
        return
    person = await services.db.run(people.find, who)
    data = {"class_id": found.id, "label": found.label}
    await services.db.run(drafts.save, who, KIND, "name", data, context.now, version=None)
    already = person is not None and person.class_id is not None
    key = "join.already" if already else "join.ask_name"
    label = person.class_label if already and person else found.label
    await reply(update, context.bot, plain(say, key, label=label))


async def typed(update: Update, context: Context, draft: DraftView) -> None:
    """Take the name and put the pupil in the class."""
    services, say = context.services, await context.speech(update)
    if await ask.answer_danger(update, context, words(update)):  # "ik wil dood" is no name
        return
    name = " ".join(words(update).split())
    if not reporting.looks_like_a_name(name):
        await reply(update, context.bot, plain(say, "join.name_wrong"))
        return
    try:
        await services.db.run(people.ensure, draft.telegram_id, context.now, say.lang)
        joined = await services.db.run(
            people.join_class,
            draft.telegram_id,
            draft.data["class_id"],
            name,
            context.now,
            update.update_id,
        )
    except NotNow:
        await services.db.run(drafts.drop, draft.telegram_id)
        await reply(update, context.bot, plain(say, "join.bad_code"))
        return
    await services.db.run(drafts.drop, draft.telegram_id)
    await reply(update, context.bot, joining.joined(say, joined.person))


def payload(context: Context) -> str:
    """Return the code behind the prefix of a deep link."""
    return (context.args or [""])[0].split("-", 1)[-1]


async def staff_link(update: Update, context: Context) -> None:
    """Follow a personal link of staff: it opens nothing until the administrator confirms."""
    services, who = context.services, user_id(update)
    say = await context.speech(update)
    try:
        opened = await services.db.run(
            access.open_invite, payload(context), who, context.now, update.update_id
        )
    except TooMany:
        await reply(update, context.bot, plain(say, "join.too_many"))
        return
    if opened is None:
        await reply(update, context.bot, plain(say, "staff.link_bad"))
        return
    await reply(update, context.bot, plain(say, "staff.link_opened", name=opened.staff.name))
    await tell_others(context, opened)


async def tell_others(context: Context, opened: access.Opened) -> None:
    """Ask the administrators to confirm, and tell colleagues of the same class."""
    services = context.services
    for admin in services.settings.admin_ids:
        person = await services.db.run(people.find, admin)
        say = services.speech((person.lang if person else None) or services.pack.main_language)
        await tell(context, admin, joining.confirm_staff(say, opened))
    say = services.speech(services.pack.main_language)
    for colleague in opened.colleagues:
        if colleague.telegram_id and colleague.id != opened.staff.id:
            await tell(context, colleague.telegram_id, joining.colleague(say, opened))


async def tell(context: Context, who: int, screen: Screen) -> None:
    """Send something that is good to know; who blocked the bot is no error here."""
    try:
        await send(context.bot, who, screen)
    except Forbidden:
        await context.services.db.run(people.mark_unreachable, who, now=context.now)
    except TelegramError as error:
        log.warning("not told", error=type(error).__name__)


async def decide(update: Update, context: Context) -> None:
    """Take the administrator's yes or no about somebody who opened a staff link."""
    services, who = context.services, user_id(update)
    say = await context.speech(update)
    parts = tapped(update)
    if who not in services.settings.admin_ids or len(parts) != 2:
        await show(update, context.bot, plain(say, "case.gone"))
        return
    member = await services.db.run(staff.by_id, parts[1])
    again = await services.db.run(claims.seen, update.update_id)  # a crash came before the welcome
    if member is None or not (member.waiting or again):
        await show(update, context.bot, plain(say, "staff.link_gone"))
        return
    if parts[0] != "yes":
        await services.db.run(access.refuse, member.id)
        await show(update, context.bot, plain(say, "staff.link_admin_refused", name=member.name))
        return
    try:
        confirmed = await services.db.run(access.confirm, member.id, context.now, update.update_id)
    except NotNow:
        await show(update, context.bot, plain(say, "staff.link_twice", name=member.name))
        return
    services.wake_delivery.set()
    await show(update, context.bot, plain(say, "staff.link_admin_done", name=member.name))
    await welcome(update, context, confirmed)


async def welcome(update: Update, context: Context, member: staff.StaffView) -> None:
    """Tell a newly confirmed member of staff, and give the staff menu."""
    if member.telegram_id is None:
        return
    lang = await language_of_staff(context, member.telegram_id)
    say = context.services.speech(lang)
    await tell(context, member.telegram_id, plain(say, "staff.welcome", name=member.name))
    try:
        await publish_for(context.bot, context.services.pack, member.telegram_id, lang, staff=True)
    except TelegramError as error:  # the commands work without a menu too
        log.warning("no menu for staff", error=type(error).__name__)


async def language_of_staff(context: Context, who: int) -> str:
    """Return the language a member of staff chose; else the main one."""
    person = await context.services.db.run(people.find, who)
    return (person.lang if person else None) or context.services.pack.main_language


def links() -> dict[str, Handle]:
    """Return what /start does, by the prefix of its deep link."""
    return {CLASS_LINK: class_link, STAFF_LINK: staff_link}


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_tap("staff", decide)]
