"""The bot as the proof runs it: ``python -m tests.prove.victim [SAFEGUARD]``.

The bot itself, but its HTTP client gives up sooner, it can kill itself around a transaction, and
one safeguard can be off (see ``unsafe``). What it writes goes to a file beside the playground's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from telegram.error import TimedOut
from telegram.request import HTTPXRequest

from bot import bootstrap, polling
from bot.cli import main
from bot.handling import Handling
from storage.database import Database
from tests.prove.kills import HANDLING, Point
from tests.prove.unsafe import SAFEGUARDS

POINT, FOLDER, WAITS = "PROOF_POINT", "PROOF_FOLDER", "PROOF_WAITS"
FUSE, TIMEOUTS, SAID = "fuse", "time-outs", "said"
LONG_POLL: Final = 1


def setting(point: Point) -> str:
    """Return the point as the process is told it."""
    return f"{point.phase} {point.place} {point.nth}" if point.in_process else ""


class Trap:
    """Kills this process at its point, as long as the fuse lies there: so once."""

    def __init__(self, told: str, fuse: Path) -> None:
        self._phase, self.place, nth = told.split()
        self._left = int(nth)
        self._fuse = fuse

    def passes(self, phase: str) -> None:
        """Note that the process comes by ``phase`` of the place."""
        if phase != self._phase or not self._fuse.exists():
            return
        self._left -= 1
        if self._left <= 0:
            self._fuse.unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)

    def set_around_transactions(self) -> None:
        """Lie in wait around the transactions of one operation."""
        run = Database.run

        async def watched(db: Database, operation: Callable[..., Any], *a: Any, **k: Any) -> Any:
            module = operation.__module__.removeprefix("storage.")
            if f"{module}.{operation.__name__}" != self.place:
                return await run(db, operation, *a, **k)

            def inside(session: Any, *args: Any, **kwargs: Any) -> Any:
                result = operation(session, *args, **kwargs)
                session.flush()
                self.passes("inside")
                return result

            self.passes("before")
            result = await run(db, inside, *a, **k)
            self.passes("after")
            return result

        Database.run = watched  # type: ignore[method-assign, assignment]

    def set_around_handling(self) -> None:
        """Lie in wait around the handling of an update of a webhook."""
        now = Handling.now

        async def watched(handling: Handling, raw: Any) -> bool:
            self.passes("before")
            settled = await now(handling, raw)
            self.passes("after")
            return settled

        Handling.now = watched  # type: ignore[method-assign, assignment]


class Hasty(HTTPXRequest):
    """Gives up sooner, and writes down to whom a message then was."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "read_timeout": float(os.environ[WAITS])})

    async def do_request(
        self, url: str, method: str, request_data: Any = None, *times: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Do as the library does."""
        try:
            return await super().do_request(url, method, request_data, *times, **named)
        except TimedOut:
            if url.endswith("/sendMessage"):
                with (Path(os.environ[FOLDER]) / TIMEOUTS).open("a") as file:
                    file.write(f"{request_data.parameters['chat_id']}\n")
            raise


def prepare(folder: Path, told: str) -> None:
    """Make this process the victim."""
    said = os.open(folder / SAID, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 2)
    vars(bootstrap).update(HTTPXRequest=Hasty)
    vars(polling).update(WAIT_SECONDS=LONG_POLL, READ_SECONDS=LONG_POLL + 1)
    if told:
        trap = Trap(told, folder / FUSE)
        if trap.place == HANDLING:
            trap.set_around_handling()
        else:
            trap.set_around_transactions()


def begin(safeguards: Sequence[str], env: Mapping[str, str], folder: str) -> None:
    """Run the bot in ``folder`` and end with its exit code. ``safeguards``: those to switch off."""
    os.environ.update(env)
    os.chdir(folder)
    for safeguard in safeguards:
        SAFEGUARDS[safeguard]()
    prepare(Path(folder), env.get(POINT, ""))
    main(["run"])


if __name__ == "__main__":
    begin(sys.argv[1:], dict(os.environ), os.environ[FOLDER])
