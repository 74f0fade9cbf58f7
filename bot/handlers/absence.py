"""``/afwezig``: until when somebody is away, and who stands in."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from telegram import Update

from bot import commands
from bot.context import Context
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id
from bot.sending import reply, show
from bot.views import classes as views
from bot.views.general import plain
from bot.views.paging import number_of
from bot.views.times import day
from storage import staff
from storage.errors import NotAllowed, NotNow
from storage.staff import StaffView

DAYS: Final = {"day": 0, "week": 6, "month": 29}


async def overview(update: Update, context: Context) -> None:
    """Show whether this member of staff is away, or ask until when."""
    member = await context.services.db.run(staff.by_telegram, user_id(update))
    say = await context.speech(update)
    if member is None:
        await reply(update, context.bot, plain(say, "staff.only"))
        return
    until, who = await _present(context, member, say.lang)
    await reply(update, context.bot, views.absence(say, member, until, who))


async def tap(update: Update, context: Context) -> None:
    """Take the span, then the stand-in; or the end of an absence."""
    member = await context.services.db.run(staff.by_telegram, user_id(update))
    parts, say = tapped(update), await context.speech(update)
    if member is None:
        await show(update, context.bot, plain(say, "case.gone"))
    elif parts == ["end"]:
        await context.services.db.run(staff.set_present, member.id)
        await show(update, context.bot, plain(say, "absent.back"))
    elif len(parts) == 2 and parts[0] == "until" and parts[1] in DAYS:
        await _ask_stand_in(update, context, member, parts[1], "absent.choose")
    elif len(parts) == 2 and parts[0] in DAYS and number_of(parts[1]) is not None:
        page = number_of(parts[1]) or 0
        await _ask_stand_in(update, context, member, parts[0], "absent.choose", page)
    elif len(parts) == 2 and parts[0] in DAYS:
        await _set(update, context, member, parts[0], parts[1])
    else:
        await show(update, context.bot, plain(say, "other.old_button"))


async def _ask_stand_in(
    update: Update, context: Context, member: StaffView, span: str, key: str, page: int = 0
) -> None:
    """Offer the colleagues, those of the same classes first."""
    mine = set(member.classes("mentor", "deputy", "coordinator"))
    everyone = await context.services.db.run(staff.everyone)
    others = [each for each in everyone if each.active and each.id != member.id]
    others.sort(key=lambda each: not mine & set(each.classes("mentor", "deputy", "coordinator")))
    say = await context.speech(update)
    await show(update, context.bot, views.stand_ins(say, span, others, key, page))


async def _set(
    update: Update, context: Context, member: StaffView, span: str, stand_in: str
) -> None:
    services, say = context.services, await context.speech(update)
    until = end_of(services.school_clock.local(context.now), DAYS[span])
    chosen = None if stand_in == "-" else stand_in
    try:
        away = await services.db.run(staff.set_absent, member.id, context.now, until, chosen)
    except (NotNow, NotAllowed):
        await _ask_stand_in(update, context, member, span, "absent.circle")
        return
    shown, who = await _present(context, away, say.lang)
    named = say.after("absent.who", name=who) if who else ""
    await show(update, context.bot, plain(say, "absent.done", until=shown or "", who=named))


async def _present(context: Context, member: StaffView, lang: str) -> tuple[str | None, str | None]:
    now = context.now
    if member.absent_until is None or member.absent_until <= now:
        return None, None
    last = context.services.school_clock.local(member.absent_until - timedelta(seconds=1))
    stand_in = (
        await context.services.db.run(staff.by_id, member.stand_in_id)
        if member.stand_in_id
        else None
    )
    return day(last.date(), lang), stand_in.name if stand_in else None


def end_of(local: datetime, days: int) -> datetime:
    """Return the midnight that ends the day ``days`` from ``local``'s."""
    last = local.date() + timedelta(days=days + 1)
    return datetime.combine(last, time(), tzinfo=local.tzinfo)


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [on_command(commands.ABSENT, overview), on_tap("away", tap)]
