"""Polls and quizzes."""

from __future__ import annotations

from typing import Any

from bot.demo.entities import formatted
from bot.demo.errors import bad
from bot.demo.methods.messages import own_message
from bot.demo.methods.registry import Context, method
from bot.demo.outgoing import check_markup, deliver
from bot.demo.state import Poll
from bot.demo.validate import Json

QUESTION_LIMIT, OPTION_LIMIT, EXPLANATION_LIMIT = 300, 100, 200
MIN_OPTIONS, MAX_OPTIONS, MAX_LINE_FEEDS = 2, 12, 2


def _option(given: Any, number: int) -> Json:
    source = given if isinstance(given, str) else given.get("text", "")
    text, _ = formatted(source)
    if not 1 <= len(text) <= OPTION_LIMIT:
        raise bad(f"poll options length must not exceed {OPTION_LIMIT}")
    return {"persistent_id": str(number), "text": text, "voter_count": 0}


def _options(call: Context) -> list[Json]:
    given = call.get("options") or []
    if len(given) < MIN_OPTIONS:
        raise bad(f"poll must have at least {MIN_OPTIONS} option")
    if len(given) > MAX_OPTIONS:
        raise bad(f"poll can't have more than {MAX_OPTIONS} options")
    return [_option(option, number) for number, option in enumerate(given)]


def _question(call: Context) -> str:
    text, _ = formatted(call.get("question", ""))
    if not text:
        raise bad("poll question must be non-empty")
    if len(text) > QUESTION_LIMIT:
        raise bad(f"poll question length must not exceed {QUESTION_LIMIT}")
    return text


def _quiz(call: Context, options: list[Json]) -> Json:
    """Return the right answers and the explanation of a quiz."""
    right = call.get("correct_option_ids") or []
    if not right or any(not 0 <= i < len(options) for i in right) or right != sorted(set(right)):
        raise bad("wrong correct option ID specified")
    fields: Json = {"correct_option_ids": right}
    mode, given = call.get("explanation_parse_mode"), call.get("explanation_entities")
    text, entities = formatted(call.get("explanation") or "", mode, given)
    if len(text) > EXPLANATION_LIMIT:
        raise bad("message is too long: quiz explanation")
    if text.count("\n") > MAX_LINE_FEEDS:
        raise bad("too many line feeds in the quiz explanation")
    if text:
        fields["explanation"] = text
        fields["explanation_entities"] = entities
    return fields


@method("sendPoll")
def send_poll(call: Context) -> Any:
    """Send a poll or a quiz."""
    chat = call.chat()
    kind = call.get("type") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad("unsupported poll type specified")
    options = _options(call)
    wire: Json = {
        "id": call.state.new_id(),
        "question": _question(call),
        "options": options,
        "total_voter_count": 0,
        "is_closed": bool(call.get("is_closed")),
        "is_anonymous": call.get("is_anonymous", True),
        "type": kind,
        "allows_multiple_answers": bool(call.get("allows_multiple_answers")),
        "allows_revoting": call.get("allows_revoting", kind == "regular"),
        "members_only": False,
        **(_quiz(call, options) if kind == "quiz" else {}),
    }
    message: Json = deliver(call, {"poll": wire})
    call.state.polls[wire["id"]] = Poll(wire, chat.id, message["message_id"])
    return message


@method("stopPoll")
def stop_poll(call: Context) -> Any:
    """Close one of the bot's polls."""
    stored = own_message(call)
    if "poll" not in stored.wire:
        raise bad("message with poll to stop not found")
    poll = call.state.polls[stored.wire["poll"]["id"]]
    if poll.wire["is_closed"]:
        raise bad("poll has already been closed")
    markup = call.get("reply_markup")
    check_markup(markup)
    poll.wire["is_closed"] = True
    stored.wire = {k: v for k, v in stored.wire.items() if k != "reply_markup"}
    if markup:
        stored.wire["reply_markup"] = markup
    stored.wire["poll"] = poll.public()
    call.state.touch(stored)
    return poll.public()
