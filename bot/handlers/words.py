"""Typed words about a report, carried across under a name: answers, additions, corrections."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from telegram import Update

from bot import reporting
from bot.context import Context
from bot.handlers.routes import Route, on_tap, user_id
from bot.handlers.routes import words as typed_words
from bot.meant import meant
from bot.sending import reply, show
from bot.terms import policy_of
from bot.views import answers, cases, report
from bot.views.general import plain
from content.match import Match
from storage import casework, drafts, followup, reports
from storage.dossier import ReportView
from storage.drafts import DraftView
from storage.errors import NotAllowed, NotNow
from storage.reports import NewReport

KIND: Final = "words"
DONE: Final = {
    "reply": "case.sent",
    "close": "case.closed",
    "add": "own.added",
    "correct": "own.corrected",
}


async def ask(
    update: Update, context: Context, found: ReportView, action: str, prompt: str
) -> None:
    """Open a draft for typed words and say to whom they go."""
    who, say = user_id(update), await context.speech(update)
    data = {"report": found.id, "action": action}
    await context.services.db.run(drafts.save, who, KIND, action, data, context.now, version=None)
    await reply(update, context.bot, cases.prompt(say, prompt, found))


async def typed(update: Update, context: Context, draft: DraftView) -> None:
    """Carry the typed words across, and end the draft."""
    say, text = await context.speech(update), typed_words(update)
    staff_side = draft.step in {"reply", "close"}
    if not text:
        key = "case.words_only" if staff_side else "report.words_only"
        await reply(update, context.bot, plain(say, key))
        return
    if len(text) > reporting.LONGEST_WHAT:
        limit = reporting.LONGEST_WHAT
        await reply(update, context.bot, plain(say, "report.too_long", limit=limit))
        return
    try:
        found = await _carry(update, context, draft, text)
    except (NotAllowed, NotNow):
        await context.services.db.run(drafts.drop, draft.telegram_id)
        await reply(update, context.bot, plain(say, "case.gone"))
        return
    await context.services.db.run(drafts.drop, draft.telegram_id)
    context.services.wake_delivery.set()
    if found:
        name = found.pupil or ""
        screen = plain(say, DONE[draft.step], number=found.number, name=name)
        await reply(update, context.bot, screen)


async def _carry(
    update: Update, context: Context, draft: DraftView, text: str
) -> ReportView | None:
    services, who, now = context.services, draft.telegram_id, context.now
    report_id = draft.data["report"]
    if draft.step == "reply":
        return await services.db.run(casework.reply, who, report_id, text, now, update.update_id)
    if draft.step == "close":
        return await services.db.run(casework.close, who, report_id, text, now, update.update_id)
    return await _from_pupil(update, context, draft, text)


async def _from_pupil(update: Update, context: Context, draft: DraftView, text: str) -> ReportView:
    """Carry a pupil's words: staff who are named in them lose the report before the words go."""
    services, who, now = context.services, draft.telegram_id, context.now
    report_id, policy = draft.data["report"], policy_of(services)
    match = services.matcher.ask(text)
    await _help_first(update, context, match)
    accused = (await meant(services, who, text)).sure
    urgent = match.kind == "crisis"
    if draft.step == "add":
        return await services.db.run(
            followup.add,
            who,
            report_id,
            text,
            policy,
            now,
            accused=accused,
            urgent=urgent,
            update_id=update.update_id,
        )
    before = await services.db.run(reports.own, who, report_id)
    new = replace(
        _same(before), what=text, accused=frozenset(accused), urgent=before.urgent or urgent
    )
    return await services.db.run(
        followup.correct, who, report_id, new, policy, now, update.update_id
    )


def _same(before: ReportView) -> NewReport:
    return NewReport(
        what=before.what,
        rule=before.rule,
        steps=before.steps,
        urgent=before.urgent,
        app=before.app,
        when=before.when,
        who=before.who,
    )


async def _help_first(update: Update, context: Context, match: Match) -> None:
    if match.kind != "crisis":
        return
    say = await context.speech(update)
    case = answers.case_of(say, match)
    await reply(update, context.bot, report.danger(say, answers.help_lines(say, case.lines)))


async def stop(update: Update, context: Context) -> None:
    """Drop the draft: nothing goes."""
    draft = await context.services.db.run(drafts.load, user_id(update))
    if draft and draft.kind == KIND:
        await context.services.db.run(drafts.drop, draft.telegram_id)
    await show(update, context.bot, plain(await context.speech(update), "stop.done"))


def routes() -> list[Route]:
    """Return the routes of this module; typed words come through ``handlers.text``."""
    return [on_tap("words", stop)]
