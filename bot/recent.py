"""What is kept in memory only: the last question of a person and the language they use."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

FOLLOW_UP_FOR: Final = timedelta(minutes=5)
PEOPLE_KEPT: Final = 5000
T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A question with the language of its answer. It has no repr: it holds a pupil's words."""

    text: str
    lang: str
    at: datetime
    situation: str | None = None


class Recent:
    """The last question per person; the least recent person is dropped first."""

    def __init__(self) -> None:
        self._asked: OrderedDict[int, Asked] = OrderedDict()
        self._langs: OrderedDict[int, str] = OrderedDict()

    def ask(self, telegram_id: int, asked: Asked) -> None:
        """Remember a question."""
        _put(self._asked, telegram_id, asked)

    def last(self, telegram_id: int, now: datetime) -> Asked | None:
        """Return the last question if it is at most five minutes old."""
        asked = self._asked.get(telegram_id)
        if asked is None or now - asked.at > FOLLOW_UP_FOR:
            return None
        return asked

    def forget(self, telegram_id: int) -> None:
        """Drop all that is known of a person."""
        self._asked.pop(telegram_id, None)
        self._langs.pop(telegram_id, None)

    def speak(self, telegram_id: int, lang: str) -> None:
        """Remember the language a person chose."""
        _put(self._langs, telegram_id, lang)

    def lang(self, telegram_id: int) -> str | None:
        """Return the language that is remembered."""
        return self._langs.get(telegram_id)


def _put(store: OrderedDict[int, T], key: int, value: T) -> None:
    store[key] = value
    store.move_to_end(key)
    if len(store) > PEOPLE_KEPT:
        store.popitem(last=False)
