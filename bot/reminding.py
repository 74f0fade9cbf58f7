"""Reminders that pupils asked for, at the time they chose, when there is something to repeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

import structlog

from bot.services import Services
from content.moments import Part, may_disturb, next_slot
from storage import reminders
from storage.reminders import GAP, ReminderView

log = structlog.get_logger(__name__)

LATE: Final = timedelta(hours=2)
"""A reminder that is so late (the bot was off) is skipped: the chosen time is over."""


def first_slot(services: Services, part: Part, standing: ReminderView | None) -> datetime:
    """Return when the first reminder may come after a pupil chose ``part``."""
    earliest = standing.earliest if standing else None
    return next_slot(services.school_clock, part, max(services.clock(), earliest or _LONG_AGO))


async def remind(services: Services) -> None:
    """Order every reminder whose time has come, where a rule is due."""
    for each in await services.db.run(reminders.due, services.clock()):
        try:
            await _step(services, each)
        except Exception as error:  # one wish must not stand in the way of the others
            log.error("reminder left as it was", error=type(error).__name__)
    services.wake_delivery.set()


async def _step(services: Services, each: ReminderView) -> None:
    clock, now, part = services.school_clock, services.clock(), cast("Part", each.part)
    # a little less than the gap, or the slot at the same time four days later would be missed
    after_gap = now + GAP - timedelta(minutes=30)
    await services.db.run(
        reminders.step,
        each.person_id,
        clock.local(now).date(),
        now,
        if_sent=next_slot(clock, part, after_gap),
        if_not=next_slot(clock, part, now),
        on_time=now - each.next_at <= LATE and may_disturb(clock, now),
    )


_LONG_AGO: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
