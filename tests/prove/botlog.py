"""What a bot's process logged: counted by event, and what nobody had reckoned with."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

TELEGRAM: Final = frozenset({"NetworkError", "TimedOut", "RetryAfter", "BadRequest", "Forbidden"})
"""Faults of the stand-in on request: tried again, and no fault of the bot."""
EXPECTED: Final = frozenset({"handler failed", "polling failed", "could not say sorry"})
"""Events that such a fault, and nothing else, may leave."""


def command(argv: list[str], log: Path) -> list[str]:
    """Return the command that writes stderr to ``log``; the process id is still the bot's."""
    return ["/bin/sh", "-c", 'exec "$@" 2>>"$0"', str(log), *argv]


def read(log: Path) -> list[dict[str, Any]]:
    """Return the lines, oldest first; one that is no JSON as ``{"event": "no JSON"}``."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            found.append({"event": "no JSON", "level": "error"})
    return found


def unexpected(lines: list[dict[str, Any]], allowed: frozenset[str] = TELEGRAM) -> Counter[str]:
    """Count what is neither below an error nor the trace of an ``allowed`` error."""
    found: Counter[str] = Counter()
    for line in lines:
        known = line["event"] in EXPECTED and line.get("error") in allowed
        if line.get("level") in {"error", "critical"} and not known:
            found[f"{line['event']} {line.get('error', '')} {line.get('place', '')}".strip()] += 1
    return found
