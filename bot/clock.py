"""Where the time comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)


def movable_clock(file: Path) -> Clock:
    """Return a clock that is off by the number of seconds in ``file`` (the playground's)."""

    def now() -> datetime:
        try:
            offset = float(file.read_text())
        except (OSError, ValueError):  # no file yet, or it is just being written
            offset = 0.0
        return datetime.now(UTC) + timedelta(seconds=offset)

    return now
