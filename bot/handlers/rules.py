"""The rules: a list, one rule, and cards for a class chat by inline mode."""

from __future__ import annotations

from typing import Final

from telegram import InlineQueryResultArticle, InputTextMessageContent, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import InlineQueryHandler

from bot import commands
from bot.context import Context
from bot.handlers.routes import Route, on_command, on_tap, tapped
from bot.screen import Speech
from bot.sending import NO_PREVIEW, is_harmless, reply, show
from bot.views import rules
from bot.views.paging import number_of
from content.pack import OPENING

CARDS: Final = 10


async def overview(update: Update, context: Context) -> None:
    """Show the list of rules, below what it was asked from."""
    tapped_on = update.callback_query is not None
    say = await (context.answer_speech if tapped_on else context.speech)(update)
    page = number_of("".join(tapped(update)))
    if page is None:
        await reply(update, context.bot, rules.overview(say))
    else:
        await show(update, context.bot, rules.overview(say, page))


async def rule_command(update: Update, context: Context) -> None:
    """Show the rule that is named after /regel."""
    say = await context.speech(update)
    named = "".join(context.args or [])
    label = say.pack.label(named)
    if not named:
        await reply(update, context.bot, rules.overview(say))
    elif label:
        await reply(update, context.bot, rules.rule(say, label))
    else:
        await reply(update, context.bot, rules.unknown(say))


async def rule_tap(update: Update, context: Context) -> None:
    """Show the rule that was tapped, below the answer it belongs to."""
    say = await context.answer_speech(update)
    label = "".join(tapped(update)[:1])
    screen = rules.rule(say, label) if say.pack.has_label(label) else rules.unknown(say)
    await reply(update, context.bot, screen)


async def inline(update: Update, context: Context) -> None:
    """Offer rule cards for ``@bot foto docent``; they hold nothing of the person."""
    query = update.inline_query
    if query is None:
        return
    say = await context.speech(update)
    labels = matching(context, query.query)
    cards = [_card(say, label) for label in labels]
    try:
        await query.answer(cards, cache_time=60, is_personal=True)
    except BadRequest as error:
        if not is_harmless(error):
            raise


def matching(context: Context, text: str) -> list[str]:
    """Return the labels that fit ``text`` best; the rules in order for an empty one."""
    pack = context.services.pack
    labels = [rule.id for rule in pack.rules if rule.id != OPENING]
    if text.strip():
        found = [label for label, _ in context.services.matcher.ask(text).rules]
        labels = [label for label in found if label != OPENING] or labels
    return labels[:CARDS]


def _card(say: Speech, label: str) -> InlineQueryResultArticle:
    rule = say.pack.rule(label)
    title, plain = rule.title.in_(say.lang), rule.plain.in_(say.lang)
    return InlineQueryResultArticle(
        id=label,
        title=say.label("inline.title", rule=label, title=title),
        description=plain[:120],
        input_message_content=InputTextMessageContent(
            say("inline.card", rule=label, title=title, plain=plain),
            parse_mode=ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
        ),
    )


def routes() -> list[Route]:
    """Return the routes of this module."""
    return [
        on_command(commands.RULES, overview),
        on_command(commands.RULE, rule_command),
        on_tap("rules", overview),
        on_tap("rule", rule_tap),
        InlineQueryHandler(inline),
    ]
