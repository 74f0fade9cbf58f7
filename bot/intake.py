"""What is kept of an update before it is handled: ids, typed words, taps and answers, no more.

File ids, contacts, locations, user names and real names never reach the inbox (design, part 3);
what kind of thing was sent stays, so that the answer can fit it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog

log = structlog.get_logger(__name__)

Json = dict[str, Any]

MEDIA: Final = (
    *("photo", "video", "animation", "document", "audio", "voice", "video_note", "sticker"),
    *("live_photo", "contact", "location", "venue", "poll", "dice", "game", "story", "paid_media"),
    *("checklist", "rich_message", "gift", "giveaway", "invoice"),
)
"""Message fields that stand for something other than words, in the order they are looked for."""

KINDS: Final = (
    *("message", "edited_message", "callback_query", "inline_query"),
    *("poll_answer", "my_chat_member"),
)
"""The update types that the bot asks Telegram for (Bot API, getUpdates)."""

ATTACHED: Final = "attached"
"""Field of a kept message that says what it carried: ``photo``, ``voice``, …"""


def strip(update: Json) -> Json | None:
    """Return what is needed of a raw update; None when nothing of it is.

    An update of an unexpected shape is left out as well: it must not stand in everybody's way.
    """
    kind = next((kind for kind in KINDS if kind in update), None)
    if kind is None:
        return None
    try:
        body = _STRIPPERS[kind](update[kind])
        return None if body is None else {"update_id": int(update["update_id"]), kind: body}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.error("update of unknown shape", kind=kind, error=type(error).__name__)
        return None


def user_of(kept: Json) -> int | None:
    """Return the id of the person behind a stripped update."""
    for kind in KINDS:
        if kind in kept:
            user = kept[kind].get("from") or kept[kind].get("user")
            return int(user["id"]) if user else None
    return None


def _user(user: Json) -> Json:
    kept = {"id": user["id"], "is_bot": user.get("is_bot", False), "first_name": "-"}
    if "language_code" in user:
        kept["language_code"] = user["language_code"]
    return kept


def _chat(chat: Json) -> Json:
    return {"id": chat["id"], "type": chat["type"]}


def _message(message: Json) -> Json | None:
    if "via_bot" in message and "text" in message:  # a rule card from inline mode: no question
        return None
    kept: Json = {
        "message_id": message["message_id"],
        "date": message["date"],
        "chat": _chat(message["chat"]),
    }
    if "from" in message:
        kept["from"] = _user(message["from"])
    for name in ("text", "caption", "entities", "media_group_id", "migrate_to_chat_id"):
        if name in message:
            kept[name] = message[name]
    if "entities" in kept:
        kept["entities"] = [e for e in kept["entities"] if e["type"] == "bot_command"]
    if "forward_origin" in message:
        kept["forward_origin"] = {
            "type": "hidden_user",
            "date": message["date"],
            "sender_user_name": "-",
        }
    _mark_media(message, kept)
    return kept


def _mark_media(message: Json, kept: Json) -> None:
    found = next((name for name in MEDIA if name in message), None)
    if found:
        kept[ATTACHED] = found


def _tap(query: Json) -> Json:
    kept: Json = {
        "id": query["id"],
        "from": _user(query["from"]),
        "chat_instance": query.get("chat_instance", "0"),
    }
    if "data" in query:
        kept["data"] = query["data"]
    message = query.get("message")
    if message:
        kept["message"] = {
            "message_id": message["message_id"],
            "date": message["date"],
            "chat": _chat(message["chat"]),
        }
    return kept


def _inline(query: Json) -> Json:
    return {
        "id": query["id"],
        "from": _user(query["from"]),
        "query": query["query"],
        "offset": query["offset"],
    }


def _answer(answer: Json) -> Json:
    kept: Json = {"poll_id": answer["poll_id"], "option_ids": answer["option_ids"]}
    # the library insists on them, and a server of an older Bot API does not give them
    named = [str(number) for number in answer["option_ids"]]
    kept["option_persistent_ids"] = answer.get("option_persistent_ids", named)
    if "user" in answer:
        kept["user"] = _user(answer["user"])
    return kept


def _membership(change: Json) -> Json | None:
    if change["chat"]["type"] != "private":  # a group says nothing about the person
        return None
    return {
        "chat": _chat(change["chat"]),
        "from": _user(change["from"]),
        "date": change["date"],
        "old_chat_member": _member(change["old_chat_member"]),
        "new_chat_member": _member(change["new_chat_member"]),
    }


def _member(member: Json) -> Json:
    kept: Json = {"status": member["status"], "user": _user(member["user"])}
    if member["status"] == "kicked":
        kept["until_date"] = member.get("until_date", 0)
    return kept


_STRIPPERS: Final[dict[str, Callable[[Json], Json | None]]] = {
    "message": _message,
    "edited_message": _message,
    "callback_query": _tap,
    "inline_query": _inline,
    "poll_answer": _answer,
    "my_chat_member": _membership,
}
