"""All that the stand-in knows: people, chats, messages, polls, queries, settings of the bot."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.demo.clock import Clock
from bot.demo.errors import ApiError, bad
from bot.demo.faults import Faults
from bot.demo.limits import Limits
from bot.demo.updates import UpdateQueue
from bot.demo.validate import Upload

Json = dict[str, Any]
TOKEN = "700000001:DEMO-local-stand-in-not-a-secret-x"  # noqa: S105 - opens nothing but the demo
BOT_ID = 700000001


@dataclass
class Person:
    """Somebody with a telephone. ``role`` (and in English) is only a caption on the page."""

    key: str
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = "nl"
    role: str = ""
    role_en: str = ""
    blocked: bool = False
    started: bool = False

    def user(self) -> Json:
        """Return the person as Telegram's ``User``."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        return {**user, "language_code": self.language}


@dataclass
class Stored:
    """A message as it stands, and what Telegram does not show the bot."""

    wire: Json
    sender: int
    stamp: int = 0
    silent: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)


@dataclass
class Chat:
    """A private chat with the bot or a group."""

    id: int
    kind: str
    title: str = ""
    members: list[int] = field(default_factory=list)
    messages: dict[int, Stored] = field(default_factory=dict)
    action: str = ""
    action_until: float = 0
    keyboard: Json | None = None


@dataclass
class Poll:
    """A poll and its votes: user id to the chosen options."""

    wire: Json
    chat_id: int
    message_id: int
    votes: dict[int, list[int]] = field(default_factory=dict)

    def public(self) -> Json:
        """Return Telegram's ``Poll`` with the votes counted."""
        options = [
            {**option, "voter_count": sum(i in vote for vote in self.votes.values())}
            for i, option in enumerate(self.wire["options"])
        ]
        return {**self.wire, "options": options, "total_voter_count": len(self.votes)}


@dataclass
class Query:
    """A tapped button or an inline query, and the bot's answer once it came."""

    id: str
    person: Person
    payload: Json
    asked_at: float
    answer: Json | None = None


class Bell:
    """Rings at every change; whoever waits hears it. ``count`` numbers the changes."""

    def __init__(self) -> None:
        self.count = 1
        self.closed = False
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> int:
        """Number this change and wake who waits."""
        self.count += 1
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        return self.count

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed = True
        self.ring()

    async def wait(self, seen: int, timeout: float) -> int:  # noqa: ASYNC109
        """Return the number of the last change, at once when it is past ``seen``."""
        if self.count <= seen and not self.closed and timeout > 0:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            try:
                await asyncio.wait_for(waiter, timeout)
            except TimeoutError:
                return self.count
            finally:
                self._waiting.discard(waiter)
        return self.count


class State:
    """One stand-in. ``clock`` and ``rng`` are passed in, so that tests can fix them."""

    def __init__(
        self,
        people: list[Person] | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        username: str = "vuistregel_demo_bot",
        token: str = TOKEN,
    ) -> None:
        self.token = token
        self.clock = clock or Clock()
        self.rng = rng or Random(secrets.randbits(64))
        self.username = username
        self.people: dict[str, Person] = {}
        self._by_id: dict[str, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.polls: dict[str, Poll] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, Upload] = {}
        self.settings: dict[tuple[str, ...], Any] = {}
        self.updates = UpdateQueue(self.rng)
        self.webhook: Json | None = None
        self.process = ""
        self.polled = False
        self.links: list[Json] = []
        self.school: Json = {"zone": "Europe/Amsterdam", "holidays": []}
        self.faults = Faults()
        self.limits = Limits()
        self.bell = Bell()
        self.violations: list[str] = []
        self.calls: deque[tuple[str, int | None]] = deque(maxlen=10_000)
        self._message_id = self.rng.randrange(100, 900)
        for person in people or []:
            self.add_person(person)

    # people and chats

    def bot_user(self) -> Json:
        """Return the bot as Telegram's ``User``."""
        name = self.settings.get(("name", ""), "Vuistregel")
        return {"id": BOT_ID, "is_bot": True, "first_name": name, "username": self.username}

    def add_person(self, person: Person) -> Person:
        """Add a person with an empty private chat."""
        self.people[person.key] = self._by_id[str(person.id)] = person
        self.chats.setdefault(person.id, Chat(person.id, "private", members=[person.id]))
        return person

    def person(self, key: str | int) -> Person:
        """Return a person by key or id. Raises ``ApiError`` 404."""
        found = self.people.get(str(key)) or self._by_id.get(str(key))
        if found is None:
            raise ApiError(404, "no such person")
        return found

    def add_group(self, title: str, members: list[int]) -> Chat:
        """Add a group in which the bot is a member."""
        chat = Chat(-self.rng.randrange(10**8, 10**9), "group", title, members)
        self.chats[chat.id] = chat
        return chat

    def chat_wire(self, chat: Chat) -> Json:
        """Return Telegram's ``Chat``."""
        if chat.kind != "private":
            return {"id": chat.id, "type": chat.kind, "title": chat.title}
        user = self.person(chat.id).user()
        names = ("first_name", "last_name", "username")
        return {"id": chat.id, "type": "private", **{n: user[n] for n in names if n in user}}

    def reachable(self, chat_id: int | str | None) -> Chat:
        """Return a chat that the bot may write to.

        Raises ``ApiError``: 400 "chat not found" for a chat that never was or was never started,
        403 for a person who blocked the bot or a group that it left.
        """
        if chat_id in (None, ""):
            raise bad("chat_id is empty")
        chat = self.chats.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if chat is None:
            raise bad("chat not found")
        if chat.kind == "left":
            raise ApiError(403, "Forbidden: bot was kicked from the group chat")
        if chat.kind == "private":
            person = self.person(chat.id)
            if person.blocked:
                raise ApiError(403, "Forbidden: bot was blocked by the user")
            if not person.started:
                raise bad("chat not found")
        return chat

    # messages

    def post(self, chat: Chat, sender: Json, content: Json, silent: bool = False) -> Stored:
        """Add a message to a chat; ids run through all chats, as they do at Telegram."""
        self._message_id += 1
        wire: Json = {
            "message_id": self._message_id,
            "from": sender,
            "chat": self.chat_wire(chat),
            "date": int(self.clock.now()),
            **content,
        }
        stored = Stored(wire, sender["id"], self.bell.count + 1, silent)
        chat.messages[self._message_id] = stored
        if sender["id"] == BOT_ID:
            chat.action_until = 0
        self.bell.ring()
        return stored

    def touch(self, stored: Stored) -> None:
        """Mark a message as changed."""
        stored.stamp = self.bell.ring()

    def find(self, chat: Chat, message_id: int | None, what: str) -> Stored:
        """Return a message of ``chat``. Raises ``ApiError`` 400 "message to ``what`` not found"."""
        stored = chat.messages.get(message_id or 0)
        if stored is None:
            raise bad(f"message to {what} not found")
        return stored

    def keep_file(self, upload: Upload) -> str:
        """Keep a sent file; return its file id."""
        file_id = f"demo-file-{len(self.files) + 1}-{self.rng.randrange(16**8):08x}"
        self.files[file_id] = upload
        return file_id

    def new_id(self) -> str:
        """Return a fresh id for a poll or a query."""
        return str(self.rng.randrange(10**17, 10**18))

    def close(self) -> None:
        """Let everything that waits return."""
        self.faults.lift()
        self.updates.close()
        self.bell.close()
