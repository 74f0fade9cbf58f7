"""What a person sees on the telephone, as data for the page and for tests."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.demo.errors import ApiError, bad
from bot.demo.methods.settings import menu_for
from bot.demo.state import BOT_ID, Chat, Person, State, Stored
from bot.demo.validate import Json


def overview(state: State) -> Json:
    """Return the bot, the people, the groups, the faults and the clock."""
    groups = [chat for chat in state.chats.values() if chat.kind == "group"]
    hook = state.webhook or {}
    return {
        "version": state.bell.count,
        "bot": state.bot_user(),
        "people": [_person(state, person) for person in state.people.values()],
        "groups": [{"id": g.id, "title": g.title, "members": g.members} for g in groups],
        "faults": [fault.public() for fault in state.faults.active],
        "clock": {"offset": state.clock.offset, "now": state.clock.now()},
        "webhook": hook.get("url", ""),
        "waiting_updates": len(state.updates.pending),
        "bot_process": state.process,
        "links": state.links,
        "school": state.school,
        "violations": len(state.violations),
    }


def _person(state: State, person: Person) -> Json:
    chat = state.chats[person.id]
    return {
        **person.user(),
        "key": person.key,
        "role": {"nl": person.role, "en": person.role_en or person.role},
        "blocked": person.blocked,
        "started": person.started,
        "last_stamp": max((m.stamp for m in chat.messages.values()), default=0),
    }


def transcript(state: State, person: Person, chat_id: int) -> Json:
    """Return a chat as ``person`` sees it. Raises ``ApiError`` for a chat they are not in."""
    chat = state.chats.get(chat_id)
    if chat is None or person.id not in chat.members:
        raise bad("this person is not in that chat")
    return {
        "version": state.bell.count,
        "chat": state.chat_wire(chat),
        "messages": [_message(state, person, stored) for stored in chat.messages.values()],
        "action": chat.action if chat.action_until > state.clock.now() else "",
        "keyboard": chat.keyboard,
        "commands": menu_for(state, person) if chat.kind == "private" else [],
        "menu_button": _menu_button(state, chat),
        "description": _about(state, person),
        "answer": _last_answer(state, person),
        "blocked": person.blocked,
        "started": person.started,
    }


def _about(state: State, person: Person) -> str:
    """Return what an empty chat shows: the bot's description in the person's language."""
    for language in (person.language, ""):
        text = state.settings.get(("description", language))
        if text:
            return str(text)
    return ""


def _menu_button(state: State, chat: Chat) -> Json:
    default: Json = state.settings.get(("menu", ""), {"type": "commands"})
    button: Json = state.settings.get(("menu", str(chat.id)), default)
    return default if button.get("type") == "default" else button


def _message(state: State, person: Person, stored: Stored) -> Json:
    wire = stored.wire
    shown: Json = {
        **wire,
        "stamp": stored.stamp,
        "from_bot": stored.sender == BOT_ID,
        "mine": stored.sender == person.id,
        "silent": stored.silent,
        "reactions": [e for given in stored.reactions.values() for e in given],
    }
    if "poll" in wire:
        shown["poll"] = _poll(state, person, wire["poll"]["id"])
    return shown


def _poll(state: State, person: Person, poll_id: str) -> Json:
    """Return a poll as ``person`` sees it: the right answer only after the own vote."""
    poll = state.polls[poll_id]
    public = poll.public()
    vote = poll.votes.get(person.id)
    over = vote is not None or public["is_closed"]
    if not over:
        public = {**public, "options": [{**o, "voter_count": 0} for o in public["options"]]}
        for name in ("correct_option_ids", "explanation", "explanation_entities"):
            public.pop(name, None)
    return {**public, "vote": vote}


def _last_answer(state: State, person: Person) -> Json | None:
    """Return the newest notice that a tapped button gave."""
    for query in reversed(state.queries.values()):
        if query.person is person and "data" in query.payload and query.answer:
            return {"query_id": query.id, **query.answer}
    return None


async def query_view(state: State, query_id: str, wait: float) -> Json:
    """Return the bot's answer to a query, waiting up to ``wait`` seconds for it."""
    query = state.queries.get(query_id)
    if query is None:
        raise ApiError(404, "no such query")
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while query.answer is None and loop.time() < until and not state.bell.closed:
        await state.bell.wait(state.bell.count, until - loop.time())
    answer: Any = query.answer
    return {"answered": answer is not None, "answer": answer}
