"""The dialogue of a report. Each step is stored before the next is asked."""

from __future__ import annotations

from telegram import Update

from bot import commands, reporting
from bot.context import Context, language_of
from bot.handlers.compose import (
    StepData,
    class_label,
    new_report,
    receiving,
    recognised,
    step_view,
)
from bot.handlers.routes import Route, on_command, on_tap, tapped, user_id, words
from bot.reporting import Data, Known
from bot.screen import Screen, Speech
from bot.sending import reply, send, show, take_buttons
from bot.terms import policy_of
from bot.views import answers, report
from bot.views.general import plain
from storage import cards, dialogue, drafts, people, reports, staff
from storage.drafts import DraftView
from storage.errors import NotNow, TooMany

KIND = "report"


async def start(update: Update, context: Context) -> None:
    """Begin a report from the command."""
    await begin(update, context)


async def start_from_tap(update: Update, context: Context) -> None:
    """Begin a report below an answer, with the words that the answer was about."""
    how = "".join(tapped(update)[:1])
    last = context.services.recent.last(user_id(update), context.now)
    what = last.text if last and how in {"this", "urgent"} else None
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
    person = await services.db.run(people.ensure, who, context.now, lang)
    known = Known(named=person.name is not None, in_class=person.class_id is not None)
    data = reporting.begin(lang, known, what=what, urgent=urgent)
    if what:
        data = await understood(context, who, data, what)
    step = reporting.next_step(data)
    draft = await services.db.run(drafts.save, who, KIND, step, data, context.now, version=None)
    await take_buttons(update)
    await reply(update, context.bot, report.intro(services.speech(lang)))
    await ask_step(update, context, draft)


async def typed(update: Update, context: Context, draft: DraftView) -> None:
    """Take typed words at the present step."""
    say, text = context.services.speech(draft.data["lang"]), words(update)
    if not text or draft.step not in reporting.TYPED:
        key = "report.use_buttons" if text else "report.words_only"
        await warn_of_danger(update, context, draft, text)
        await reply(update, context.bot, plain(say, key))
        await ask_step(update, context, draft)
        return
    limit = reporting.too_long(draft.step, text)
    if limit:
        await reply(update, context.bot, plain(say, "report.too_long", limit=limit))
        return
    if draft.step == "name" and len(text.split()) < 2:
        await reply(update, context.bot, plain(say, "join.name_wrong"))
        return
    data = await with_words(update, context, draft, text)
    await go_on(update, context, draft, data)


async def with_words(update: Update, context: Context, draft: DraftView, text: str) -> Data:
    """Return the draft's data with the typed words, and what follows from them."""
    if draft.step == "staff_name":
        found = await recognised(context.services, draft.telegram_id, text)
        if not found:
            return {**draft.data, "staff_missed": True}
        data = reporting.chose_staff(draft.data, [staff_id for staff_id, _ in found])
        return {**data, "staff_missed": False}
    data = reporting.typed(draft.data, draft.step, text)
    if draft.step in {"what", "who", "app", "when"}:
        await warn_of_danger(update, context, draft, text)
        data = await understood(context, draft.telegram_id, data, text)
    return data


async def warn_of_danger(update: Update, context: Context, draft: DraftView, text: str) -> None:
    """Show help lines at once when typed words tell of danger, whatever the step."""
    match = context.services.matcher.ask(text) if text else None
    if match is None or match.kind != "crisis" or draft.data.get("danger"):
        return
    say = context.services.speech(draft.data["lang"])
    case = answers.case_of(say, match)
    await reply(update, context.bot, report.danger(say, answers.help_lines(say, case.lines)))


async def understood(context: Context, who: int, data: Data, text: str) -> Data:
    """Return the data with rule, danger and staff that were understood from typed words."""
    match = context.services.matcher.ask(text)
    changed: Data = dict(data)
    if match.kind == "crisis":
        changed["danger"] = True
        changed["steps"] = answers.case_of(context.services.speech("nl"), match).steps
    if match.rules and not changed.get("rule"):
        changed["rule"] = match.rules[0][0] if match.kind != "oos" else None
    mentioned = await recognised(context.services, who, text)
    known = [*changed.get("recognised", []), *(staff_id for staff_id, _ in mentioned)]
    changed["recognised"] = list(dict.fromkeys(known))
    return changed


async def tap(update: Update, context: Context) -> None:
    """Take a tap in the dialogue; a tap on an older step shows where the dialogue is now."""
    parts = tapped(update)
    draft = await context.services.db.run(drafts.load, user_id(update))
    say = await context.speech(update)
    if draft is None or draft.kind != KIND:
        await show(update, context.bot, plain(say, "report.no_draft"))
        return
    if parts[:1] == ["stop"]:
        await context.services.db.run(drafts.drop, draft.telegram_id)
        await show(update, context.bot, plain(say, "stop.done"))
        return
    if len(parts) != 3 or parts[0] != str(draft.version):
        await take_buttons(update)
        await ask_step(update, context, draft)
        return
    await chosen(update, context, draft, parts[1], parts[2])


async def chosen(
    update: Update, context: Context, draft: DraftView, step: str, choice: str
) -> None:
    """Carry out one choice of the dialogue."""
    say = context.services.speech(draft.data["lang"])
    if step == "preview" and choice == "send":
        await submit(update, context, draft)
    elif step == "preview" and choice == "change":
        await show(update, context.bot, report.change(say, draft.data, draft.version))
    elif step == "preview":
        await ask_step(update, context, draft)
    elif step == "rule" and choice == "again":
        await show(update, context.bot, report.rules(say, draft.version))
    else:
        data = await answered(context, draft, step, choice)
        await take_buttons(update)
        await go_on(update, context, draft, data)


async def answered(context: Context, draft: DraftView, step: str, choice: str) -> Data:
    """Return the data after a tap; what does not fit the step changes nothing."""
    data = draft.data
    if choice == "again" and step in reporting.CHANGEABLE:
        return reporting.reopened(data, step)
    if choice == "skip" and step in reporting.SKIPPABLE:
        return reporting.skipped(data, step)
    return await StepData(context.services, draft).after(step, choice)


async def go_on(update: Update, context: Context, draft: DraftView, data: Data) -> None:
    """Store the data and ask the next step. A repeated update only asks again."""
    step = reporting.next_step(data)
    moved = await context.services.db.run(
        dialogue.step, draft, step, data, update_id=update.update_id, now=context.now
    )
    now_at = moved or await context.services.db.run(drafts.load, draft.telegram_id)
    if now_at is None:
        return
    if now_at.data.get("staff_missed") and now_at.step == "staff_name":
        say = context.services.speech(draft.data["lang"])
        await reply(update, context.bot, plain(say, "report.staff.not_found"))
    await ask_step(update, context, now_at)


async def ask_step(update: Update, context: Context, draft: DraftView) -> None:
    """Ask the step that a draft is at, or show the preview."""
    say = context.services.speech(draft.data["lang"])
    if draft.step == reporting.PREVIEW:
        await preview(update, context, draft)
    else:
        view = await step_view(context.services, draft)
        await reply(update, context.bot, report.question(say, draft.step, view))


async def preview(update: Update, context: Context, draft: DraftView) -> None:
    """Show exactly what goes to whom."""
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
    await reply(update, context.bot, report.preview(say, draft.data, shown, to, draft.version))


async def submit(update: Update, context: Context, draft: DraftView) -> None:
    """Store the report with its delivery orders, and give the pupil the number."""
    services, say = context.services, context.services.speech(draft.data["lang"])
    new = await new_report(services, draft)
    if draft.data.get("name"):
        await services.db.run(people.introduce, draft.telegram_id, draft.data["name"], context.now)
    await take_buttons(update)
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
        return
    except NotNow:
        await reply(update, context.bot, plain(say, "report.no_draft"))
        return
    services.wake_delivery.set()
    to = await receiving(services, draft, sent.receivers, new.accused)
    receipt = report.receipt(say, sent.number, to, urgent=sent.urgent)
    message = await send(context.bot, draft.telegram_id, receipt)
    await services.db.run(
        cards.record, sent.id, draft.telegram_id, message.message_id, "receipt", context.now
    )


def too_many(context: Context, say: Speech, limit: TooMany) -> Screen:
    """Say from when another report can be made."""
    until = context.services.school_clock.local(limit.until)
    return plain(say, "report.too_many", when=until.strftime("%H:%M"))


def routes() -> list[Route]:
    """Return the routes of this module; typed words come through ``handlers.text``."""
    return [
        on_command(commands.REPORT, start),
        on_tap("report", start_from_tap),
        on_tap("draft", tap),
    ]
