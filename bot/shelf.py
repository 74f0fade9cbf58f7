"""The inbox as this process sees it: what is at hand, and what was handled and is to be cleared.

An update that was handled is cleared from the inbox together with others, in the transaction that
stores the next batch or a moment later: a question costs no transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

import structlog

from bot.errors import place_of
from bot.intake import Json, user_of
from bot.services import Services
from storage import batch
from storage.inbox import TakenIn

log = structlog.get_logger(__name__)

CLEAR_SECONDS: Final = 0.05
"""So long a handled update stays in the inbox at most; after a crash it is handled again."""
AGAIN_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 20
"""So many updates of one person may wait; those beyond are ``surplus``."""


class Shelf:
    """Keeps account of updates from storing to clearing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._at_hand: set[int] = set()
        self._handled: list[int] = []
        self._under_way: Counter[int | None] = Counter()
        """How many updates of each person are begun and not at their end."""
        self._timer: asyncio.TimerHandle | None = None
        self._clearing: asyncio.Task[None] | None = None
        self.lock = asyncio.Lock()
        """Held while the inbox is changed, and from reading it until what was read is begun."""
        self.left = False
        """Whether what was handled could not be cleared."""

    def __contains__(self, update_id: int) -> bool:
        """Tell whether an update is at hand: begun, or handled and not cleared yet."""
        return update_id in self._at_hand

    async def store(self, updates: Sequence[Json]) -> list[Json]:
        """Store updates, clear what was handled, and return the updates that are new.

        The same transaction looks who is in a dialogue. Of a person who has nothing under way it
        still holds when their first update is handled: that is ``quiet``.
        """
        rows = [TakenIn(each["update_id"], user_of(each), each) for each in updates]
        async with self.lock:
            first = self._first(updates)
            found = await self._exchange(rows, list(first))
        new = set(found.new)
        self._services.quiet |= new & {first[who] for who in first if who not in found.busy}
        return [update for update in updates if update["update_id"] in new]

    def _first(self, updates: Sequence[Json]) -> dict[int, int]:
        """Return the first update of each person who has nothing under way."""
        first: dict[int, int] = {}
        for update in updates:
            person = user_of(update)
            if person is not None and not self._under_way[person]:
                first.setdefault(person, update["update_id"])
        return first

    def has_under_way(self, person: int) -> bool:
        """Tell whether an update of a person is begun and not at its end."""
        return self._under_way[person] > 0

    def begin(self, update: Json) -> None:
        """Note that an update is at hand."""
        number, person = update["update_id"], user_of(update)
        self._at_hand.add(number)
        if self._under_way[person]:  # what waited for the database goes before it
            self._services.quiet.discard(number)
        self._under_way[person] += 1
        if self._under_way[person] > MOST_AT_ONCE:
            self._services.surplus.add(number)

    def end(self, update: Json, *, handled: bool) -> None:
        """Note that an update came to its end; one that was not handled stays in the inbox."""
        number, person = update["update_id"], user_of(update)
        self._under_way[person] -= 1
        if not self._under_way[person]:  # else all pupils would pile up
            del self._under_way[person]
        self._services.quiet.discard(number)
        self._services.surplus.discard(number)
        if not handled:
            self._at_hand.discard(number)
            return
        self._handled.append(number)
        self._soon(CLEAR_SECONDS)

    async def clear(self) -> None:
        """Clear what was handled from the inbox, now and not in a moment.

        What cannot be cleared is ``left``.
        """
        if self._timer:  # else it fires when the process is already stopping
            self._timer.cancel()
            self._timer = None
        if self._clearing:
            await self._clearing
        await self._cleared()

    async def _exchange(
        self, rows: Sequence[TakenIn] = (), people: Sequence[int] = ()
    ) -> batch.Exchanged:
        handled, self._handled = self._handled, []
        now = self._services.clock()
        try:
            found = await self._services.db.run(batch.exchange, handled, rows, people, now)
        except BaseException:
            self._handled = [*handled, *self._handled]
            raise
        self._at_hand.difference_update(handled)
        return found

    def _soon(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if not self._clearing:
            self._clearing = asyncio.create_task(self._cleared())

    async def _cleared(self) -> None:
        try:
            async with self.lock:
                if self._handled:
                    await self._exchange()
            self.left = False
        except Exception as error:  # the database is away: tried again, and when polling resumes
            self.left = True
            self._soon(AGAIN_SECONDS)
            log.error("updates not cleared", error=type(error).__name__, place=place_of(error))
        finally:
            self._clearing = None
