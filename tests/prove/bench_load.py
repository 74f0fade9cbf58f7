"""Who writes what in the bench: people in a closed loop, each with one thing under way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from time import perf_counter, time
from typing import Any, Final, TypedDict

FIRST_PERSON: Final = 50_000
FLOODER: Final = 49_999
FLOOD: Final = 100
FLOOD_SECONDS: Final = 1.0
PATIENCE: Final = 300.0
VERSION: Final = re.compile(r"draft:(\d+):")
QUESTIONS: Final = (
    "mag ik een foto van mijn klas op insta zetten?",
    "mag mijn telefoon aan in de les",
    "mag ik in de kantine op mn mobiel",
    "can I post a video of my teacher",
    "mag ik een screenshot van de groepsapp doorsturen",
    "wat als iemand mij uitscheld op snap",
    "mag je iemand zonder toestemming filmen",
    "mag ik mijn mentor volgen op instagram",
    "waar zijn social media goed voor",
    "mag ik een docent een vriendschapsverzoek sturen",
)
Push = Callable[[str, dict[str, Any]], None]


class Measured(TypedDict):
    """One load: ``steps`` in ``seconds``, and how long a person waited for the answer (ms)."""

    steps: int
    seconds: float
    median: float
    p99: float
    extra: int
    """Messages to the flooding person."""
    all_steps: int
    """With those before and after the measuring."""
    cpu: float
    """Milliseconds of the bot's processor time per step, filled in by ``Bot.play``."""


@dataclass(frozen=True)
class Step:
    """What a person does, and after how many messages of the bot it is done."""

    say: str = ""
    tap: str = ""
    answers: int = 1


ASKING: Final = tuple(Step(question) for question in QUESTIONS)
REPORTING: Final = (
    Step("/melden", answers=2),
    Step("iemand zet stiekem een filmpje van mij in de groepsapp"),
    Step("WhatsApp"),
    Step("gisteren na school"),
    Step("iemand uit mijn klas"),
    Step(tap="staff:no"),
    Step(tap="danger:no"),
    Step("/stop"),
)
TYPING: Final = (*REPORTING[:5], Step("/stop"))
SCRIPTS: Final[dict[str, Sequence[Step]]] = {
    "ask": ASKING,
    "report": REPORTING,
    "typing": TYPING,
}


@dataclass
class Person:
    """One person in the loop."""

    id: int
    at: int
    left: int = 0
    since: float = 0.0
    version: str = "0"


@dataclass
class Load:
    """``people`` do ``steps`` steps of ``script`` together, after some more to warm up."""

    push: Push
    script: str
    people: int
    steps: int
    flood: bool = False
    waits: list[float] = field(default_factory=list)
    extra: int = 0

    def __post_init__(self) -> None:
        self._steps = SCRIPTS[self.script]
        self._rng = Random(1)
        self._message = 0
        self._warm = max(self.people, self.steps // 20)
        self._begun = 0
        self._started = 0.0
        self._done = asyncio.Event()
        self.half = asyncio.Event()
        """Set when half of the steps were answered."""
        self._crowd = {
            FIRST_PERSON + n: Person(FIRST_PERSON + n, n % len(self._steps) if self._free else 0)
            for n in range(self.people)
        }

    @property
    def _free(self) -> bool:
        """Whether the steps may be taken in any order."""
        return self.script == "ask"

    async def play(self) -> Measured:
        """Play until so many steps were answered. Raises TimeoutError when answers stay away."""
        for person in self._crowd.values():
            self._next(person)
        if self.flood:
            for number in range(FLOOD):
                self._say(FLOODER, QUESTIONS[number % len(QUESTIONS)])
        await asyncio.wait_for(self._done.wait(), PATIENCE)
        self.half.set()
        seconds = perf_counter() - self._started
        waits = sorted(self.waits)
        await self._quiet()
        if self.flood:
            await asyncio.sleep(FLOOD_SECONDS)  # its last answers
        return Measured(
            steps=len(waits),
            seconds=seconds,
            median=waits[len(waits) // 2] * 1000,
            p99=waits[len(waits) * 99 // 100] * 1000,
            extra=self.extra,
            all_steps=self._begun + self.extra,
            cpu=0.0,
        )

    def answered(self, chat: int, markup: str) -> None:
        """Take a message of the bot to ``chat``."""
        person = self._crowd.get(chat)
        if person is None:
            self.extra += chat == FLOODER
            return
        found = VERSION.search(markup)
        if found:
            person.version = found[1]
        person.left -= 1
        if person.left == 0:
            self._count(person)

    def _count(self, person: Person) -> None:
        now = perf_counter()
        self._begun += 1
        if self._begun == self._warm:
            self._started = now
        elif self._begun > self._warm and not self._done.is_set():
            self.waits.append(now - person.since)
            if 2 * len(self.waits) >= self.steps:
                self.half.set()
            if len(self.waits) == self.steps:
                self._done.set()
        in_dialogue = not self._free and person.at % len(self._steps)
        if in_dialogue or not self._done.is_set():  # a dialogue is ended: the next load starts anew
            self._next(person)

    def _next(self, person: Person) -> None:
        step = self._steps[person.at % len(self._steps)]
        person.at += 1
        person.left, person.since = step.answers, perf_counter()
        if step.tap:
            self._tap(person.id, f"draft:{person.version}:{step.tap}")
        else:
            self._say(person.id, step.say)

    async def _quiet(self) -> None:
        """Wait until nobody has anything under way; TimeoutError when that does not come."""
        async with asyncio.timeout(PATIENCE):
            while any(person.left > 0 for person in self._crowd.values()):
                await asyncio.sleep(0.05)

    def _say(self, who: int, text: str) -> None:
        body = self._envelope(who) | {"text": text}
        if text.startswith("/"):
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self.push("message", body)

    def _tap(self, who: int, data: str) -> None:
        self.push(
            "callback_query",
            {
                "id": str(self._message),
                "from": _user(who),
                "chat_instance": "1",
                "data": data,
                "message": self._envelope(who) | {"text": "?"},
            },
        )

    def _envelope(self, who: int) -> dict[str, Any]:
        self._message += 1
        return {
            "message_id": self._message,
            "date": int(time()),
            "chat": {"id": who, "type": "private", "first_name": "Bench"},
            "from": _user(who),
        }


def _user(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": "Bench", "language_code": "nl"}
