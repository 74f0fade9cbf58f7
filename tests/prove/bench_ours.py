"""Our bot without the second that a chat waits between two messages.

``python -m tests.prove.bench_ours``: everything else is ``vuistregel run``, the limiter's own work
included. The limit for all chats is a setting, which the bench sets high.
"""

from __future__ import annotations

import sys

from bot import ratelimit
from bot.cli import run

if __name__ == "__main__":
    ratelimit.SECOND = 0.0  # type: ignore[misc]
    sys.exit(run(["run"]))
