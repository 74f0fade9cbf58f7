"""Send, edit and delete messages."""

from __future__ import annotations

from typing import Any

from telegram.constants import ChatAction, ReactionEmoji

from bot.demo.errors import bad
from bot.demo.methods.registry import Context, method
from bot.demo.outgoing import change, deliver, read_caption, read_text
from bot.demo.state import BOT_ID, Chat, Stored

DELETABLE_SECONDS = 48 * 3600
ACTION_SECONDS = 5
EMOJI = {str(emoji.value) for emoji in ReactionEmoji}


@method("sendMessage")
def send_message(call: Context) -> Any:
    """Send a text."""
    call.chat()
    return deliver(call, read_text(call))


def own_message(call: Context, what: str = "edit") -> Stored:
    """Return the bot's own message that a call names. Raises ``ApiError`` 400."""
    if call.get("inline_message_id"):
        raise bad("MESSAGE_ID_INVALID")
    chat = call.chat()
    if call.get("message_id") is None:
        raise bad("message identifier is not specified")
    stored = call.state.find(chat, call.get("message_id"), what)
    if stored.sender != BOT_ID:
        raise bad("message can't be edited")
    return stored


@method("editMessageText")
def edit_message_text(call: Context) -> Any:
    """Change the text of a message; without a keyboard in the call the old one goes."""
    stored = own_message(call)
    if "text" not in stored.wire:
        raise bad("there is no text in the message to edit")
    content = {"entities": None, "link_preview_options": None, **read_text(call, edit=True)}
    return change(call, stored, content)


@method("editMessageCaption")
def edit_message_caption(call: Context) -> Any:
    """Change the caption of a picture or document."""
    stored = own_message(call)
    if not {"photo", "document"} & stored.wire.keys():
        raise bad("there is no caption in the message to edit")
    return change(call, stored, {"caption": None, "caption_entities": None, **read_caption(call)})


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Context) -> Any:
    """Change the buttons under a message."""
    return change(call, own_message(call), {})


def _delete(call: Context, chat: Chat, stored: Stored) -> None:
    foreign = chat.kind != "private" and stored.sender != BOT_ID
    if foreign or call.state.clock.now() - stored.wire["date"] > DELETABLE_SECONDS:
        raise bad("message can't be deleted for everyone")
    del chat.messages[stored.wire["message_id"]]
    call.state.bell.ring()


@method("deleteMessage")
def delete_message(call: Context) -> Any:
    """Delete a message, within 48 hours."""
    chat = call.chat()
    _delete(call, chat, call.state.find(chat, call.get("message_id"), "delete"))
    return True


@method("deleteMessages")
def delete_messages(call: Context) -> Any:
    """Delete up to 100 messages; those that are gone already are passed over."""
    chat = call.chat()
    ids = call.get("message_ids") or []
    if not 1 <= len(ids) <= 100:
        raise bad("too many message identifiers specified" if ids else "message_ids is empty")
    for message_id in ids:
        if message_id in chat.messages:
            _delete(call, chat, chat.messages[message_id])
    return True


@method("sendChatAction")
def send_chat_action(call: Context) -> Any:
    """Show "is typing" for five seconds or until the next message."""
    chat = call.chat()
    if call.get("action") not in {str(action.value) for action in ChatAction}:
        raise bad("wrong parameter action in request")
    chat.action = call.get("action")
    chat.action_until = call.state.clock.now() + ACTION_SECONDS
    call.state.bell.ring()
    return True


@method("setMessageReaction")
def set_message_reaction(call: Context) -> Any:
    """Put the bot's emoji on a message."""
    stored = call.state.find(call.chat(), call.get("message_id"), "react")
    reactions = call.get("reaction") or []
    emoji = [reaction.get("emoji", "") for reaction in reactions]
    if len(emoji) > 1 or not set(emoji) <= EMOJI:
        raise bad("REACTION_INVALID")
    stored.reactions[BOT_ID] = emoji
    call.state.touch(stored)
    return True
