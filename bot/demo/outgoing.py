"""What Telegram checks of a message before it sends it: lengths, formatting, keyboards."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from bot.demo.entities import formatted, utf16
from bot.demo.errors import bad
from bot.demo.methods.registry import Context
from bot.demo.state import Chat, Stored
from bot.demo.validate import Json

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64
ACTIONS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
)
HOST = re.compile(r"[\w-]+(\.[\w-]+)+|localhost|\d{1,3}(\.\d{1,3}){3}")


def read_text(call: Context, edit: bool = False) -> Json:
    """Return ``text`` and ``entities`` of a call. Raises ``ApiError`` 400."""
    source = call.get("text", "")
    text, entities = formatted(source, call.get("parse_mode"), call.get("entities"))
    if not text:
        raise bad("message text is empty")
    if max(len(text), utf16(text)) > TEXT_LIMIT:
        raise bad("MESSAGE_TOO_LONG" if edit else "message is too long")
    content: Json = {"text": text, **({"entities": entities} if entities else {})}
    if call.get("link_preview_options"):
        content["link_preview_options"] = call.get("link_preview_options")
    return content


def read_caption(call: Context) -> Json:
    """Return ``caption`` and its entities. Raises ``ApiError`` 400."""
    source = call.get("caption") or ""
    text, entities = formatted(source, call.get("parse_mode"), call.get("caption_entities"))
    if max(len(text), utf16(text)) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    if not text:
        return {}
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def check_markup(markup: Json | None) -> None:
    """Check a keyboard. Raises ``ApiError`` 400 as Telegram does."""
    if not markup:
        return
    rows = markup.get("inline_keyboard", [])
    if sum(len(row) for row in rows) > 100:
        raise bad("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    for row in markup.get("keyboard", []):
        for key in row:
            text = key if isinstance(key, str) else key.get("text", "")
            if not text:
                raise bad("can't parse keyboard button: field text is empty")


def _check_button(button: Json) -> None:
    if not button.get("text", "").strip():
        raise bad("inline keyboard button text is empty")
    if sum(name in button for name in ACTIONS) != 1:
        raise bad("text buttons are unallowed in the inline keyboard")
    size = len(str(button.get("callback_data", "x")).encode())
    if not 1 <= size <= DATA_LIMIT:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(button["url"])


def _check_url(url: str) -> None:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    known = parts.scheme in ("http", "https", "tg", "tel", "mailto")
    if parts.scheme == "tg" and parts.netloc:
        return
    if not known or not HOST.fullmatch(parts.hostname or ""):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def deliver(call: Context, content: Json) -> Any:
    """Post a bot's message with its keyboard, reply and flags; return Telegram's ``Message``."""
    chat = call.chat()
    markup = call.get("reply_markup")
    check_markup(markup)
    content = {**content, **_reply(call, chat)}
    if markup and "inline_keyboard" in markup and markup["inline_keyboard"]:
        content["reply_markup"] = markup
    if call.get("protect_content"):
        content["has_protected_content"] = True
    silent = bool(call.get("disable_notification"))
    stored = call.state.post(chat, call.state.bot_user(), content, silent)
    _set_keyboard(chat, markup)
    return stored.wire


def _set_keyboard(chat: Chat, markup: Json | None) -> None:
    """Change the keyboard under the chat's input field; an inline one belongs to its message."""
    if not markup or "inline_keyboard" in markup:
        return
    chat.keyboard = None if markup.get("remove_keyboard") else markup


def _reply(call: Context, chat: Chat) -> Json:
    parameters = call.get("reply_parameters")
    if not parameters:
        return {}
    stored = chat.messages.get(parameters.get("message_id", 0))
    if stored is None:
        if parameters.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    quoted = {k: v for k, v in stored.wire.items() if k not in ("reply_to_message", "reply_markup")}
    return {"reply_to_message": quoted}


def change(call: Context, stored: Stored, content: Json) -> Any:
    """Replace ``content`` and the inline keyboard of a message; ``None`` takes a field away.

    Raises ``ApiError`` 400 "message is not modified" when nothing would change.
    """
    markup = call.get("reply_markup")
    check_markup(markup)
    keyboard = markup if markup and markup.get("inline_keyboard") else None
    new = {**stored.wire, **content, "reply_markup": keyboard}
    new = {name: value for name, value in new.items() if value is not None}
    if new == stored.wire:
        raise bad(
            "message is not modified: specified new message content and reply markup are "
            "exactly the same as a current content and reply markup of the message"
        )
    # Telegram marks a message as edited for its content, not for its buttons.
    if content:
        new["edit_date"] = int(call.state.clock.now())
    stored.wire = new
    call.state.touch(stored)
    return new
