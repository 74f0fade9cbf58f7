"""Turns of chats over all replicas: locks in PostgreSQL's memory, so a turn writes nothing.

They belong to a connection, so a replica that dies gives its turns back at once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Cast, Integer, Select, cast, func, select
from sqlalchemy.exc import DBAPIError

from storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SPACE: Final = 7_165_225  # any number: locks of two numbers are a kind of their own
PATIENCE_SECONDS: Final = 2.0


class Turns:
    """Takes and gives back the turn of a chat. Only for PostgreSQL."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._connection: AsyncConnection | None = None
        self._one = asyncio.Lock()

    async def take(self, chat_id: int) -> bool:
        """Take the turn of a chat; False while another replica has it.

        True as well while the database is away: what answers pupils must not stop for that.
        """
        return await self._ask(select(func.pg_try_advisory_lock(*_key(chat_id))))

    async def give_back(self, chat_id: int) -> None:
        """Give a turn back; a turn whose connection was lost is given back already."""
        await self._ask(select(func.pg_advisory_unlock(*_key(chat_id))))

    async def close(self) -> None:
        """Give everything back. The connection may live on in the pool, its locks may not."""
        if self._connection is not None:
            await self._ask(select(func.pg_advisory_unlock_all()))
        async with self._one:
            if self._connection is not None:
                await self._connection.close()
            self._connection = None

    async def _ask(self, question: Select[Any]) -> bool:
        async with self._one:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    if self._connection is None:
                        self._connection = await self._db.connection()
                    return bool(await self._connection.scalar(question))
            except (DBAPIError, OSError, TimeoutError):
                await self._drop()
                return True
            except asyncio.CancelledError:  # in mid-question a connection is of no use any more
                await self._drop()
                raise

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError, OSError):
                await connection.invalidate()
                await connection.close()


def _key(chat_id: int) -> tuple[Cast[int], Cast[int]]:
    """Return a chat's lock; chats that share one by chance wait for each other."""
    return cast(SPACE, Integer), cast(chat_id % (2**31 - 1), Integer)
