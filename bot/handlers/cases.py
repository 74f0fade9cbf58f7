"""What staff and pupils do with a report after sending: read, answer, pass on, close, add."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram import Update

from bot import commands
from bot.context import Context
from bot.handlers import words as relay
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id
from bot.screen import Screen
from bot.sending import reply, send, show
from bot.terms import policy_of
from bot.views import cases
from bot.views.general import plain
from bot.views.paging import MARK, number_of
from storage import alike, cards, casework, followup, reports, staff
from storage.dossier import ReportView
from storage.errors import NotAllowed, NotNow

Step = Callable[[Update, Context, str], Coroutine[Any, Any, None]]
HAND_TO: Final = "to-"


async def overview(update: Update, context: Context) -> None:
    """List a pupil's own reports, or a member of staff's open ones; a tap turns the page."""
    page = number_of("".join(tapped(update))) or 0
    services, who = context.services, user_id(update)
    say = await context.speech(update)
    if await services.db.run(staff.by_telegram, who):
        found = await services.db.run(reports.open_for, who)
        screen = cases.staff_list(say, found, services.school_clock, page)
    else:
        mine = await services.db.run(reports.mine, who)
        screen = cases.own_list(say, mine, services.school_clock, page)
    await show(update, context.bot, screen)


async def case(update: Update, context: Context) -> None:
    """Carry out a tap of staff under a notice or card; each is checked as if it were forged."""
    await _guarded(update, context, _CASE, "case.late")


async def own(update: Update, context: Context) -> None:
    """Carry out a tap of a pupil on an own report."""
    await _guarded(update, context, _OWN, "own.late")


async def _guarded(update: Update, context: Context, steps: dict[str, Step], late: str) -> None:
    parts = tapped(update)
    report_id, action = (parts[0], parts[1]) if len(parts) == 2 else ("", "")
    name = HAND_TO if action.startswith(HAND_TO) else action.partition(MARK)[0]
    step = steps.get(name)
    try:
        if step is None:
            raise NotAllowed("no such step")
        await step(update, context, report_id)
    except NotAllowed:  # one answer, whether or not the report exists
        await reply(update, context.bot, plain(await context.speech(update), "case.gone"))
    except NotNow:  # only who has the report, or made it, gets this far
        await reply(update, context.bot, plain(await context.speech(update), late))
    context.services.wake_delivery.set()


async def read(update: Update, context: Context, report_id: str) -> None:
    """Show the report to staff: the fact "gelezen"."""
    services = context.services
    found = await services.db.run(
        casework.open_report, user_id(update), report_id, policy_of(services), context.now
    )
    await show_card(update, context, found)


async def show_card(update: Update, context: Context, report: ReportView) -> None:
    """Send a card and remember where it stands, for its tombstone."""
    services, who = context.services, user_id(update)
    say = await context.speech(update)
    member = await services.db.run(staff.by_telegram, who)
    like = await services.db.run(alike.numbers, who, report.id)
    screen = cases.case(say, report, services.school_clock, like)
    message = await reply(update, context.bot, screen)
    if message and member:
        await services.db.run(
            cards.record,
            report.id,
            who,
            message.message_id,
            "card",
            context.now,
            staff_id=member.id,
        )


async def take(update: Update, context: Context, report_id: str) -> None:
    """Take a report in hand."""
    services = context.services
    found = await services.db.run(
        casework.take,
        user_id(update),
        report_id,
        policy_of(services),
        context.now,
        update.update_id,
    )
    if found:
        await _say(update, context, "case.taken", found)
        await show_card(update, context, found)


async def steps(update: Update, context: Context, report_id: str) -> None:
    """Show what to do with this kind of report."""
    found = await context.services.db.run(reports.one, user_id(update), report_id)
    await reply(update, context.bot, cases.steps(await context.speech(update), found))


async def hand(update: Update, context: Context, report_id: str) -> None:
    """Ask to whom the report goes."""
    services, who = context.services, user_id(update)
    found = await services.db.run(reports.one, who, report_id)
    others = await services.db.run(casework.colleagues, who, report_id, context.now)
    page = number_of(tapped(update)[1].removeprefix("hand"))
    screen = cases.colleagues(await context.speech(update), found, others, page or 0)
    await (reply if page is None else show)(update, context.bot, screen)


async def hand_to(update: Update, context: Context, report_id: str) -> None:
    """Pass the report on to the colleague who was tapped."""
    services, who = context.services, user_id(update)
    short = tapped(update)[1].removeprefix(HAND_TO)
    others = await services.db.run(casework.colleagues, who, report_id, context.now)
    chosen = [o for o in others if o.staff_id[: cases.SHORT_ID] == short]
    if len(chosen) != 1:
        raise NotAllowed("no such colleague")
    number = (await services.db.run(reports.one, who, report_id)).number
    got = await services.db.run(
        casework.hand_over,
        who,
        report_id,
        chosen[0].staff_id,
        policy_of(services),
        context.now,
        update.update_id,
    )
    say = await context.speech(update)
    name = (got or chosen[0]).name
    await show(update, context.bot, plain(say, "case.handed", number=number, name=name))


async def answer(update: Update, context: Context, report_id: str) -> None:
    """Ask staff to type an answer."""
    found = await context.services.db.run(reports.one, user_id(update), report_id)
    if "reply" not in found.may:
        raise NotNow("not open")
    await relay.prompt(update, context, found, "reply", "case.reply_prompt")


async def close(update: Update, context: Context, report_id: str) -> None:
    """Ask staff for the sentence with which the report closes."""
    found = await context.services.db.run(reports.one, user_id(update), report_id)
    if "close" not in found.may:
        raise NotNow("not open")
    await relay.prompt(update, context, found, "close", "case.close_prompt")


async def show_own(update: Update, context: Context, report_id: str) -> None:
    """Show a pupil's own report."""
    services = context.services
    found = await services.db.run(reports.own, user_id(update), report_id)
    say = await context.speech(update)
    message = await reply(update, context.bot, cases.own(say, found, services.school_clock))
    if message:
        await services.db.run(
            cards.record, found.id, user_id(update), message.message_id, "receipt", context.now
        )


async def add(update: Update, context: Context, report_id: str) -> None:
    """Ask the pupil what to add."""
    found = await context.services.db.run(reports.own, user_id(update), report_id)
    if "add" not in found.may:
        raise NotNow("not open")
    await relay.prompt(update, context, found, "add", "own.add_prompt")


async def correct(update: Update, context: Context, report_id: str) -> None:
    """Ask the pupil for other words in place of what nobody has read yet."""
    found = await context.services.db.run(reports.own, user_id(update), report_id)
    if "correct" not in found.may:
        raise NotNow("read already")
    await relay.prompt(update, context, found, "correct", "own.correct_prompt")


async def withdraw(update: Update, context: Context, report_id: str) -> None:
    """Take back a report that nobody has read yet."""
    found = await context.services.db.run(
        followup.withdraw, user_id(update), report_id, context.now, update.update_id
    )
    await _say(update, context, "own.withdrawn", found)


async def reopen(update: Update, context: Context, report_id: str) -> None:
    """Open a closed report again."""
    services = context.services
    found = await services.db.run(
        followup.reopen,
        user_id(update),
        report_id,
        policy_of(services),
        context.now,
        update.update_id,
    )
    await _say(update, context, "own.reopened", found)


async def _say(update: Update, context: Context, key: str, report: ReportView) -> None:
    say = await context.speech(update)
    screen: Screen = plain(say, key, number=report.number)
    await send(context.bot, user_id(update), screen)


_CASE: Final[dict[str, Step]] = {
    "read": read,
    "take": take,
    "steps": steps,
    "hand": hand,
    HAND_TO: hand_to,
    "reply": answer,
    "close": close,
}
_OWN: Final[dict[str, Step]] = {
    "show": show_own,
    "add": add,
    "correct": correct,
    "withdraw": withdraw,
    "reopen": reopen,
}


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [
        on_command(commands.REPORTS, overview),
        on_tap("list", overview),
        on_tap("case", case),
        on_tap("own", own),
    ]
