"""Commands that work on the database: opened with the settings, closed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.bootstrap import open_database
from bot.settings import Settings, load_settings
from storage import migration
from storage.database import Database

T = TypeVar("T")


def with_database(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    """Open the database of the settings, check its version, do ``work``, close it.

    A SQLite file is brought up to date first, as ``run`` does.
    """
    settings = load_settings()
    return asyncio.run(_do(work, settings))


async def _do(work: Callable[[Database, Settings], Awaitable[T]], settings: Settings) -> T:
    db = open_database(settings)
    try:
        if db.is_sqlite:
            url = settings.database_url.get_secret_value()
            await asyncio.to_thread(migration.upgrade, url)
        await db.run(migration.check)
        return await work(db, settings)
    finally:
        await db.close()
