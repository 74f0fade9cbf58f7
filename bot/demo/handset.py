"""A telephone for tests: one person's side of the chat, over the stand-in's control API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.demo.playground import Playground, client

__all__ = ["Bubble", "Handset", "NotSeen", "Playground"]

Json = dict[str, Any]
PATIENCE = 20.0
LONG_POLL = 10.0


class NotSeen(AssertionError):
    """What was expected did not come in time. Says what stands in the chat instead."""


@dataclass(frozen=True)
class Bubble:
    """One message as the person sees it; ``raw`` is all of it."""

    raw: Json

    @property
    def id(self) -> int:
        """The message's id."""
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        """Text, caption or a poll's question."""
        poll = self.raw.get("poll") or {}
        return str(self.raw.get("text") or self.raw.get("caption") or poll.get("question") or "")

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons under it, in reading order."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    @property
    def links(self) -> list[str]:
        """The addresses in it: of buttons, of links in the text, and those that stand there."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        found = [button["url"] for row in rows for button in row if "url" in button]
        return found + [e["url"] for e in self.raw.get("entities", []) if "url" in e]

    @property
    def poll(self) -> Json | None:
        """The poll in it."""
        return self.raw.get("poll")

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.raw["from_bot"])

    @property
    def stamp(self) -> int:
        """The number of its last change."""
        return int(self.raw["stamp"])


class Handset:
    """The telephone of ``person`` (key or id). Close it with ``aclose`` or use ``async with``.

    ``expect`` and ``last`` look at what the bot sent or changed since the last action on this
    telephone (or the last ``mark``). All waiting ends in ``NotSeen`` after ``timeout`` seconds.
    """

    def __init__(
        self,
        base_url: str,
        person: str | int,
        chat: int | None = None,
        timeout: float = PATIENCE,
    ) -> None:
        self.person = person
        self.chat_id = chat
        self.timeout = timeout
        self.seen = 0
        self._http = client(base_url, LONG_POLL + timeout)

    @classmethod
    async def new(cls, base_url: str, key: str, user_id: int, **fields: Any) -> Handset:
        """Add a person to the stand-in and return the telephone."""
        handset = cls(base_url, key)
        person = {"key": key, "id": user_id, "first_name": key.title(), **fields}
        await handset._post("/demo/people", person)
        return handset

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Handset:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # to do

    async def say(self, text: str, reply_to: int | None = None) -> int:
        """Send a text; return the message's id."""
        given = {"text": text, **({"reply_to": reply_to} if reply_to else {})}
        return int((await self._do("say", **given))["message_id"])

    async def start(self, payload: str = "") -> int:
        """Press Start, or open a deep link: a payload or a whole ``https://t.me/…`` link."""
        if "start=" in payload:
            payload = payload.split("start=", 1)[1].split("&", maxsplit=1)[0]
        return int((await self._do("start", payload=payload))["message_id"])

    async def send(self, kind: str, **fields: Any) -> int:
        """Send a photo, voice, sticker, contact, location … (``caption``, ``album``)."""
        return int((await self._do("send", kind=kind, **fields))["message_id"])

    async def edit(self, message_id: int, text: str) -> None:
        """Change one's own message."""
        await self._do("edit", message_id=message_id, text=text)

    async def react(self, message_id: int, emoji: str) -> None:
        """Put an emoji on a message."""
        await self._do("react", message_id=message_id, emoji=emoji)

    async def tap(
        self,
        label: str,
        message_id: int | None = None,
        fresh: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Json:
        """Tap the newest button with ``label``, waiting for it; ``fresh``: only one that is new.

        Returns ``{"query_id"}``, or what another kind of button opens.
        """
        after = self.seen if fresh else 0

        def has_it(bubble: Bubble) -> bool:
            right = message_id in (None, bubble.id) and bubble.stamp > after
            return right and any(label in text for text in bubble.buttons)

        bubble = await self._await(has_it, f"a button {label!r}", timeout)
        return await self._do("tap", message_id=bubble.id, label=label)

    async def press(self, data: str, message_id: int) -> Json:
        """Press forged or old callback data on a message, there or not."""
        return await self._do("tap", message_id=message_id, data=data)

    async def vote(self, *options: int, timeout: float | None = None) -> Bubble:  # noqa: ASYNC109
        """Vote in the newest open poll without an own vote, waiting for one; return it."""

        def is_open(bubble: Bubble) -> bool:
            poll = bubble.poll
            return poll is not None and poll["vote"] is None and not poll["is_closed"]

        bubble = await self._await(is_open, "an open poll", timeout)
        await self._do("vote", message_id=bubble.id, options=list(options))
        return bubble

    async def answered(self, query: Json, wait: float = PATIENCE) -> Json:
        """Return the bot's answer to a tap or inline query. Raises ``NotSeen`` without one."""
        path = f"/demo/query/{query['query_id']}"
        view = await self._get(path, {"wait": str(wait)})
        if not view["answered"]:
            raise NotSeen("the bot did not answer the query")
        return dict(view["answer"])

    async def inline(self, text: str) -> tuple[Json, list[Json]]:
        """Type ``text`` after the bot's name; return the query and the offered results."""
        query = await self._do("inline", query=text)
        return query, list((await self.answered(query))["results"])

    async def choose(self, query: Json, result_id: str) -> int:
        """Send an offered result to this chat."""
        given = {"query_id": query["query_id"], "result_id": result_id}
        return int((await self._do("choose", **given))["message_id"])

    async def block(self) -> None:
        """Block the bot."""
        await self._do("block", blocked=True)

    async def unblock(self) -> None:
        """Take the block away."""
        await self._do("block", blocked=False)

    # to see

    async def chat(self) -> list[Bubble]:
        """Return the whole chat, oldest first."""
        return [Bubble(raw) for raw in (await self.view())["messages"]]

    async def view(self, after: int = 0, wait: float = 0) -> Json:
        """Return all that the telephone shows: messages, keyboard, commands, typing, answer."""
        query = {"person": str(self.person), "after": str(after), "wait": str(wait)}
        if self.chat_id is not None:
            query["chat"] = str(self.chat_id)
        return await self._get("/demo/chat", query)

    async def mark(self) -> None:
        """From here on ``expect`` and ``last`` look at what is newer than now."""
        self.seen = int((await self.view())["version"])

    async def expect(
        self,
        text: str | Callable[[Bubble], bool],
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Bubble:
        """Return the newest bot message since the last action that holds ``text`` (any case)."""

        def fits(bubble: Bubble) -> bool:
            if not bubble.from_bot or bubble.stamp <= self.seen:
                return False
            if callable(text):
                return text(bubble)
            return text.casefold() in bubble.text.casefold()

        wanted = "a message that fits" if callable(text) else repr(text)
        return await self._await(fits, wanted, timeout)

    async def last(self, timeout: float | None = None) -> Bubble:  # noqa: ASYNC109
        """Return the bot's newest message since the last action, waiting for one."""
        return await self.expect(lambda bubble: True, timeout)

    async def _await(
        self,
        fits: Callable[[Bubble], bool],
        wanted: str,
        timeout: float | None,  # noqa: ASYNC109
    ) -> Bubble:
        loop = asyncio.get_running_loop()
        until = loop.time() + (self.timeout if timeout is None else timeout)
        after = 0
        while True:
            view = await self.view(after, max(0.0, min(until - loop.time(), LONG_POLL)))
            after = view["version"]
            found = [b for b in map(Bubble, view["messages"]) if fits(b)]
            if found:
                return max(found, key=lambda bubble: (bubble.stamp, bubble.id))
            if loop.time() >= until:
                raise NotSeen(f"{self.person} waited for {wanted}; {_shown(view)}")

    async def _do(self, action: str, **given: Any) -> Json:
        if self.chat_id is not None and action not in ("start", "block"):
            given["chat"] = self.chat_id
        await self.mark()
        return await self._post(f"/demo/do/{action}", {"person": self.person, **given})

    async def _get(self, path: str, query: dict[str, str]) -> Json:
        answer = await self._http.get(path, params=query)
        answer.raise_for_status()
        return dict(answer.json())

    async def _post(self, path: str, given: Json) -> Json:
        answer = await self._http.post(path, json=given)
        if answer.is_error:
            raise AssertionError(f"{path}: {answer.json()['description']}")
        return dict(answer.json())


def _shown(view: Json) -> str:
    lines = [f"  {b.text[:300]!r} {b.buttons}" for b in map(Bubble, view["messages"][-4:])]
    return "the chat ends with\n" + "\n".join(lines) if lines else "the chat is empty"
