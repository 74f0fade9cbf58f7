"""A Telegram that lives in the test: it records every call and answers as the Bot API does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telegram.request import BaseRequest, RequestData

from bot.demo import validate
from bot.demo.entities import formatted
from bot.demo.errors import ApiError

Json = dict[str, Any]
BOT: Json = {"id": 1, "is_bot": True, "first_name": "Vuistregel", "username": "VuistregelBot"}


@dataclass
class Call:
    """One call of a Bot API method with its parameters, JSON values decoded."""

    method: str
    params: Json


@dataclass
class Bubble:
    """A message as it stands in somebody's chat now."""

    chat_id: int
    message_id: int
    text: str
    buttons: list[tuple[str, str]] = field(default_factory=list)
    poll_id: str | None = None
    poll: Json | None = None
    params: Json = field(default_factory=dict)

    def data(self, label: str) -> str:
        """Return the callback data of the button whose label is or starts with ``label``."""
        for shown, data in self.buttons:
            if shown == label:
                return data
        for shown, data in self.buttons:
            if shown.startswith(label):
                return data
        raise AssertionError(f"no button {label!r} among {[shown for shown, _ in self.buttons]}")


class Telegram(BaseRequest):
    """The request object handed to the Application in place of the network."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.bubbles: dict[tuple[int, int], Bubble] = {}
        self.faults: list[tuple[str, int, Json]] = []
        self.broken: list[tuple[str, Exception]] = []
        self._next = 1000

    @property
    def read_timeout(self) -> float | None:
        """There is nothing to wait for."""
        return 5

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def fail(self, method: str, status: int, **answer: Any) -> None:
        """Let the next call of ``method`` fail with this status and answer."""
        self.faults.append((method, status, answer))

    def break_off(self, method: str, error: Exception) -> None:
        """Let the next call of ``method`` end in ``error`` after it left, as the network does."""
        self.broken.append((method, error))

    def chat(self, chat_id: int) -> list[Bubble]:
        """Return the messages in a chat, oldest first."""
        return [b for (chat, _), b in sorted(self.bubbles.items()) if chat == chat_id]

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,
        write_timeout: Any = None,
        connect_timeout: Any = None,
        pool_timeout: Any = None,
    ) -> tuple[int, bytes]:
        """Record the call and answer it."""
        name = url.rsplit("/", 1)[-1]
        params = _decoded(request_data)
        self.calls.append(Call(name, params))
        for number, (wanted, error) in enumerate(self.broken):
            if wanted == name:
                del self.broken[number]
                raise error
        for number, (wanted, status, answer) in enumerate(self.faults):
            if wanted == name:
                del self.faults[number]
                return status, _json({"ok": False, "error_code": status, **answer})
        return 200, _json({"ok": True, "result": self._answer(name, params)})

    def _answer(self, name: str, params: Json) -> Any:
        if name == "getMe":
            return BOT | {
                "can_join_groups": True,
                "can_read_all_group_messages": False,
                "supports_inline_queries": True,
            }
        if name == "getWebhookInfo":
            return {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        if name in {"sendMessage", "sendPoll", "sendPhoto", "sendDocument"}:
            return self._send(name, params)
        if name in {"editMessageText", "editMessageReplyMarkup"}:
            return self._edit(name, params)
        if name in {"deleteMessage"}:
            self.bubbles.pop((int(params["chat_id"]), int(params["message_id"])), None)
        return True

    def _send(self, name: str, params: Json) -> Json:
        self._next += 1
        text = params.get("text") or params.get("caption") or params.get("question") or ""
        bubble = Bubble(int(params["chat_id"]), self._next, plain(text), _buttons(params))
        bubble.params = params
        if name == "sendPoll":
            bubble.poll_id = f"poll{self._next}"
            bubble.poll = params
        self.bubbles[bubble.chat_id, self._next] = bubble
        return self.message(bubble)

    def _edit(self, name: str, params: Json) -> Json:
        bubble = self.bubbles[int(params["chat_id"]), int(params["message_id"])]
        if "text" in params:
            bubble.text = plain(params["text"])
        bubble.buttons = _buttons(params)
        return self.message(bubble)

    def message(self, bubble: Bubble) -> Json:
        """Return the Bot API's message object of a bubble."""
        found: Json = {
            "message_id": bubble.message_id,
            "date": int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp()),
            "chat": {"id": bubble.chat_id, "type": "private"},
            "from": BOT,
        }
        if bubble.poll is not None:
            found["poll"] = _poll(bubble)
        else:
            found["text"] = bubble.text
        return found


def _poll(bubble: Bubble) -> Json:
    params = bubble.poll or {}
    options = params["options"]
    return {
        "id": bubble.poll_id,
        "question": params["question"],
        "options": [
            {
                "text": o["text"] if isinstance(o, dict) else o,
                "voter_count": 0,
                "persistent_id": str(n),
            }
            for n, o in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": False,
        "type": params.get("type", "regular"),
        "allows_multiple_answers": False,
        "allows_revoting": False,
        "members_only": False,
    }


def _buttons(params: Json) -> list[tuple[str, str]]:
    markup = params.get("reply_markup") or {}
    return [
        (button["text"], button.get("callback_data") or button.get("url") or "")
        for row in markup.get("inline_keyboard", [])
        for button in row
    ]


def _decoded(data: RequestData | None) -> Json:
    if data is None:
        return {}
    return {**dict.fromkeys(data.multipart_data or {}, "attached"), **data.parameters}


def plain(html: str) -> str:
    """Return HTML as the person reads it."""
    text = re.sub(r"</?(b|i|code|blockquote|a|u|s|pre|tg-spoiler)(\s[^>]*)?>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _json(value: Json) -> bytes:
    return json.dumps(value).encode()


def refusals(calls: list[Call]) -> list[str]:
    """Return what the Bot API would refuse of these calls, by the official list of its fields."""
    found: list[str] = []
    for call in calls:
        if not validate.knows(call.method):
            found.append(f"{call.method}: unknown method")
            continue
        try:
            found += validate.read_call(call.method, call.params)[1]
        except ApiError as error:
            found.append(str(error))
        found += [f"{call.method}: {problem}" for problem in _over_limits(call.params)]
        found += _bad_format(call.params)
    return found


def _bad_format(params: Json) -> list[str]:
    try:
        for name in ("text", "caption"):
            if params.get(name):
                formatted(params[name], params.get("parse_mode"), None)
    except ApiError as error:
        return [str(error)]
    return []


def _over_limits(params: Json) -> list[str]:
    limits = {"text": 4096, "caption": 1024, "question": 300, "explanation": 200}
    found = [
        f"{name} is too long or empty"
        for name, limit in limits.items()
        if name in params and not 0 < len(plain(str(params[name]))) <= limit
    ]
    for _, data in _buttons(params):
        if not 0 < len(data.encode()) <= 64 and not data.startswith("http"):
            found.append(f"callback data of {len(data.encode())} bytes")
    return found
