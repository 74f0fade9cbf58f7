"""Numbers for Prometheus: counts and ages, never content."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

UPDATES = Counter("vuistregel_updates_total", "Updates handled", ["kind"])
FAILURES = Counter("vuistregel_failures_total", "Handlers that failed", ["error"])
SENDS = Counter("vuistregel_sends_total", "Deliveries by outcome", ["outcome", "kind"])
MATCHES = Counter("vuistregel_matches_total", "Questions by kind", ["kind", "confident"])
WAITING = Gauge("vuistregel_outbox_waiting", "Orders that are due and not sent")
OLDEST = Gauge("vuistregel_outbox_oldest_seconds", "How long the oldest order has been due")
LAST_POLL = Gauge("vuistregel_last_poll_timestamp_seconds", "When Telegram last answered a poll")
HANDLING = Histogram("vuistregel_handling_seconds", "Time to handle an update")
