"""The dialogue of a report. Each step is stored before the next is asked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram import Bot, Update

from bot import commands, reporting
from bot.context import Context, language_of
from bot.handlers import ask, busy, hearing, spoken
from bot.handlers.compose import (
    StepData,
    class_label,
    new_report,
    present,
    receiving,
    step_view,
)
from bot.handlers.routes import Route, is_typed, on_command, on_tap, tapped, user_id, words
from bot.reporting import Data, Known
from bot.screen import Screen, Speech
from bot.sending import reply, send, show, take_buttons
from bot.terms import policy_of
from bot.views import report
from bot.views.general import plain
from bot.views.paging import number_of
from bot.views.report import Receiving
from bot.views.times import moment
from storage import cards, dialogue, drafts, people, reports, staff
from storage.drafts import DraftView
from storage.errors import NotNow, TooMany

KIND: Final = busy.REPORT
Shower = Callable[[Update, Bot, Screen], Coroutine[Any, Any, object]]
"""``reply``, below what was written, or ``show``, in place of the question that was tapped."""


async def start(update: Update, context: Context) -> None:
    """Begin a report from the command."""
    await begin(update, context)


async def start_from_tap(update: Update, context: Context) -> None:
    """Begin a report below an answer, with the words that the answer was about."""
    how = "".join(tapped(update)[:1])
    asked = ask.asked_here(update, context)
    what = asked.text if asked and how in {"this", "urgent"} else None
    await begin(update, context, what=what, urgent=how == "urgent")


async def begin(
    update: Update, context: Context, *, what: str | None = None, urgent: bool = False
) -> None:
    """Open a draft, say what a report means before the first word, and ask the first step."""
    services, who = context.services, user_id(update)
    lang = await language_of(services, update)
    if await services.db.run(staff.by_telegram, who):
        await reply(update, context.bot, plain(services.speech(lang), "report.staff_cannot"))
        return
    open_draft = await services.db.run(drafts.load, who)
    if open_draft and open_draft.kind == KIND and "what" in open_draft.data:
        await resume(update, context, open_draft, urgent=urgent)
        return
    if await busy.in_draft(update, context, open_draft):
        return
    person = await services.db.run(people.ensure, who, context.now, lang)
    known = Known(named=person.name is not None, in_class=person.class_id is not None)
    data = reporting.begin(lang, known, what=what, urgent=urgent)
    if what:
        data = await hearing.understood(services, who, data, "what", what)
    step = reporting.next_step(data)
    draft = await services.db.run(drafts.save, who, KIND, step, data, context.now, version=None)
    await take_buttons(update)
    await reply(update, context.bot, report.intro(services.speech(lang)))
    limit = reporting.too_long("what", what or "")
    if limit:
        await reply(
            update, context.bot, plain(services.speech(lang), "report.clipped", limit=limit)
        )
    await ask_step(update, context, draft)


async def resume(update: Update, context: Context, found: DraftView, *, urgent: bool) -> None:
    """Go on with a report that was begun: what was told already is not asked again."""
    draft = await present(update, context, found)
    await take_buttons(update)
    await reply(update, context.bot, plain(await context.speech(update), "report.going_on"))
    if urgent:
        await go_on(update, context, draft, {**draft.data, "danger": True})
    else:
        await ask_step(update, context, draft)


async def typed(update: Update, context: Context, found: DraftView) -> None:
    """Take typed words at the present step; danger gets help first, whatever the step."""
    draft = await present(update, context, found)
    if draft.data.get("by") == update.update_id:  # taken before; only the answer got lost
        await ask_step(update, context, draft)
        return
    text, data = words(update), draft.data
    offered = hearing.is_offered(context.services, draft.step, text)
    danger = None if offered else await hearing.help_first(update, context, text)
    answer = None if danger else await spoken.answered(context.services, draft, text)
    if answer is not None:
        await go_on(update, context, draft, answer)
        return
    say = context.services.speech(data["lang"])
    refused = refusal(say, draft.step, text, danger=danger is not None)
    if not is_typed(update) or not text:
        await reply(update, context.bot, plain(say, "report.words_only"))
    if text and refused:
        await reply(update, context.bot, refused)
    elif text:
        data = await hearing.taken(update, context, data, draft.step, text)
    if danger:
        step = draft.step if "what" in data else "what"
        data = reporting.in_danger(data, danger.steps, text)
        if refused:  # no answer, but whoever helps must read it, and whom it names counts
            told = reporting.clipped(f"{data['what']}\n{text}", reporting.LONGEST_WHAT)
            data = data if step == "what" else {**data, "what": told}
            data = await hearing.understood(context.services, user_id(update), data, step, text)
    await go_on(update, context, draft, data)


def refusal(say: Speech, step: str, text: str, *, danger: bool) -> Screen | None:
    """Return why ``text`` is no answer at ``step``; None when it is one."""
    if step not in reporting.TYPED:
        return plain(say, "report.use_buttons")
    limit = reporting.too_long(step, text)
    if limit:
        return plain(say, "report.too_long", limit=limit)
    if step == "name" and (danger or not reporting.looks_like_a_name(text)):
        return plain(say, "join.name_wrong")
    return None


async def tap(update: Update, context: Context) -> None:
    """Take a tap in the dialogue; a tap on an older step shows where the dialogue is now."""
    parts, who = tapped(update), user_id(update)
    found = await context.services.db.run(drafts.load, who)
    if found is None or found.kind != KIND:
        again = await context.services.db.run(reports.earlier, who, update.update_id)
        if again:  # sent, but a crash or an outage came before the receipt
            say = await context.speech(update)
            await take_buttons(update)
            to = Receiving(names=tuple((each.name, each.role) for each in again.receivers))
            screen = report.receipt(say, again.number, to, urgent=again.urgent)
            await hand_receipt(update, context, again.id, screen)
            return
        await show(update, context.bot, await no_draft(update, context))
        return
    if parts[:1] == ["stop"]:
        await context.services.db.run(drafts.drop, who)
        await show(update, context.bot, plain(await context.speech(update), "stop.done"))
        return
    draft = await present(update, context, found)
    if len(parts) != 3 or parts[0] != str(draft.version):
        await take_buttons(update)
        await ask_step(update, context, draft)
        return
    await chosen(update, context, draft, parts[1], parts[2])


async def no_draft(update: Update, context: Context) -> Screen:
    """Say that the report was stopped or sent, with the number of the last one that was sent."""
    services, say = context.services, await context.speech(update)
    mine = await services.db.run(reports.mine, user_id(update))
    if not mine:
        return plain(say, "report.no_draft")
    when = moment(services.school_clock.local(mine[0].created_at), say.lang)
    return plain(say, "report.last_sent", number=mine[0].number, when=when)


async def chosen(
    update: Update, context: Context, draft: DraftView, step: str, choice: str
) -> None:
    """Carry out one choice of the dialogue."""
    say, page = context.services.speech(draft.data["lang"]), number_of(choice)
    if step == "preview" and draft.step != reporting.PREVIEW:
        await ask_step(update, context, draft)
    elif step == "preview" and choice == "send":
        await submit(update, context, draft)
    elif step == "preview" and choice == "change":
        await show(update, context.bot, report.change(say, draft.data, draft.version))
    elif step == "preview":
        await ask_step(update, context, draft)
    elif step == "rule" and (choice == "again" or page is not None):
        await show(update, context.bot, report.rules(say, draft.version, page or 0))
    elif page is not None:
        view = await step_view(context.services, draft, page)
        await show(update, context.bot, report.question(say, draft.step, view))
    else:
        data = await answered(context, draft, step, choice)
        await go_on(update, context, draft, data, show_it=show)


async def answered(context: Context, draft: DraftView, step: str, choice: str) -> Data:
    """Return the data after a tap; what does not fit the step changes nothing."""
    data = draft.data
    if choice == "again" and step in reporting.CHANGEABLE:
        return reporting.reopened(data, step)
    if choice == "skip" and step in reporting.SKIPPABLE:
        return reporting.skipped(data, step)
    return await StepData(context.services, draft).after(step, choice)


async def go_on(
    update: Update, context: Context, draft: DraftView, data: Data, *, show_it: Shower = reply
) -> None:
    """Store the data and ask the next step. A repeated update only asks again.

    ``show_it``: ``show`` for a tap on the question of this moment, which the next one replaces.
    """
    data = {**data, "by": update.update_id}
    step = reporting.next_step(data)
    try:
        moved = await context.services.db.run(
            dialogue.step, draft, step, data, update_id=update.update_id, now=context.now
        )
    except NotNow:  # another message or tap of the same person was a moment earlier
        moved = None
    now_at = moved or await context.services.db.run(drafts.load, draft.telegram_id)
    if now_at is None or now_at.kind != KIND:
        await reply(update, context.bot, await no_draft(update, context))
        return
    if now_at.data.get("staff_missed") and now_at.step == "staff_name":
        say = context.services.speech(now_at.data["lang"])
        await reply(update, context.bot, plain(say, "report.staff.not_found"))
    await ask_step(update, context, now_at, show_it=show_it)


async def ask_step(
    update: Update, context: Context, draft: DraftView, *, show_it: Shower = reply
) -> None:
    """Ask the step that a draft is at, or show the preview."""
    say = context.services.speech(draft.data["lang"])
    if draft.step == reporting.PREVIEW:
        screen = await preview(context, draft)
    else:
        view = await step_view(context.services, draft)
        screen = report.question(say, draft.step, view)
    await show_it(update, context.bot, screen)


async def preview(context: Context, draft: DraftView) -> Screen:
    """Return what shows exactly what goes to whom."""
    services, say = context.services, context.services.speech(draft.data["lang"])
    new = await new_report(services, draft)
    found = await services.db.run(
        reports.preview, draft.telegram_id, new, policy_of(services), context.now
    )
    person = await services.db.run(people.find, draft.telegram_id)
    shown = report.card(
        say,
        draft.data,
        name=draft.data.get("name") or (person.name if person else "") or "",
        class_label=await class_label(services, new.class_id),
        confirmed=bool(person and person.confirmed_at),
    )
    to = await receiving(services, draft, found.receivers, new.accused)
    screen = report.preview(say, draft.data, shown, to, draft.version)
    if new.picked is None:
        screen = report.with_picks(say, screen, found.pickable, draft.version)
    return screen


async def submit(update: Update, context: Context, draft: DraftView) -> None:
    """Store the report with its delivery orders, and give the pupil the number."""
    services, say = context.services, context.services.speech(draft.data["lang"])
    new = await new_report(services, draft)
    if draft.data.get("name"):
        await services.db.run(people.introduce, draft.telegram_id, draft.data["name"], context.now)
    try:
        sent = await services.db.run(
            reports.submit,
            draft.telegram_id,
            new,
            policy_of(services),
            context.now,
            draft_version=draft.version,
            update_id=update.update_id,
        )
    except TooMany as limit:
        await reply(update, context.bot, too_many(context, say, limit))
        await ask_step(update, context, draft)
        return
    except NotNow:
        await not_sent(update, context)
        return
    services.wake_delivery.set()
    await take_buttons(update)  # only now: Telegram may say that this has to wait
    to = await receiving(services, draft, sent.receivers, new.accused)
    screen = report.receipt(say, sent.number, to, urgent=sent.urgent)
    await hand_receipt(update, context, sent.id, screen)


async def hand_receipt(update: Update, context: Context, report_id: str, screen: Screen) -> None:
    """Send the receipt; it and the preview, which holds the words, end with the report."""
    message = await send(context.bot, user_id(update), screen)
    query = update.callback_query
    shown = query.message.message_id if query and query.message else None
    for message_id in (shown, message.message_id):
        if message_id is not None:
            await context.services.db.run(
                cards.record, report_id, user_id(update), message_id, "receipt", context.now
            )


async def not_sent(update: Update, context: Context) -> None:
    """Say what became of a draft that could not be sent: it is gone, or something is missing."""
    found = await context.services.db.run(drafts.load, user_id(update))
    if found is None or found.kind != KIND:
        await reply(update, context.bot, await no_draft(update, context))
    else:
        await ask_step(update, context, await present(update, context, found))


def too_many(context: Context, say: Speech, limit: TooMany) -> Screen:
    """Say from when another report can be made."""
    until = context.services.school_clock.local(limit.until)
    return plain(say, "report.too_many", when=moment(until, say.lang))


def routes() -> list[Route]:
    """Return the routes of this module; typed words come through ``handlers.text``."""
    return [
        on_command(commands.REPORT, start),
        on_tap("report", start_from_tap),
        on_tap("draft", tap),
    ]
