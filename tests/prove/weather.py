"""Telegram on a bad day: a seeded share of the bot's calls goes wrong, in five ways.

Kept beside it is what only Telegram can know: how often each message arrived although the bot was
never told, so that one extra copy of it is nobody's fault.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any, Final

from bot.demo.faults import Fault, FaultKind, Faults
from bot.demo.methods import METHODS

SHARE: Final = 0.2
PATIENCE: Final = 3.0
"""Seconds that the bot's HTTP client waits for an answer in the proof; 5 in earnest. Less makes a
run shorter, and on a busy machine adds time-outs that nobody made, which are counted as such."""
STALL: Final = 0.4
"""Seconds that a call hangs beyond that."""
KINDS: Final[tuple[FaultKind, ...]] = ("outage", "flood", "reset_before", "reset_after", "stall")
UNTOLD: Final = frozenset({"reset_after", "stall"})
"""After these the call took effect and the bot does not know."""
WORDS: Final = {
    "notice": "Er is een melding",
    "receipt": "is bewaard onder nummer",
    "status": "is bezorgd",
}
Kept = tuple[int, str]
"""A message for the count: the chat, and which of the three it is."""

_met: ContextVar[Fault | None] = ContextVar("met", default=None)


def kind_of(text: str) -> str | None:
    """Return which of the counted messages ``text`` is."""
    return next((kind for kind, part in WORDS.items() if part in text), None)


class Weather(Faults):
    """Faults at random in place of those that somebody sets; calm until ``share`` is set."""

    def __init__(self, rng: Random, patience: float = PATIENCE) -> None:
        super().__init__()
        self.rng = rng
        self.patience = patience
        self.share = 0.0
        self.counts: Counter[str] = Counter()
        self.unsure: Counter[Kept] = Counter()
        self.stalled: Counter[int] = Counter()
        """How often a message to this chat hung; the bot may have had more time-outs than that."""

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """Return what goes wrong with this call, for the given share of them."""
        fault = self._drawn()
        _met.set(fault)
        if fault and fault.kind == "stall" and method == "sendMessage" and chat_id is not None:
            self.stalled[chat_id] += 1
        return fault

    def _drawn(self) -> Fault | None:
        if self.rng.random() >= self.share:
            return None
        fault = Fault(self.rng.choice(KINDS), seconds=self.patience + STALL, retry_after=1)
        self.counts[fault.kind] += 1
        if fault.kind == "stall":
            self.active.append(fault)  # so that it ends when the stand-in closes
        return fault

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count, for each message that arrives, whether the bot will hear of it."""
        original = METHODS["sendmessage"]

        async def send(context: Any) -> Any:
            result = original(context)
            message = await result if inspect.isawaitable(result) else result
            kind, fault = kind_of(message["text"]), _met.get()
            if kind and fault and fault.kind in UNTOLD:
                self.unsure[message["chat"]["id"], kind] += 1
            return message

        METHODS["sendmessage"] = send
        try:
            yield
        finally:
            METHODS["sendmessage"] = original
