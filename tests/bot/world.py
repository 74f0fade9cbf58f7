"""People with phones around the real Application, its real database and a recording Telegram."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.context import App
from bot.handling import Handling
from bot.intake import Json, strip
from bot.services import Services
from tests.bot.telegram import Bubble, Telegram

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday in term time, 10:00 in Haarlem


class World:
    """Plays people against the bot; every update takes the way of a polled one."""

    def __init__(self, app: App, services: Services, telegram: Telegram) -> None:
        self.app, self.services, self.telegram = app, services, telegram
        self.handling = Handling(app, services, pause=0)
        self.time = START
        self.langs: dict[int, str] = {}
        self._next_update = 500
        self._next_message = 1

    def now(self) -> datetime:
        """Return the time of this world: the services' clock."""
        return self.time

    def pass_time(self, **parts: float) -> None:
        """Let time go by."""
        self.time += timedelta(**parts)

    async def run(self, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """Call an operation of the storage room."""
        return await self.services.db.run(operation, *args, **kwargs)

    async def say(self, who: int, text: str, **more: Any) -> Bubble:
        """Type something; return the last message in the chat afterwards."""
        message = self._message(who) | {"text": text} | more
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        await self.update({"message": message})
        return self.last(who)

    async def send(self, who: int, **attached: Any) -> Bubble:
        """Send a photo, sticker and the like; return the last message in the chat."""
        await self.update({"message": self._message(who) | attached})
        return self.last(who)

    async def tap(self, who: int, label: str, bubble: Bubble | None = None) -> Bubble:
        """Tap a button of the last message that has it, or of ``bubble``."""
        bubble = bubble or self._with_button(who, label)
        return await self.press(who, bubble.data(label), bubble)

    async def press(self, who: int, data: str, bubble: Bubble) -> Bubble:
        """Send callback data as if ``who`` had tapped it on ``bubble``: also a forged one."""
        message = self.telegram.message(bubble)
        query = {
            "id": "1",
            "from": self._user(who),
            "chat_instance": "1",
            "data": data,
            "message": message,
        }
        await self.update({"callback_query": query})
        return self.last(who)

    async def vote(self, who: int, option: int, bubble: Bubble | None = None) -> Bubble:
        """Answer the last poll in the chat, or ``bubble``'s."""
        bubble = bubble or next(b for b in reversed(self.telegram.chat(who)) if b.poll_id)
        answer = {
            "poll_id": bubble.poll_id,
            "option_ids": [option],
            "option_persistent_ids": [str(option)],
            "user": self._user(who),
        }
        await self.update({"poll_answer": answer})
        return self.last(who)

    async def update(self, body: Json) -> None:
        """Take in one update and handle it to its end."""
        self._next_update += 1
        await self.again({"update_id": self._next_update, **body})

    async def again(self, raw: Json) -> None:
        """Take in a raw update, possibly one that came before."""
        kept = strip(raw)
        if kept is None:
            return
        await self.handling.take_in([kept])
        await self.handling.settle()

    def last(self, who: int) -> Bubble:
        """Return the last message in a person's chat."""
        chat = self.telegram.chat(who)
        return chat[-1] if chat else Bubble(who, 0, "")

    def texts(self, who: int) -> str:
        """Return everything that stands in a person's chat."""
        return "\n".join(bubble.text for bubble in self.telegram.chat(who))

    def _with_button(self, who: int, label: str) -> Bubble:
        for bubble in reversed(self.telegram.chat(who)):
            if any(shown.startswith(label) for shown, _ in bubble.buttons):
                return bubble
        raise AssertionError(f"no button {label!r} in the chat:\n{self.texts(who)}")

    def _message(self, who: int) -> Json:
        self._next_message += 1
        return {
            "message_id": self._next_message,
            "date": int(self.time.timestamp()),
            "chat": {"id": who, "type": "private", "first_name": "Canary"},
            "from": self._user(who),
        }

    def _user(self, who: int) -> Json:
        return {
            "id": who,
            "is_bot": False,
            "first_name": "Canary",
            "username": "canary",
            "language_code": self.langs.get(who, "nl"),
        }
