"""What may go wrong at Telegram, on request: for tests and for the page's buttons."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from bot.demo.errors import ApiError, ConnectionCut

FaultKind = Literal["outage", "flood", "reset_before", "reset_after", "stall", "blocked"]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """One thing that goes wrong.

    ``method``: a method's name, or ``None`` for all. ``times``: how often, or ``None`` until it is
    lifted. ``chat_id``: only calls for that chat. ``retry_after``: seconds named in a 429.
    ``seconds``: how long a stall lasts; ``None`` until it is lifted.
    """

    kind: FaultKind
    method: str | None = None
    times: int | None = None
    chat_id: int | None = None
    retry_after: int = 1
    seconds: float | None = None
    hits: int = 0
    lifted: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Tell whether a call of ``method`` for ``chat_id`` meets this fault."""
        right_method = self.method is None or self.method.lower() == method.lower()
        right_chat = self.chat_id is None or self.chat_id == chat_id
        return right_method and right_chat and (self.times is None or self.hits < self.times)

    def public(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        names = ("kind", "method", "times", "chat_id", "retry_after", "seconds", "hits")
        return {name: getattr(self, name) for name in names}


class Faults:
    """The faults that are set, oldest first."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def set(self, fault: Fault) -> Fault:
        """Add a fault."""
        self.active.append(fault)
        return fault

    def lift(self, kind: str | None = None, method: str | None = None) -> None:
        """Take away all faults, or those of one kind or method; stalled calls go on."""
        keep = []
        for fault in self.active:
            if (kind in (None, fault.kind)) and (method in (None, fault.method)):
                fault.lifted.set()
            else:
                keep.append(fault)
        self.active = keep

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the first fault that fits the call, counted as met; ``None`` if all is well."""
        for fault in self.active:
            if fault.fits(method, chat_id):
                fault.hits += 1
                return fault
        return None


async def before(fault: Fault | None) -> None:
    """Let ``fault`` do its work before the call takes effect.

    Raises ``ApiError`` (outage 500, flood 429, blocked 403) or ``ConnectionCut``; a stall waits.
    """
    if fault is None:
        return
    if fault.kind == "outage":
        raise ApiError(500, "Internal Server Error")
    if fault.kind == "flood":
        wait = fault.retry_after
        raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    if fault.kind == "blocked":
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if fault.kind == "reset_before":
        raise ConnectionCut
    if fault.kind == "stall":
        try:
            await asyncio.wait_for(fault.lifted.wait(), fault.seconds)
        except TimeoutError:
            return


def after(fault: Fault | None) -> None:
    """Cut the connection once the call took effect, for a fault of that kind."""
    if fault is not None and fault.kind == "reset_after":
        raise ConnectionCut
