"""Threads that carry out what waits together, in one transaction.

A transaction costs more than most of what is done in one: it is written to the disk, and on
PostgreSQL each of its steps is a message there and back. So whatever has come in while the last one
was under way shares the next: the result of each operation is given only after that common commit.
When it fails nothing of it is kept, and all are done again, each on its own: but not when the
database was lost, since then nobody knows whether the last commit came through.

SQLite has one thread, since it has one writer. On PostgreSQL one thread works as well, which makes
for the largest transactions; only when it is held up, by a row that another replica has locked or a
database that is away, do others take over what waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from storage.errors import DatabaseBusy, StorageError

log = structlog.get_logger(__name__)

TOGETHER: Final = 64
REMOVED: Final = "removed"  # in session.info: words are gone, so empty the log after the commit
LOG_WAIT_MILLISECONDS: Final = 100
LOG_AGAIN_SECONDS: Final = 5.0
HELD_UP_SECONDS: Final = 0.05
"""When nothing was begun for so long while something waits, another thread takes a turn."""
MOST_TRIES: Final = 5
AGAIN: Final = {"40001", "40P01"}  # serialization failure, deadlock
LOCK_TIMEOUT: Final = "55P03"
LOCK_MILLISECONDS: Final = 100
"""So long a common transaction waits for another's lock, which holds up all who share it."""
PATIENT_MILLISECONDS: Final = 5_000


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
    failures: int = 0
    """How often it was undone; after the first time it is done on its own."""

    def tell(self) -> None:
        """Hand over what came of it, unless nobody waits any more."""
        if self.done.done():
            return
        if self.over:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error or StorageError("the writer's turn broke off"))


class Writer:
    """Runs operations (``operation(session, …)``) in threads of its own."""

    def __init__(
        self, engine: Engine, info: Callable[[], dict[str, Any]], wait: float, *, threads: int = 1
    ) -> None:
        """``info``: what a session carries; ``wait``: seconds to wait for another process."""
        self.engine = engine
        self.thread: Executor = ThreadPoolExecutor(threads, thread_name_prefix="writer")
        self._threads = threads
        self._info = info
        self._wait = wait
        self._lock = Lock()
        self._jobs: deque[_Job] = deque()
        self._turns = 0
        """How many threads are at work."""
        self._begun = 0.0
        """When one of them last took something in hand."""
        self._watch: asyncio.AbstractEventLoop | None = None
        """The loop that looks in ``HELD_UP_SECONDS`` whether another turn is needed."""
        self._removed = False
        """Whether words are gone that SQLite's log may still hold."""
        self._empty_from = 0.0
        """When it is tried to empty the log."""

    async def run(self, operation: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Return the result once it is committed.

        Raises DatabaseBusy when another process holds SQLite's lock for too long, and whatever the
        operation raises; then nothing of it is kept.
        """
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        with self._lock:
            self._jobs.append(_Job(operation, args, kwargs, done))
            idle = not self._turns
            self._turns += idle
        if idle:
            try:
                self.thread.submit(self._turn)
            except RuntimeError:  # closed: who comes later must hear so, too
                with self._lock:
                    self._turns -= 1
                    self._jobs.pop()
                raise
        elif self._threads > 1 and (self._watch is None or self._watch.is_closed()):
            self._watch = loop
            loop.call_later(HELD_UP_SECONDS, self._look)
        return await done

    async def close(self) -> None:
        """Carry out what waits, and close the connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.thread.shutdown()
        self.engine.dispose()

    def _look(self) -> None:
        """Begin another turn when all are held up; look again while something waits."""
        loop, self._watch = self._watch, None
        with self._lock:
            waiting = bool(self._jobs)
            held_up = monotonic() - self._begun > HELD_UP_SECONDS
            more = waiting and held_up and self._turns < self._threads
            self._turns += more
        if more:
            self.thread.submit(self._turn)
        if waiting and loop:
            self._watch = loop
            loop.call_later(HELD_UP_SECONDS, self._look)

    def _turn(self) -> None:
        """Work until nothing waits."""
        jobs: Sequence[_Job] = ()
        try:
            while jobs := self._take():
                _tell(self._drain([job for job in jobs if not job.done.cancelled()]))
        except BaseException:  # who waits must not do so for ever
            with self._lock:
                self._turns -= 1
            _tell(jobs)
            raise

    def _take(self) -> list[_Job]:
        """Return what is done next: what failed is on its own. Empty: this turn is at its end."""
        with self._lock:
            self._begun = monotonic()
            jobs: list[_Job] = []
            while self._jobs and len(jobs) < TOGETHER:
                if jobs and self._jobs[0].failures:
                    break
                jobs.append(self._jobs.popleft())
                if jobs[0].failures:
                    break
            self._turns -= not jobs
            return jobs

    def _drain(self, jobs: Sequence[_Job]) -> Sequence[_Job]:
        """Do what waited; return those of whom it is known what came of it."""
        try:
            if jobs:
                self._carry_out(jobs)
        except BaseException as error:  # it travels to whoever waits for it
            jobs = self._undone(jobs, error)
        if self._removed and monotonic() >= self._empty_from:
            self._after()
        return jobs

    def _carry_out(self, jobs: Sequence[_Job]) -> None:
        """Do all in one transaction."""
        removed = False
        with self.engine.begin() as connection:
            if jobs[0].failures and self._threads > 1:  # on its own it may wait longer
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENT_MILLISECONDS}")
            for job in jobs:
                removed |= self._do(connection, job)
        self._removed |= removed
        for job in jobs:
            job.over = True

    def _undone(self, jobs: Sequence[_Job], error: BaseException) -> Sequence[_Job]:
        """Put what failed back, to be done on its own; return what is not done again.

        Whose error it was shows when each is done alone.
        """
        again = not _is_lost(error) and (len(jobs) > 1 or _is_for_again(error, jobs[0]))
        for job in jobs:
            job.failures += 1
            job.error = _told(error)
        if not again:
            return jobs
        with self._lock:
            self._jobs.extendleft(reversed(jobs))
        return ()

    def _do(self, connection: Connection, job: _Job) -> bool:
        """Carry out one operation; tell whether it removed words."""
        with Session(connection, expire_on_commit=False, info=self._info()) as session:
            job.result = job.operation(session, *job.args, **job.kwargs)
            session.commit()  # into the common transaction
            return bool(session.info.get(REMOVED))

    def _after(self) -> None:
        """Empty the log after words were removed; some turns later when that does not work now."""
        self._empty_from = monotonic() + LOG_AGAIN_SECONDS
        try:
            self._removed = self.engine.dialect.name == "sqlite" and not self._empty_log()
            if not self._removed:
                self._empty_from = 0.0
        except Exception as error:  # a disk that is full: what was done is committed all the same
            log.warning("log not emptied", error=type(error).__name__)

    def _empty_log(self) -> bool:
        """Move SQLite's write-ahead log into the file and empty it: it still holds what is gone.

        False while a reader in another process, such as a backup, is in the way.
        """
        with self.engine.connect() as pooled:
            cursor = pooled.connection.cursor()  # no transaction may be open
            cursor.execute(f"PRAGMA busy_timeout={LOG_WAIT_MILLISECONDS}")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute(f"PRAGMA busy_timeout={int(self._wait * 1000)}")
            cursor.close()
        return not busy


def _is_lost(error: BaseException) -> bool:
    """Tell whether PostgreSQL could not be reached or went away: the callers hear so at once."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.orig
    return not _is_of_sqlite(cause) and _state(cause) not in {*AGAIN, LOCK_TIMEOUT}


def _is_of_sqlite(cause: object) -> bool:
    return type(cause).__module__ == "sqlite3"  # which is not loaded beside PostgreSQL


def _state(cause: object) -> str | None:
    return getattr(cause, "sqlstate", None)


def _is_for_again(error: BaseException, job: _Job) -> bool:
    """Tell whether an operation that was alone is to be done again."""
    state = _state(error.orig) if isinstance(error, DBAPIError) else None
    if state == LOCK_TIMEOUT:
        return not job.failures  # the next time it waits longer
    return state in AGAIN and job.failures + 1 < MOST_TRIES


def _told(error: BaseException) -> BaseException:
    """Return the error as the caller is to see it."""
    cause = error.orig if isinstance(error, OperationalError) else None
    if _is_of_sqlite(cause) and any(w in str(cause) for w in ("locked", "busy")):
        return DatabaseBusy("the database is locked by another process")
    return error


def _tell(jobs: Sequence[_Job]) -> None:
    """Hand over to each what came of it, in the loop where it waits."""
    for loop in {job.done.get_loop() for job in jobs}:
        with suppress(RuntimeError):  # nobody waits in a loop that is closed
            mine = [job for job in jobs if job.done.get_loop() is loop]
            loop.call_soon_threadsafe(_tell_here, mine)


def _tell_here(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.tell()
