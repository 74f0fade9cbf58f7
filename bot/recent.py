"""What is kept in memory only: a person's last question, language and album."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

FOLLOW_UP_FOR: Final = timedelta(minutes=5)
HUSHED_FOR: Final = timedelta(minutes=1)
PEOPLE_KEPT: Final = 5000
T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A question with the language of its answer. It has no repr: it holds a pupil's words."""

    text: str
    lang: str
    at: datetime
    situation: str | None = None
    message_id: int = 0
    """The pupil's message, so that a button of an older answer does not take a later question."""
    keepable: bool = True
    """False for an account of something that happened and for danger: never kept."""


class Recent:
    """The last question per person; the least recent person is dropped first."""

    def __init__(self) -> None:
        self._asked: OrderedDict[int, Asked] = OrderedDict()
        self._langs: OrderedDict[int, str] = OrderedDict()
        self._albums: OrderedDict[int, tuple[str, int]] = OrderedDict()
        self._hushed: OrderedDict[int, datetime] = OrderedDict()

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
        self._albums.pop(telegram_id, None)
        self._hushed.pop(telegram_id, None)

    def speak(self, telegram_id: int, lang: str) -> None:
        """Remember the language a person chose."""
        _put(self._langs, telegram_id, lang)

    def answer_in(self, telegram_id: int, lang: str) -> None:
        """Let buttons of the last answer go on in ``lang``, which the person chose just now."""
        asked = self._asked.get(telegram_id)
        if asked:
            self._asked[telegram_id] = replace(asked, lang=lang)

    def opens_album(self, telegram_id: int, album: str, message_id: int) -> bool:
        """Tell whether a message is the first of its album; the same message stays the first."""
        known = self._albums.get(telegram_id)
        if known is None or known[0] != album:
            known = (album, message_id)
            _put(self._albums, telegram_id, known)
        return known[1] == message_id

    def hushes(self, telegram_id: int, now: datetime) -> bool:
        """Tell whether to ask a person for fewer messages: once a minute at most."""
        last = self._hushed.get(telegram_id)
        if last is not None and now - last < HUSHED_FOR:
            return False
        _put(self._hushed, telegram_id, now)
        return True

    def lang(self, telegram_id: int) -> str | None:
        """Return the language that is remembered."""
        return self._langs.get(telegram_id)


def _put(store: OrderedDict[int, T], key: int, value: T) -> None:
    store[key] = value
    store.move_to_end(key)
    if len(store) > PEOPLE_KEPT:
        store.popitem(last=False)
