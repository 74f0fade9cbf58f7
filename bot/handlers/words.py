"""Typed words about a report, carried across under a name: answers, additions, corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from telegram import Update

from bot import reporting
from bot.context import Context
from bot.handlers import busy, hearing, spoken
from bot.handlers.routes import Route as Handled
from bot.handlers.routes import on_tap, tapped, user_id
from bot.handlers.routes import words as typed_words
from bot.meant import meant, staff_names
from bot.reporting import Data
from bot.screen import Screen, Speech
from bot.sending import reply, show, take_buttons
from bot.terms import policy_of
from bot.views import cases
from bot.views.general import plain
from storage import casework, classes, dialogue, drafts, followup, reports
from storage.dossier import ReportView
from storage.drafts import DraftView
from storage.errors import NotAllowed, NotNow
from storage.reports import NewReport
from storage.routing import Route

KIND: Final = busy.WORDS
ABOUT: Final = busy.HELD
PROMPT_LASTS: Final = timedelta(hours=2)
"""What is typed later is likely meant for the bot, not for the other side of a report."""
FROM_PUPIL: Final = frozenset({"add", "correct"})
DONE: Final = {
    "reply": "case.sent",
    "close": "case.closed",
    "add": "own.added",
    "correct": "own.corrected",
}


async def prompt(
    update: Update, context: Context, found: ReportView, action: str, text: str
) -> None:
    """Open a draft for typed words and say to whom they go."""
    if await busy.with_words(update, context):
        return
    who, say = user_id(update), await context.speech(update)
    data = {"report": found.id, "action": action}
    await context.services.db.run(drafts.save, who, KIND, action, data, context.now, version=None)
    await reply(update, context.bot, cases.prompt(say, text, found))


async def typed(update: Update, context: Context, draft: DraftView) -> None:
    """Carry typed words across, danger first; words that name staff wait for the pupil's word."""
    text = typed_words(update)
    from_pupil = draft.data["action"] in FROM_PUPIL
    danger = await hearing.help_first(update, context, text) if from_pupil else None
    if danger is None and is_stale(context, draft):
        await context.services.db.run(drafts.drop, draft.telegram_id)
        await reply(update, context.bot, plain(await context.speech(update), "words.stale"))
        return
    if draft.step == ABOUT and not text:
        await ask_about(update, context, draft)
        return
    answer = spoken.yes_or_no(context.services, text) if draft.step == ABOUT else None
    if answer is not None and danger is None and len(text.split()) == 1:
        await settle(update, context, draft, "yes" if answer else "no")
        return
    if draft.step == ABOUT:  # more of the same: the words that wait are not lost
        text = f"{draft.data['text']}\n{text}"
    refused = refusal(await context.speech(update), text, from_pupil=from_pupil)
    if refused:
        await reply(update, context.bot, refused)
        if danger is None or not text:
            return
    whole, text = text, reporting.clipped(text, reporting.LONGEST_WHAT)
    in_danger = danger is not None or draft.data.get("danger", False)
    data = {**draft.data, "text": text, "danger": in_danger}
    data["sexual"] = danger is not None and danger.steps == "staff"
    if from_pupil:
        data["named"] = await named(update, context, draft, whole)
    await pass_on(update, context, draft, data)


def is_stale(context: Context, draft: DraftView) -> bool:
    """Tell whether a prompt was left open so long that what is typed now is hardly meant for it."""
    return draft.step != ABOUT and context.now - draft.updated_at > PROMPT_LASTS


async def pass_on(update: Update, context: Context, draft: DraftView, data: Data) -> None:
    """Carry words across, or hold those that name staff until the pupil has said what about."""
    if data.get("named") and data["danger"]:  # no waiting: it goes past whom it may be about
        await carry(update, context, replace(draft, data={**data, "accused": data["named"]}))
        names = ", ".join(await names_of(update, context, data))
        say = await context.speech(update)
        await reply(update, context.bot, plain(say, "words.danger_about", names=names))
    elif data.get("named"):
        await hold(update, context, draft, data)
    else:
        await carry(update, context, replace(draft, data=data))


def refusal(say: Speech, text: str, *, from_pupil: bool) -> Screen | None:
    """Return why what was typed or sent cannot be carried across; None when it can."""
    if not text:
        return plain(say, "report.words_only" if from_pupil else "case.words_only")
    if reporting.length(text) > reporting.LONGEST_WHAT:
        return plain(say, "report.too_long", limit=reporting.LONGEST_WHAT)
    return None


async def named(update: Update, context: Context, draft: DraftView, text: str) -> list[str]:
    """Return the ids of staff whom a pupil's words may be about."""
    services, who = context.services, draft.telegram_id
    class_id = None
    try:
        found = await services.db.run(reports.own, who, draft.data["report"])
        label = found.class_label
        # of a class that has ended too: its mentor may have the report still
        class_id = await services.db.run(classes.id_of, label) if label else None
    except NotAllowed:  # carrying it says so
        return []
    return list((await meant(services, who, text, class_id)).all)


async def hold(update: Update, context: Context, draft: DraftView, data: Data) -> None:
    """Keep the words until the pupil says whether they are about the staff whom they name."""
    try:
        held = await context.services.db.run(
            dialogue.step, draft, ABOUT, data, update_id=update.update_id, now=context.now
        )
    except NotNow:
        held = None
    held = held or await context.services.db.run(drafts.load, draft.telegram_id)
    if held and held.step == ABOUT:
        await ask_about(update, context, held)


async def ask_about(update: Update, context: Context, draft: DraftView) -> None:
    """Ask whether the words that wait are about the staff whom they name."""
    found = await names_of(update, context, draft.data)
    say = await context.speech(update)
    await reply(update, context.bot, cases.about(say, found, draft.version))


async def names_of(update: Update, context: Context, data: Data) -> list[str]:
    """Return the names of the staff whom typed words name."""
    names = {n.id: n.name for n in await staff_names(context.services, user_id(update))}
    return [names[each] for each in data["named"] if each in names]


async def carry(update: Update, context: Context, draft: DraftView) -> None:
    """Carry the words of a draft across, end the draft, and say that it is done."""
    say, services = await context.speech(update), context.services
    try:
        found = await _carry(update, context, draft)
    except (NotAllowed, NotNow) as error:
        await services.db.run(drafts.drop, draft.telegram_id)
        late = "own.late" if draft.data["action"] in FROM_PUPIL else "case.late"
        key = "case.gone" if isinstance(error, NotAllowed) else late
        await reply(update, context.bot, plain(say, key))
        return
    await services.db.run(drafts.drop, draft.telegram_id)
    services.wake_delivery.set()
    if found:
        done = DONE[draft.data["action"]]
        screen = plain(say, done, number=found.number, name=found.pupil or "")
        await reply(update, context.bot, screen)


async def _carry(update: Update, context: Context, draft: DraftView) -> ReportView | None:
    services, who, now = context.services, draft.telegram_id, context.now
    action, report_id, text = draft.data["action"], draft.data["report"], draft.data["text"]
    if action == "add":
        return await services.db.run(
            followup.add,
            who,
            report_id,
            text,
            policy_of(services),
            now,
            accused=draft.data.get("accused", ()),
            confidential=draft.data.get("sexual", False),
            urgent=draft.data["danger"],
            update_id=update.update_id,
        )
    if action == "correct":
        before = await services.db.run(reports.own, who, report_id)
        new = corrected(before, draft.data)
        policy = policy_of(services)
        return await services.db.run(
            followup.correct, who, report_id, new, policy, now, update.update_id
        )
    step = casework.reply if action == "reply" else casework.close
    return await services.db.run(step, who, report_id, text, now, update.update_id)


def corrected(before: ReportView, data: Data) -> NewReport:
    """Return a report with other words; it can become about more staff or urgent, never less."""
    accused = frozenset(data.get("accused", ()))
    route: Route = "confidential" if data.get("sexual") else "staff" if accused else "class"
    return NewReport(
        what=data["text"],
        rule=before.rule,
        steps="staff" if accused else before.steps,
        urgent=before.urgent or data["danger"],
        route=route,
        accused=accused,
        app=before.app,
        when=before.when,
        who=before.who,
    )


async def tap(update: Update, context: Context) -> None:
    """Drop the words that wait, or carry them across once it is known whom they are about."""
    draft = await context.services.db.run(drafts.load, user_id(update))
    say, parts = await context.speech(update), tapped(update)
    if draft is None or draft.kind != KIND:
        await show(update, context.bot, plain(say, "words.gone"))
    elif parts == ["stop"]:
        await context.services.db.run(drafts.drop, draft.telegram_id)
        await show(update, context.bot, plain(say, "stop.done"))
    elif draft.step != ABOUT or len(parts) != 2 or parts[0] != str(draft.version):
        await show(update, context.bot, plain(say, "words.gone"))
    else:
        await take_buttons(update)
        await settle(update, context, draft, parts[1])


async def settle(update: Update, context: Context, draft: DraftView, answer: str) -> None:
    """Carry the words that wait across, once the pupil said whether they are about staff."""
    accused = draft.data["named"] if answer in {"yes", "sexual"} else []
    data = {**draft.data, "accused": accused, "sexual": answer == "sexual"}
    await carry(update, context, replace(draft, data=data))


def routes() -> list[Handled]:
    """Return the routes of this module; typed words come through ``handlers.text``."""
    return [on_tap("words", tap)]
