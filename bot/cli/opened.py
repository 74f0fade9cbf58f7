"""Commands that work on the database: opened with the settings, closed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from storage.database import Database

T = TypeVar("T")


def with_database(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    """Open the database of the settings, check version and key, do ``work``, close it.

    A SQLite file is brought up to date first, as ``run`` does.
    """
    return asyncio.run(_do(work, load_settings()))


async def _do(work: Callable[[Database, Settings], Awaitable[T]], settings: Settings) -> T:
    from bot.bootstrap import open_database
    from bot.prepare import prepare_database

    db = open_database(settings)
    try:
        await prepare_database(db)
        return await work(db, settings)
    finally:
        await db.close()
