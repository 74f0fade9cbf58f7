"""A clock that can be moved, shared with the bot's process through a small file.

The file holds the offset from the real time in seconds as text ("86400"). The bot reads it when
``VUISTREGEL_DEMO_CLOCK`` names it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


class Clock:
    """The time of the playground: the real time and an offset in seconds."""

    def __init__(self, path: Path | None = None, real: Callable[[], float] = time.time) -> None:
        self.path = path
        self.offset = 0.0
        self._real = real
        if path is not None:
            self.move(0)

    def now(self) -> float:
        """Return the moved time, in seconds since 1970 (UTC)."""
        return self._real() + self.offset

    def move(self, offset: float) -> None:
        """Set the offset, in seconds, and write it to the file in one step."""
        self.offset = float(offset)
        if self.path is None:
            return
        draft = self.path.with_suffix(".new")
        draft.write_text(f"{self.offset:.0f}\n", encoding="ascii")
        os.replace(draft, self.path)
