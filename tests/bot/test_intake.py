"""What is kept of an update: ids, typed words, taps and answers, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from telegram import Update

from bot.intake import ATTACHED, KINDS, MEDIA, strip, user_of

CANARY = "canary"
USER = {
    "id": 11,
    "is_bot": False,
    "first_name": CANARY,
    "last_name": CANARY,
    "username": CANARY,
    "language_code": "nl",
}
CHAT = {"id": 11, "type": "private", "first_name": CANARY, "username": CANARY}
MESSAGE: dict[str, Any] = {"message_id": 1, "date": 1, "chat": CHAT, "from": USER}
BOT = {"id": 1, "is_bot": True, "first_name": CANARY}
TAP = {"id": "1", "from": USER, "data": "x"}
VOTE = {"poll_id": "1", "option_ids": [0], "user": USER}
FILLED = {"file_id": CANARY, "phone_number": CANARY, "latitude": CANARY, "question": CANARY}


def message(**more: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": MESSAGE | more}


def inline(**more: Any) -> dict[str, Any]:
    query = {"id": "1", "from": USER, "query": "x", "offset": ""}
    return {"update_id": 5, "inline_query": query | more}


@pytest.mark.parametrize("kind", MEDIA)
def test_of_anything_attached_only_its_kind_is_kept(kind: str) -> None:
    """File ids, contacts, places and questions of polls go; that there was one stays."""
    kept = strip(message(**{kind: FILLED, "caption": "mag dit"}))
    assert kept is not None
    assert kept["message"][ATTACHED] == kind
    assert kept["message"]["caption"] == "mag dit"
    assert CANARY not in json.dumps(kept)


@pytest.mark.parametrize(
    "update",
    [
        message(text="hoi", forward_origin={"type": "user", "sender_user": USER}),
        message(text="hoi", reply_to_message=MESSAGE | {"text": CANARY}),
        message(text="hoi", quote={"text": CANARY}, external_reply={"chat": CHAT}),
        message(text="hoi", entities=[{"type": "text_mention", "user": USER, "offset": 0}]),
        message(caption="hoi", photo=[FILLED], caption_entities=[{"type": "url", "url": CANARY}]),
        message(pinned_message=MESSAGE | {"text": CANARY}),
        message(web_app_data={"data": CANARY}, users_shared={"users": [USER]}),
        {"update_id": 5, "edited_message": MESSAGE | {"text": "hoi", "photo": [FILLED]}},
        inline(location=FILLED),
        {"update_id": 5, "poll_answer": VOTE | {"voter_chat": CHAT}},
        {"update_id": 5, "callback_query": TAP | {"message": MESSAGE | {"text": CANARY}}},
        {"update_id": 5, "callback_query": TAP | {"inline_message_id": CANARY}},
        {"update_id": 5, "my_chat_member": {"chat": CHAT, "from": USER, "date": 1,
            "old_chat_member": {"status": "member", "user": BOT},
            "new_chat_member": {"status": "kicked", "until_date": 0, "user": BOT}}},
    ],
)  # fmt: skip
def test_no_name_file_or_word_of_another_is_kept(update: dict[str, Any]) -> None:
    """Names, user names, quoted and pinned words and links behind words do not reach the inbox.

    What is left can be read by the library, and says whose it is.
    """
    kept = strip(update)
    assert kept is not None
    assert CANARY not in json.dumps(kept)
    assert user_of(kept) == 11
    read = Update.de_json(kept, None)
    assert read.effective_user is not None
    assert read.effective_user.id == 11


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 5},
        {"update_id": 5, "message": None},
        {"update_id": 5, "message": []},
        {"update_id": 5, "message": {"text": "hoi"}},
        {"update_id": "x", "message": MESSAGE},
        {"update_id": 5, "callback_query": {"id": "1"}},
        {"update_id": 5, "poll_answer": {"option_ids": []}},
        {"update_id": 5, "channel_post": MESSAGE | {"text": "hoi"}},
        {"update_id": 5, "message_reaction": {}},
    ],
)
def test_an_update_of_another_shape_is_left_out(update: dict[str, Any]) -> None:
    """What the bot did not ask for, or cannot read, is left out and stops nobody."""
    assert strip(update) is None


def test_a_sender_who_is_not_known() -> None:
    """A message and a poll answer without a person are kept without one."""
    assert user_of({"update_id": 5, "message": {"message_id": 1}}) is None
    assert user_of({"update_id": 5}) is None


def test_every_kind_is_asked_of_telegram() -> None:
    """What is taken in is what Telegram is asked for: it sends some kinds only when asked."""
    assert set(KINDS) == {
        *("message", "edited_message", "callback_query"),
        *("inline_query", "poll_answer", "my_chat_member"),
    }
