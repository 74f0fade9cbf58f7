"""Numbers for Prometheus: counts, times and ages, never content.

Labels are names of our own code and outcomes: no id of a person, chat or report is one.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Bounds that show both what we need ourselves and what waiting for Telegram's limits adds."""

UPDATES = Counter("vuistregel_updates_total", "Updates handled", ["kind"])
FAILURES = Counter("vuistregel_failures_total", "Handlers that failed", ["error"])
SENDS = Counter("vuistregel_sends_total", "Deliveries by outcome", ["outcome", "kind"])
MATCHES = Counter("vuistregel_matches_total", "Questions by kind", ["kind", "confident"])
WAITING = Gauge("vuistregel_outbox_waiting", "Orders that are due and not sent")
OLDEST = Gauge("vuistregel_outbox_oldest_seconds", "How long the oldest order has been due")
HELD = Gauge("vuistregel_outbox_held", "Chats that had their fill this minute, with more waiting")
UNREACHABLE = Gauge("vuistregel_staff_unreachable", "Staff with a post whom nothing can reach")
LAST_POLL = Gauge("vuistregel_last_poll_timestamp_seconds", "When Telegram last answered a poll")
LAST_UPDATE = Gauge("vuistregel_last_update_timestamp_seconds", "When an update was last handled")
HANDLING = Histogram("vuistregel_handling_seconds", "Time to handle an update", buckets=SECONDS)
HANDLERS = Histogram(
    "vuistregel_handler_seconds", "Time in a handler", ["handler"], buckets=SECONDS
)
CALLS = Counter("vuistregel_calls_total", "Calls of the Bot API by outcome", ["method", "outcome"])


def timed(
    handle: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return ``handle`` with its time noted under its own name, such as ``report.tap``."""
    name = f"{handle.__module__.rsplit('.', 1)[-1]}.{handle.__name__}"
    seconds = HANDLERS.labels(handler=name)

    @wraps(handle)
    async def noted(*args: P.args, **kwargs: P.kwargs) -> T:
        with seconds.time():
            return await handle(*args, **kwargs)

    return noted


def shown() -> tuple[bytes, str]:
    """Return all numbers as Prometheus reads them, and the type of that text."""
    return generate_latest(), CONTENT_TYPE_LATEST
