"""Answers to tapped buttons and to inline queries."""

from __future__ import annotations

from typing import Any

from bot.demo.entities import formatted
from bot.demo.errors import bad
from bot.demo.methods.registry import Context, method
from bot.demo.outgoing import TEXT_LIMIT, check_markup
from bot.demo.state import Query
from bot.demo.validate import Json

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
ANSWER_LIMIT = 200


def _query(call: Context, name: str, seconds: float) -> Query:
    query = call.state.queries.get(str(call.get(name)))
    if query is None or call.state.clock.now() - query.asked_at > seconds:
        raise bad(TOO_OLD)
    return query


@method("answerCallbackQuery")
def answer_callback_query(call: Context) -> Any:
    """End the waiting sign on a button, with or without a notice."""
    query = _query(call, "callback_query_id", 15 * 60)
    text = call.get("text") or ""
    if len(text) > ANSWER_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": bool(call.get("show_alert"))}
    if call.get("url"):
        query.answer["url"] = call.get("url")
    call.state.bell.ring()
    return True


def _result(result: Json) -> Json:
    """Check one inline result and read its text."""
    if not 1 <= len(result.get("id", "").encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    content = result.get("input_message_content") or {}
    text, entities = formatted(
        content.get("message_text", ""), content.get("parse_mode"), content.get("entities")
    )
    if not text:
        raise bad("MESSAGE_EMPTY")
    if len(text) > TEXT_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    check_markup(result.get("reply_markup"))
    return {**result, "text": text, "entities": entities}


@method("answerInlineQuery")
def answer_inline_query(call: Context) -> Any:
    """Offer results for what somebody types after the bot's name."""
    query = _query(call, "inline_query_id", 60)
    results = [_result(result) for result in call.get("results") or []]
    if len(results) > 50:
        raise bad("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad("RESULT_ID_DUPLICATE")
    query.answer = {"results": results, "next_offset": call.get("next_offset", "")}
    if call.get("button"):
        query.answer["button"] = call.get("button")
    call.state.bell.ring()
    return True
