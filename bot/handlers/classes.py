"""``/klas``: who is in the class, confirming by code, removing, a new QR code."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Final

from telegram import Update

from bot import commands
from bot.context import Context
from bot.handlers.join import tell
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id, words
from bot.posters import class_link, qr_png
from bot.sending import acknowledge, reply, show, take_buttons
from bot.views import classes as views
from bot.views.general import plain
from bot.views.paging import number_of
from storage import classes, drafts, people, staff
from storage.classes import ClassView
from storage.drafts import DraftView
from storage.errors import NotAllowed, NotNow
from storage.staff import StaffView

KIND: Final = "digits"
CODE_LASTS: Final = timedelta(days=30)


async def overview(update: Update, context: Context) -> None:
    """Show the mentor's class, or ask which of several."""
    await _overview(update, context)


async def _overview(update: Update, context: Context, page: int = 0) -> None:
    member, say = await _member(update, context), await context.speech(update)
    if member is None:
        await reply(update, context.bot, plain(say, "staff.only"))
        return
    held = set(member.classes(*classes.ROLES))
    found = [c for c in await context.services.db.run(classes.active) if c.id in held]
    if not found:
        await reply(update, context.bot, plain(say, "class.none"))
    elif len(found) > 1:
        await show(update, context.bot, views.choose(say, found, page))
    else:
        await _card(update, context, member, found[0])


async def tap(update: Update, context: Context) -> None:
    """Carry out a tap on a class; each is checked as if it were forged."""
    parts = [*tapped(update), "", "", ""]
    page = number_of(parts[0])
    if page is not None:
        await _overview(update, context, page)
        return
    try:
        member, found = await mine(update, context, parts[0])
        await _carry_out(update, context, member, found, parts[1], number_of(parts[2]))
    except (NotAllowed, NotNow):
        await reply(update, context.bot, plain(await context.speech(update), "case.gone"))


async def _carry_out(
    update: Update,
    context: Context,
    member: StaffView,
    found: ClassView,
    action: str,
    page: int | None,
) -> None:
    services, say = context.services, await context.speech(update)
    if action == "confirm":
        data = {"class_id": found.id, "label": found.label}
        await services.db.run(
            drafts.save, user_id(update), KIND, "code", data, context.now, version=None
        )
        await reply(update, context.bot, views.code_prompt(say))
    elif action == "remove":
        pupils = await services.db.run(classes.pupils, member.id, found.id)
        screen = views.remove(say, found, pupils, page or 0)
        await (reply if page is None else show)(update, context.bot, screen)
    elif action == "qr":
        await reply(update, context.bot, views.renew(say, found))
    elif action == "renew":
        await _send_code(update, context, found)
    else:
        await _card(update, context, member, found)


async def _send_code(update: Update, context: Context, found: ClassView) -> None:
    services, say = context.services, await context.speech(update)
    code = await services.db.run(
        classes.new_code, found.id, context.now + CODE_LASTS, context.now, renew=True
    )
    link = class_link(context.bot.username, code)
    if update.callback_query:
        await acknowledge(update.callback_query)
        await take_buttons(update)
    await context.bot.send_photo(
        user_id(update),
        BytesIO(qr_png(link)),
        caption=say("class.qr_caption", label=found.label, link=link),
        protect_content=True,
    )


async def typed(update: Update, context: Context, draft: DraftView) -> None:
    """Take the four digits that a pupil shows to the mentor."""
    services, say = context.services, await context.speech(update)
    try:
        member, found = await mine(update, context, draft.data["class_id"])
        pupil = await services.db.run(
            classes.confirm_pupil,
            member.id,
            found.id,
            words(update).replace(" ", ""),
            context.now,
            update.update_id,
        )
    except NotAllowed:
        await services.db.run(drafts.drop, draft.telegram_id)
        await reply(update, context.bot, plain(say, "case.gone"))
        return
    if pupil is None:
        await reply(update, context.bot, plain(say, "class.code_wrong", label=found.label))
        return
    await services.db.run(drafts.drop, draft.telegram_id)
    screen = plain(say, "class.code_right", name=pupil.person.name, flag=views.flag(say, pupil))
    await reply(update, context.bot, screen)
    await _tell_pupil(context, pupil.person, "join.confirmed", found.label)


async def stop(update: Update, context: Context) -> None:
    """Drop the question for a code."""
    draft = await context.services.db.run(drafts.load, user_id(update))
    if draft and draft.kind == KIND:
        await context.services.db.run(drafts.drop, draft.telegram_id)
    await show(update, context.bot, plain(await context.speech(update), "stop.done"))


async def remove(update: Update, context: Context) -> None:
    """Ask first, then take a pupil out of the class."""
    services, say = context.services, await context.speech(update)
    parts = tapped(update)
    person = await services.db.run(people.by_id, "".join(parts[:1]))
    try:
        if person is None or person.class_id is None:
            raise NotAllowed("no such pupil")
        member, found = await mine(update, context, person.class_id)
        if parts[1:] != [views.YES]:
            await show(update, context.bot, views.remove_sure(say, found, person))
            return
        await services.db.run(classes.remove_pupil, member.id, found.id, person.id, context.now)
    except NotAllowed:
        await reply(update, context.bot, plain(say, "case.gone"))
        return
    await show(update, context.bot, plain(say, "class.removed", name=person.name))
    await _tell_pupil(context, person, "join.removed", found.label)


async def _card(update: Update, context: Context, member: StaffView, found: ClassView) -> None:
    pupils = await context.services.db.run(classes.pupils, member.id, found.id)
    await show(update, context.bot, views.card(await context.speech(update), found, pupils))


async def _member(update: Update, context: Context) -> StaffView | None:
    return await context.services.db.run(staff.by_telegram, user_id(update))


async def mine(update: Update, context: Context, class_id: str) -> tuple[StaffView, ClassView]:
    """Return who asks and the class; raises NotAllowed unless it is one of their classes."""
    member = await _member(update, context)
    found = await context.services.db.run(classes.by_id, class_id)
    if member is None or found is None or found.id not in member.classes(*classes.ROLES):
        raise NotAllowed("not a class of this person")
    return member, found


async def _tell_pupil(context: Context, person: people.PersonView, key: str, label: str) -> None:
    say = context.services.speech(person.lang or context.services.pack.main_language)
    await tell(context, person.telegram_id, plain(say, key, label=label))


def routes() -> list[Route]:
    """Return the routes of this module; typed digits come through ``handlers.text``."""
    return [
        on_command(commands.CLASS, overview),
        on_tap("class", tap),
        on_tap("out", remove),
        on_tap("digits", stop),
    ]
