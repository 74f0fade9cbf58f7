"""SQLite's one writer: a thread that carries out what waits together, in one transaction.

A transaction costs more than most of what is done in one, above all when it is written to the
disk. So whatever has come in while the last one was under way shares the next: the result of each
operation is given only after that common commit. When one of them fails nothing of it is kept, and
all are done again, each on its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.errors import DatabaseBusy, StorageError

log = structlog.get_logger(__name__)

TOGETHER: Final = 64
REMOVED: Final = "removed"  # in session.info: words are gone, so empty the log after the commit
LOG_WAIT_MILLISECONDS: Final = 100


@dataclass(slots=True)
class _Job:
    operation: Callable[..., Any]
    args: Any
    kwargs: Any
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    over: bool = False
    """Whether it was committed."""

    def tell(self) -> None:
        """Hand over what came of it, unless nobody waits any more."""
        if self.done.done():
            return
        if self.over:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error or StorageError("the writer's turn broke off"))


class Writer:
    """Runs operations (``operation(session, …)``) one after another in a thread of its own."""

    def __init__(self, engine: Engine, info: Callable[[], dict[str, Any]], wait: float) -> None:
        """``info``: what a session carries; ``wait``: seconds to wait for another process."""
        self.engine = engine
        self.thread: Executor = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._info = info
        self._wait = wait
        self._jobs: deque[_Job] = deque()
        self._removed = False
        """Whether words are gone that the log may still hold."""

    async def run(self, operation: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Return the result once it is committed.

        Raises DatabaseBusy when another process holds the lock for too long, and whatever the
        operation raises; then nothing of it is kept.
        """
        done = asyncio.get_running_loop().create_future()
        self._jobs.append(_Job(operation, args, kwargs, done))
        self.thread.submit(self._drain)
        return await done

    async def close(self) -> None:
        """Carry out what waits, and close the file."""
        await asyncio.get_running_loop().run_in_executor(self.thread, self.engine.dispose)
        self.thread.shutdown()

    def _drain(self) -> None:
        jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), TOGETHER))]
        wanted = [job for job in jobs if not job.done.cancelled()]
        try:
            if len(wanted) < 2 or not self._together(wanted):
                for job in wanted:
                    self._alone(job)
            if self._removed:
                self._after()
        finally:  # else they would wait for ever
            for loop in {job.done.get_loop() for job in wanted}:
                mine = [job for job in wanted if job.done.get_loop() is loop]
                loop.call_soon_threadsafe(_tell, mine)

    def _together(self, jobs: Sequence[_Job]) -> bool:
        """Do all in one transaction; False, with nothing kept, when that did not work."""
        removed = False
        try:
            with self.engine.begin() as connection:
                for job in jobs:
                    removed |= self._do(connection, job)
        except Exception:  # whose it is shows when each is done alone
            return False
        self._removed |= removed
        for job in jobs:
            job.over = True
        return True

    def _alone(self, job: _Job) -> None:
        try:
            with self.engine.begin() as connection:
                removed = self._do(connection, job)
            self._removed |= removed
            job.over = True
        except OperationalError as error:
            busy = any(word in str(error.orig) for word in ("locked", "busy"))
            job.error = DatabaseBusy("the database is locked by another process") if busy else error
        except BaseException as error:  # it travels to whoever waits for it
            job.error = error

    def _do(self, connection: Connection, job: _Job) -> bool:
        """Carry out one operation; tell whether it removed words."""
        with Session(connection, expire_on_commit=False, info=self._info()) as session:
            job.result = job.operation(session, *job.args, **job.kwargs)
            session.commit()  # into the common transaction
            return bool(session.info.get(REMOVED))

    def _after(self) -> None:
        """Empty the log after words were removed; at the next turn when that does not work now."""
        try:
            if self.engine.dialect.name == "sqlite":
                self._empty_log()
            self._removed = False
        except Exception as error:  # a disk that is full: what was done is committed all the same
            log.warning("log not emptied", error=type(error).__name__)

    def _empty_log(self) -> None:
        """Move SQLite's write-ahead log into the file and empty it: it still holds what is gone.

        A reader in another process, such as a backup, puts this off to the next time.
        """
        with self.engine.connect() as pooled:
            cursor = pooled.connection.cursor()  # no transaction may be open
            cursor.execute(f"PRAGMA busy_timeout={LOG_WAIT_MILLISECONDS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            cursor.execute(f"PRAGMA busy_timeout={int(self._wait * 1000)}")
            cursor.close()


def _tell(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.tell()
