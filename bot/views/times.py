"""Times as people read them, in the school's zone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

DAYS: Final = {
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS: Final = {
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def day(when: date, lang: str) -> str:
    """Return e.g. "di 24 nov"."""
    return f"{DAYS[lang][when.weekday()]} {when.day} {MONTHS[lang][when.month - 1]}"


def moment(when: datetime, lang: str) -> str:
    """Return e.g. "di 24 nov 10:05"; ``when`` is in the school's zone already."""
    return f"{day(when, lang)} {when:%H:%M}"
