"""What a person does with the telephone: every action becomes the update Telegram would send."""

from __future__ import annotations

from typing import Any

from bot.demo.attachments import content_of
from bot.demo.entities import formatted
from bot.demo.errors import bad
from bot.demo.state import BOT_ID, Chat, Person, Query, State, Stored
from bot.demo.validate import Json

Given = dict[str, Any]


def _chat(state: State, person: Person, given: Given) -> Chat:
    """Return the chat that an action is in: the private one, or a group that is named."""
    chat = state.chats.get(int(given.get("chat") or person.id))
    if chat is None or person.id not in chat.members:
        raise bad("this person is not in that chat")
    return chat


def _open(state: State, person: Person) -> None:
    """Whoever writes to the bot has started it and takes a block away."""
    if person.blocked:
        block(state, person, {"blocked": False})
    person.started = True


def _for_bot(state: State, chat: Chat, wire: Json) -> bool:
    """In groups the bot sees what is meant for it: commands, mentions, replies (privacy mode)."""
    if chat.kind == "private":
        return True
    text = wire.get("text") or wire.get("caption") or ""
    replied = wire.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID
    return text.startswith("/") or f"@{state.username}" in text or replied


def _post(state: State, person: Person, chat: Chat, content: Json) -> Stored:
    if chat.kind == "private":
        _open(state, person)
    stored = state.post(chat, person.user(), content)
    if _for_bot(state, chat, stored.wire):
        state.updates.put("message", stored.wire, person.id)
    return stored


def say(state: State, person: Person, given: Given) -> Json:
    """Send a text. ``reply_to`` is the id of the message it answers."""
    chat = _chat(state, person, given)
    text, entities = formatted(str(given.get("text", "")))
    if not text:
        raise bad("nothing to say")
    content: Json = {"text": text, **({"entities": entities} if entities else {})}
    if given.get("reply_to"):
        original = state.find(chat, int(given["reply_to"]), "reply")
        content["reply_to_message"] = original.wire
    return {"message_id": _post(state, person, chat, content).wire["message_id"]}


def start(state: State, person: Person, given: Given) -> Json:
    """Press "Start", or open a deep link with its ``payload``."""
    text = f"/start {given.get('payload', '')}".strip()
    return say(state, person, {"text": text})


def send(state: State, person: Person, given: Given) -> Json:
    """Send something that is no text: ``kind`` is photo, voice, sticker, contact and so on."""
    chat = _chat(state, person, given)
    content = content_of(state, person, given)
    return {"message_id": _post(state, person, chat, content).wire["message_id"]}


def edit(state: State, person: Person, given: Given) -> Json:
    """Change the text of one's own message."""
    chat = _chat(state, person, given)
    stored = state.find(chat, int(given["message_id"]), "edit")
    if stored.sender != person.id:
        raise bad("message can't be edited")
    text, entities = formatted(str(given["text"]))
    stored.wire = {**stored.wire, "text": text, "edit_date": int(state.clock.now())}
    stored.wire["entities"] = entities
    state.touch(stored)
    if _for_bot(state, chat, stored.wire):
        state.updates.put("edited_message", stored.wire, person.id)
    return {"message_id": stored.wire["message_id"]}


def react(state: State, person: Person, given: Given) -> Json:
    """Put an emoji on a message; an empty one takes it away."""
    chat = _chat(state, person, given)
    stored = state.find(chat, int(given["message_id"]), "react")
    emoji = [given["emoji"]] if given.get("emoji") else []
    old = stored.reactions.get(person.id, [])
    stored.reactions[person.id] = emoji
    state.touch(stored)
    payload = {
        "chat": state.chat_wire(chat),
        "message_id": stored.wire["message_id"],
        "user": person.user(),
        "date": int(state.clock.now()),
        "old_reaction": [{"type": "emoji", "emoji": e} for e in old],
        "new_reaction": [{"type": "emoji", "emoji": e} for e in emoji],
    }
    state.updates.put("message_reaction", payload, person.id)
    return {}


def _button(stored: Stored, label: str) -> Json:
    rows = stored.wire.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    for fits in (lambda text: text == label, lambda text: label in text):
        for button in buttons:
            if fits(button["text"]):
                return dict(button)
    raise bad("no such button under that message")


def tap(state: State, person: Person, given: Given) -> Json:
    """Tap a button by its ``label``; with ``data`` instead, press what is not (or no longer) there.

    Answers the callback query's id, or what another kind of button opens (``url``,
    ``switch_inline_query_current_chat``, ``copy_text``).
    """
    chat = _chat(state, person, given)
    message_id = int(given["message_id"])
    stored = chat.messages.get(message_id)
    if given.get("data") is not None:
        button: Json = {"callback_data": given["data"]}
    else:
        button = _button(state.find(chat, message_id, "tap"), str(given.get("label", "")))
    if "callback_data" not in button:
        return {name: value for name, value in button.items() if name != "text"}
    gone = {"chat": state.chat_wire(chat), "message_id": message_id, "date": 0}
    payload = {
        "id": state.new_id(),
        "from": person.user(),
        "chat_instance": str(chat.id * 7919),
        "data": button["callback_data"],
        "message": stored.wire if stored else gone,
    }
    return _ask(state, person, "callback_query", payload)


def _ask(state: State, person: Person, kind: str, payload: Json) -> Json:
    query = Query(payload["id"], person, payload, state.clock.now())
    state.queries[query.id] = query
    state.bell.ring()
    state.updates.put(kind, payload, person.id)
    return {"query_id": query.id}


def vote(state: State, person: Person, given: Given) -> Json:
    """Vote in a poll with ``options`` (numbers from 0); an empty list takes a vote back."""
    chat = _chat(state, person, given)
    stored = state.find(chat, int(given["message_id"]), "vote")
    poll = state.polls[stored.wire["poll"]["id"]]
    options = [int(i) for i in given["options"]]
    _check_vote(poll.wire, options, voted=person.id in poll.votes)
    poll.votes[person.id] = options
    if not options:
        del poll.votes[person.id]
    stored.wire = {**stored.wire, "poll": poll.public()}
    state.touch(stored)
    state.updates.put("poll", poll.public(), person.id)
    if not poll.wire["is_anonymous"]:
        answer = {
            "poll_id": poll.wire["id"],
            "user": person.user(),
            "option_ids": options,
            "option_persistent_ids": [poll.wire["options"][i]["persistent_id"] for i in options],
        }
        state.updates.put("poll_answer", answer, person.id)
    return {}


def _check_vote(poll: Json, options: list[int], voted: bool) -> None:
    if poll["is_closed"]:
        raise bad("the poll is closed")
    if voted and not poll["allows_revoting"]:
        raise bad("a quiz is answered once")
    many = len(options) > 1 and not poll["allows_multiple_answers"]
    if many or any(not 0 <= i < len(poll["options"]) for i in options):
        raise bad("no such option")


def ask_inline(state: State, person: Person, given: Given) -> Json:
    """Type something after the bot's name, in any chat."""
    payload = {
        "id": state.new_id(),
        "from": person.user(),
        "query": str(given.get("query", "")),
        "offset": str(given.get("offset", "")),
        "chat_type": "sender" if not given.get("chat") else "group",
    }
    return _ask(state, person, "inline_query", payload)


def choose_inline(state: State, person: Person, given: Given) -> Json:
    """Send one of the offered results to a chat."""
    query = state.queries.get(str(given["query_id"]))
    results = (query.answer or {}).get("results", []) if query else []
    chosen = next((r for r in results if r["id"] == str(given["result_id"])), None)
    if chosen is None:
        raise bad("no such result")
    content = {"text": chosen["text"], "via_bot": state.bot_user()}
    if chosen["entities"]:
        content["entities"] = chosen["entities"]
    if chosen.get("reply_markup"):
        content["reply_markup"] = chosen["reply_markup"]
    stored = _post(state, person, _chat(state, person, given), content)
    return {"message_id": stored.wire["message_id"]}


def block(state: State, person: Person, given: Given) -> Json:
    """Block the bot, or take the block away."""
    blocked = bool(given.get("blocked", True))
    if person.blocked == blocked:
        return {}
    person.blocked = blocked
    before, now = ("member", "kicked") if blocked else ("kicked", "member")
    me = state.bot_user()
    payload = {
        "chat": state.chat_wire(state.chats[person.id]),
        "from": person.user(),
        "date": int(state.clock.now()),
        "old_chat_member": _membership(me, before),
        "new_chat_member": _membership(me, now),
    }
    state.updates.put("my_chat_member", payload, person.id)
    state.bell.ring()
    return {}


def _membership(user: Json, status: str) -> Json:
    return {"status": status, "user": user, **({"until_date": 0} if status == "kicked" else {})}


ACTIONS = {
    "say": say,
    "start": start,
    "send": send,
    "edit": edit,
    "react": react,
    "tap": tap,
    "vote": vote,
    "inline": ask_inline,
    "choose": choose_inline,
    "block": block,
}
