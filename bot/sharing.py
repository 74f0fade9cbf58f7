"""This replica's part of Telegram's limits, where several share one PostgreSQL.

Two cheap ways through the database: a lease of so many sends a second, renewed once a second
whatever is sent; and while there are other replicas a lock per chat, which writes nothing.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Final, Protocol

import structlog

from storage import shares
from storage.database import Database
from storage.turns import Turns

log = structlog.get_logger(__name__)

COOLING_SECONDS: Final = 3.0
"""So long before its lease ends a replica stops using it: what it sent last must have stopped to
count when others get that part."""
WITHOUT_LEASE: Final = 1
"""Sends a second without a lease; ``shares.SPARE`` is kept free for it."""


class Sharing(Protocol):
    """What the limiter asks of the other replicas."""

    @property
    def crowded(self) -> bool:
        """Tell whether there are others, so that chats must take turns."""

    @property
    def sends(self) -> int:
        """Return how many sends this replica may make in any second now."""

    async def renew(self, wanted: int, used: int) -> None:
        """Ask for a part again: ``wanted`` sends wait, ``used`` were made in the last second."""

    async def take(self, chat_id: int) -> bool:
        """Take a chat's turn; False while another replica has it."""

    async def give_back(self, chat_id: int) -> None:
        """Give a chat's turn back."""

    async def close(self) -> None:
        """Give everything back."""


class Leased:
    """A part that is leased in PostgreSQL."""

    def __init__(self, db: Database, overall: int) -> None:
        self._db, self._overall = db, overall
        self._name = uuid.uuid4().hex
        self._turns = Turns(db)
        self._sends, self._until = 0, 0.0
        self.crowded = False

    @property
    def sends(self) -> int:
        """Return how many sends this replica may make in any second now."""
        live = asyncio.get_running_loop().time() < self._until  # also after it was frozen
        return self._sends if live else WITHOUT_LEASE

    async def renew(self, wanted: int, used: int) -> None:
        """Renew the lease; while the database is away the last one runs out."""
        now = asyncio.get_running_loop().time()  # counted from before it was asked for
        least = max(used, self.sends)  # which may be used while it is asked for
        try:
            found = await self._db.run(shares.renew_now, self._name, self._overall, wanted, least)
        except Exception as error:  # answers must outlive a database that is away for a while
            log.warning("no share of the limit", error=type(error).__name__)
            return
        self._sends = found.sends
        self._until = now + shares.LEASE.total_seconds() - COOLING_SECONDS
        self.crowded = found.others > 0

    async def take(self, chat_id: int) -> bool:
        """Take a chat's turn; False while another replica has it."""
        return await self._turns.take(chat_id)

    async def give_back(self, chat_id: int) -> None:
        """Give a chat's turn back."""
        await self._turns.give_back(chat_id)

    async def close(self) -> None:
        """Give everything back, so that the others need not wait for the lease to end."""
        await self._turns.close()
        try:
            await self._db.run(shares.give_back, self._name)
        except Exception as error:
            log.warning("share not given back", error=type(error).__name__)
