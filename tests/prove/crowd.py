"""A school full of phones in the stand-in's own process: pupils who ask, practise and report."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from sqlalchemy.orm import Session

from bot.demo import actions
from bot.demo.errors import ApiError
from bot.demo.state import BOT_ID, Person, State, Stored
from storage import access, classes, migration, people, roster, roster_file, staff
from storage.crypto import Vault
from storage.database import Database

FIRST_PUPIL: Final = 100_000
FIRST_MENTOR: Final = 90_000
HEADER: Final = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code"
NUMBER: Final = re.compile(r"M-\d+-\d+")
PATIENCE: Final = 30.0
"""Seconds after which a pupil who sees nothing tries again."""
PAUSE: Final = 1.2
"""A pupil acts when the bot has said nothing more for so long."""
STEPS: Final = 60
CHOICES: Final = {"staff": "no", "danger": "no", "preview": "send"}
PASSED: Final = frozenset({"again", "skip", "change", "stop"})
TOLD: Final = ("iemand zet stiekem een filmpje van mij in de groepsapp", "gisteren na school")
QUESTIONS: Final = (
    "mag ik een foto van mijn klas op insta zetten?",
    "mag mijn telefoon aan in de les",
    "can I post a video of my teacher",
    "mag ik een screenshot van de groepsapp doorsturen",
    "wat als iemand mij uitscheld op snap",
    "mag je iemand zonder toestemming filmen",
    "hoe laat begint de toets morgen",
    "asdf ;;; ?",
    "/regels",
    "/help",
)


async def school(url: str, key: str, pupils: int, groups: int) -> None:
    """Make an SQLite database with a school in it, before a bot uses it."""
    migration.upgrade(url)
    db = Database(url, Vault.from_setting(key))
    try:
        await db.run(fill, datetime.now(UTC), pupils, groups)
    finally:
        await db.close()


def fill(session: Session, now: datetime, pupils: int, groups: int) -> None:
    """Put ``groups`` classes with a mentor each, and ``pupils`` over them, in the database."""
    rows = [f"K{n};Mentor Nummer{n};M{n};;" for n in range(groups)]
    roster.apply(session, roster_file.read("\n".join([HEADER, *rows]).encode()), now)
    session.flush()
    labels = {each.label: each.id for each in classes.active(session)}
    for number in range(groups):
        member = staff.by_code(session, f"M{number}")
        if member is None:
            raise LookupError(number)
        link = access.invite(session, member.id, now)
        session.flush()
        access.open_invite(session, link, FIRST_MENTOR + number, now)
        session.flush()
        access.confirm(session, member.id, now)
    for number in range(pupils):
        name = f"Pupil Nummer{number}"
        people.join_class(session, FIRST_PUPIL + number, labels[f"K{number % groups}"], name, now)


def phones(state: State, pupils: int, groups: int) -> list[Pupil]:
    """Give everybody a phone and return the pupils."""
    for number in range(groups):
        state.add_person(Person(f"m{number}", FIRST_MENTOR + number, "Mentor", started=True))
    return [
        Pupil(state, state.add_person(Person(f"p{n}", FIRST_PUPIL + n, "Pupil", started=True)))
        for n in range(pupils)
    ]


@dataclass
class Pupil:
    """One pupil with a phone. ``sent``: whether "Versturen" was tapped."""

    state: State
    person: Person
    seen: int = 0
    sent: bool = False
    pause: float = PAUSE

    def say(self, text: str) -> None:
        """Type something."""
        self._mark()
        actions.say(self.state, self.person, {"text": text})

    async def report(self) -> bool:
        """Make one report to its end; False when no number came after many tries."""
        self.say("/melden")
        told = iter(TOLD)
        for _ in range(STEPS):
            await self.answer()
            if self.number():
                return True
            self._next_step(told)
        return False

    async def answer(self) -> bool:
        """Wait until the bot has said what it has to say; False when patience ends before."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while not self.has_news() and loop.time() < end:
            await asyncio.sleep(0.05)
        last = -1
        while last != (last := max((each.stamp for each in self._said()), default=0)):
            await asyncio.sleep(self.pause)
        return self.has_news()

    def number(self) -> str | None:
        """Return the number of the report, once the bot told it."""
        found = (NUMBER.search(str(each.wire.get("text", ""))) for each in self._said())
        return next((match[0] for match in found if match), None)

    def tap_any(self, rng: Random) -> bool:
        """Tap one of the buttons of the last message; False where there is none."""
        last = next(reversed(self._said()), None)
        found = [data for _, data in _buttons(last)] if last else []
        if last is None or not found:
            return False
        self._tap(last, rng.choice(found))
        return True

    def vote(self, rng: Random) -> bool:
        """Vote in the last poll, where one waits."""
        polls = [each for each in self._said() if "poll" in each.wire]
        if not polls:
            return False
        self._mark()
        given = {"message_id": polls[-1].wire["message_id"], "options": [rng.randrange(2)]}
        with suppress(ApiError):  # voted there already
            actions.vote(self.state, self.person, given)
        return True

    def heard(self) -> int:
        """Return how many messages of the bot stand in the chat."""
        return len(self._said())

    def forget(self, keep: int) -> None:
        """Wipe all but the last messages of the chat, as nobody scrolls back that far."""
        messages = self.state.chats[self.person.id].messages
        for number in sorted(messages)[:-keep]:
            del messages[number]

    def _next_step(self, told: Iterator[str]) -> None:
        for each in reversed(self._said()):
            steps = [data.split(":") for _, data in _buttons(each) if data.startswith("draft:")]
            fitting = [step for step in steps if len(step) == 4 and step[3] not in PASSED]
            if fitting:
                wanted = CHOICES.get(fitting[0][2])
                chosen = next((step for step in fitting if step[3] == wanted), fitting[0])
                self.sent = self.sent or chosen[2] == "preview"
                self._tap(each, ":".join(chosen))
                return
            if steps:
                break
        self.say(next(told, "in de pauze"))

    def _tap(self, message: Stored, data: str) -> None:
        self._mark()
        given = {"message_id": message.wire["message_id"], "data": data}
        actions.tap(self.state, self.person, given)

    def _mark(self) -> None:
        self.seen = self.state.bell.count

    def has_news(self) -> bool:
        """Tell whether the bot said or changed something since this pupil's last act."""
        return any(each.stamp > self.seen for each in self._said())

    def _said(self) -> list[Stored]:
        messages = self.state.chats[self.person.id].messages.values()
        return [each for each in messages if each.sender == BOT_ID]


async def until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so; tell whether it came to that within ``seconds``."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (done := true()) and loop.time() < end:
        await asyncio.sleep(0.05)
    return done


def _buttons(message: Stored) -> list[tuple[str, str]]:
    rows: list[list[dict[str, Any]]] = message.wire.get("reply_markup", {}).get(
        "inline_keyboard", []
    )
    return [(b["text"], b["callback_data"]) for row in rows for b in row if "callback_data" in b]
