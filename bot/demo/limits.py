"""Telegram's own limits, for who wants to see them kept: nothing is refused until they are on.

30 messages a second in all and one a second in a chat, counted over any second; a changed text
counts with all. What is refused with 429 counts for nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bot.demo.errors import ApiError

OVERALL: Final = 30
SECOND: Final = 1.0
MESSAGES: Final = ("send", "copy", "forward")
CHANGES: Final = frozenset({"editMessageText", "editMessageCaption", "editMessageMedia"})
NO_MESSAGE: Final = "sendChatAction"


@dataclass
class Limits:
    """Counts what was taken in the last second, once it is ``on``."""

    on: bool = False
    taken: int = 0
    refused: int = 0
    _all: deque[float] = field(default_factory=deque, repr=False)
    _chats: dict[int, float] = field(default_factory=dict, repr=False)

    def take(self, method: str, chat_id: int | None, now: float) -> None:
        """Count a call at ``now`` (seconds on any clock that only goes on).

        Raises ``ApiError`` 429 for one too many.
        """
        message = method.startswith(MESSAGES) and method != NO_MESSAGE
        if not self.on or not (message or method in CHANGES):
            return
        while self._all and self._all[0] <= now - SECOND:
            self._all.popleft()
        last = self._chats.get(chat_id or 0, now - SECOND)
        if len(self._all) >= OVERALL or (message and last > now - SECOND):
            self.refused += 1
            raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
        self.taken += 1
        self._all.append(now)
        if message and chat_id:
            self._chats[chat_id] = now
