"""Logs: structured, and without message text, names or tokens.

An error is logged as its type and place, since the words of an error may hold a pupil's. What
libraries log below WARNING is dropped: httpx would log addresses, and those hold the bot's token.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from bot.errors import place_of

NOISY: Final = ("httpx", "httpcore", "telegram", "uvicorn", "sqlalchemy", "alembic", "asyncio")


def configure(fmt: str, level: str) -> None:
    """Set up logging for a process: ``fmt`` "console" or "json"."""
    render: Any = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_traceback,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            foreign_pre_chain=[*shared, library_words_dropped],
        )
    )
    logging.raiseExceptions = False  # a line that cannot be written would be shown with its words
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_traceback(
    _: object, __: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its type and place."""
    info = entry.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if isinstance(info, tuple):
        error = info[1]
    if error is not None:
        entry["error"], entry["place"] = type(error).__name__, place_of(error)
    return entry


def library_words_dropped(
    _: object, __: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep of a library's log line only who logged it: its words may hold a pupil's."""
    record = entry.get("_record")
    if record is not None:
        entry["event"] = f"{record.name}:{record.funcName}:{record.lineno}"
    return entry
