"""The bot's name, descriptions, commands and menu button."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.demo.errors import bad
from bot.demo.methods.registry import Context, method
from bot.demo.state import BOT_ID, Person, State

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
TEXTS = {
    "Name": ("name", "name", 64),
    "Description": ("description", "description", 512),
    "ShortDescription": ("short_description", "short_description", 120),
}


@method("getMe")
def get_me(call: Context) -> Any:
    """Answer who the bot is."""
    rights = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
    }
    return {**call.state.bot_user(), **rights}


def _enter_text(title: str, name: str, setting: str, limit: int) -> None:
    def write(call: Context) -> Any:
        text = call.get(name, "")
        if len(text) > limit:
            raise bad(f"bot {name.replace('_', ' ')} is too long")
        key = (setting, call.get("language_code", ""))
        if text:
            call.state.settings[key] = text
        else:
            call.state.settings.pop(key, None)
        call.state.bell.ring()
        return True

    def read(call: Context) -> Any:
        settings = call.state.settings
        default = call.state.bot_user()["first_name"] if setting == "name" else ""
        fallback = settings.get((setting, ""), default)
        return {name: settings.get((setting, call.get("language_code", "")), fallback)}

    method(f"setMy{title}")(write)
    method(f"getMy{title}")(read)


for _title, (_name, _setting, _limit) in TEXTS.items():
    _enter_text(_title, _name, _setting, _limit)


def _scope_key(call: Context) -> tuple[str, ...]:
    scope = call.get("scope") or {"type": "default"}
    if "chat_id" in scope:
        call.state.reachable(scope["chat_id"])
    return ("commands", json.dumps(scope, sort_keys=True), call.get("language_code", ""))


@method("setMyCommands")
def set_my_commands(call: Context) -> Any:
    """Set the command menu of one scope and language."""
    commands = call.get("commands") or []
    if len(commands) > 100:
        raise bad("too many commands")
    for command in commands:
        if not COMMAND.fullmatch(command.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    call.state.settings[_scope_key(call)] = commands
    call.state.bell.ring()
    return True


@method("getMyCommands")
def get_my_commands(call: Context) -> Any:
    """Answer the commands of exactly one scope and language."""
    return call.state.settings.get(_scope_key(call), [])


@method("deleteMyCommands")
def delete_my_commands(call: Context) -> Any:
    """Take the commands of one scope and language away."""
    call.state.settings.pop(_scope_key(call), None)
    call.state.bell.ring()
    return True


@method("setChatMenuButton")
def set_chat_menu_button(call: Context) -> Any:
    """Set the button beside the input field, for one chat or for all."""
    chat_id = call.get("chat_id")
    if chat_id is not None:
        call.state.reachable(chat_id)
    button = call.get("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "default"):
        raise bad("can't parse MenuButton")
    call.state.settings[("menu", str(chat_id or ""))] = button
    call.state.bell.ring()
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Context) -> Any:
    """Answer the button beside the input field."""
    default = {"type": "commands"}
    return call.state.settings.get(("menu", str(call.get("chat_id") or "")), default)


@method("getChat")
def get_chat(call: Context) -> Any:
    """Answer what Telegram tells of a chat."""
    chat = call.chat()
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return {
        **call.state.chat_wire(chat),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            **dict.fromkeys(gifts, False),
            "gifts_from_channels": False,
        },
    }


@method("getChatMember")
def get_chat_member(call: Context) -> Any:
    """Answer whether somebody is in a chat."""
    chat = call.chat()
    user_id = call.get("user_id")
    if user_id == BOT_ID:
        return {"status": "member", "user": call.state.bot_user()}
    if user_id not in chat.members:
        raise bad("member not found")
    return {"status": "member", "user": call.state.person(user_id).user()}


@method("leaveChat")
def leave_chat(call: Context) -> Any:
    """Leave a group."""
    chat = call.chat()
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    chat.kind = "left"
    return True


def menu_for(state: State, person: Person) -> list[dict[str, str]]:
    """Return the commands that ``person`` sees in a private chat: the narrowest scope wins."""
    scopes: list[dict[str, Any]] = [
        {"type": "chat", "chat_id": person.id},
        {"type": "all_private_chats"},
        {"type": "default"},
    ]
    for scope in scopes:
        for language in (person.language, ""):
            key = ("commands", json.dumps(scope, sort_keys=True), language)
            if state.settings.get(key):
                commands: list[dict[str, str]] = state.settings[key]
                return commands
    return []
