"""Dutch public holidays: days on which no school is open.

Those of article 3 of the Algemene termijnenwet, with Good Friday and both Sundays. Liberation Day
(5 May) counts every fifth year only, as in the package ``holidays``, which the tests compare with:
it keeps the calendars of the whole world in memory.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dateutil.easter import easter

FROM_EASTER: Final = (-2, 0, 1, 39, 49, 50)
"""Good Friday, Easter Sunday and Monday, Ascension Day, Whit Sunday and Monday."""
FIXED: Final = ((1, 1), (12, 25), (12, 26))
SUNDAY: Final = 6


@lru_cache(maxsize=16)
def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year from 2014, when King's Day became what it is."""
    moving = {easter(year) + timedelta(days=days) for days in FROM_EASTER}
    fixed = {date(year, month, day) for month, day in FIXED}
    liberation = {date(year, 5, 5)} if year % 5 == 0 else set()
    return frozenset(moving | fixed | liberation | {_kings_day(year)})


def _kings_day(year: int) -> date:
    """27 April, or the day before when that is a Sunday."""
    day = date(year, 4, 27)
    return day - timedelta(days=day.weekday() == SUNDAY)
