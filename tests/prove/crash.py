"""One run of the proof: thirty pupils, a bad day at Telegram, one kill, and what is left."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from dataclasses import dataclass, fields
from datetime import timedelta
from random import Random
from typing import Any, Final

from bot.demo.process import BotProcess
from storage.outbox import LEASE
from tests.prove.kills import Killer, Point
from tests.prove.scene import Scene, Work, numbers, scene, stored, work
from tests.prove.victim import FUSE, POINT, SAID, TIMEOUTS, WAITS, setting
from tests.prove.weather import PATIENCE as WAITING
from tests.prove.weather import SHARE, Kept, Weather, kind_of

PATIENCE: Final = 600.0
IN_FLIGHT: Final = 24
"""The process is killed at the latest when only so many pupils are still without a receipt: more
than the twenty that are to be in flight, since others may be on their way at that moment."""
LOOK_SECONDS: Final = 0.25
STUCK_LOOKS: Final = 6
NUMBER: Final = re.compile(r"M-\d{4}-\d{4}")
COMMAND: Final = (sys.executable, "-m", "tests.prove.victim")
RESTARTS: Final = 5


@dataclass(frozen=True)
class Outcome:
    """What one run left behind. The first seven must be 0."""

    lost: int
    """Pupils without a report."""
    doubled: int
    """Reports beyond one for each pupil."""
    undelivered: int
    extra: int
    """Copies of a message beyond one for each send of which the bot could not know the outcome."""
    misnumbered: int
    """Messages with another number than that of the pupil's report."""
    stranded: int
    """Pupils who ended with neither a number nor a button that brought them to one."""
    unquiet: int
    """Whether work was left when patience ended."""
    mode: str
    engine: str
    point: Point
    hit: bool
    in_flight: int
    """Pupils without a receipt at the kill."""
    unsure: int
    """Sends that arrived without the bot being told, and those in hand at the kill."""
    copies: int
    by_button: int
    """Pupils who had to tap a button again."""
    restarts: int
    faults: Counter[str]
    left: str
    """The work that was left when patience ended."""
    which: dict[Kept, tuple[int, int]]
    """Of each message that came too often: how often, and how many more than one were allowed."""
    said: str
    """The end of what the bot wrote."""

    @property
    def good(self) -> bool:
        """Tell whether nothing went wrong."""
        return not any(self.wrongs().values())

    def wrongs(self) -> dict[str, int]:
        """Return what must be 0."""
        return {each.name: getattr(self, each.name) for each in fields(self)[:7]}


@dataclass(frozen=True)
class Setup:
    """How a run is done. ``safeguard``: the one to switch off. ``share``: of the calls go wrong.

    ``waits``: seconds that the bot waits for an answer. ``patience``: seconds until a run is stuck.
    """

    webhook: bool
    safeguard: str | None = None
    share: float = SHARE
    waits: float = WAITING
    patience: float = PATIENCE
    process: type[BotProcess] = BotProcess


async def one_run(database_url: str, key: str, point: Point, rng: Random, setup: Setup) -> Outcome:
    """Kill once at ``point`` and return what is left when all is quiet again.

    ``database_url``, ``key``: as ``scene.prepare`` left them.
    """
    weather = Weather(rng, setup.waits)
    async with scene(
        database_url,
        key,
        webhook=setup.webhook,
        command=(*COMMAND, *filter(None, [setup.safeguard])),
        env={POINT: setting(point), WAITS: str(setup.waits)},
        weather=weather,
        process=setup.process,
    ) as played:
        run = Run(played, point)
        with weather.watched():
            weather.share = setup.share
            await run.strike(rng)
            await run.recover(setup.patience)
        return run.outcome("webhook" if setup.webhook else "polling")


class Run:
    """The course of one run."""

    def __init__(self, played: Scene, point: Point) -> None:
        self.played = played
        self.point = point
        self.killer = Killer(played.demo, point, played.folder / FUSE)
        self.in_flight = 0
        self.in_hand: Counter[Kept] = Counter()
        self.by_button = self.restarts = self.unquiet = 0
        self.left = ""

    async def strike(self, rng: Random) -> None:
        """Let the pupils tap, kill the process, and note what it had in hand."""
        tapping = asyncio.create_task(self._tap(rng))
        with self.killer.armed():
            ended = self.played.demo.process.ended
            while not ended.is_set():
                self.in_flight = sum(not self._has_number(who) for who in self.played.pupils)
                if self.in_flight <= IN_FLIGHT:
                    self.killer.kill()
                await asyncio.sleep(0.01)
            await self.killer.died()
        await tapping
        await self.played.silent()
        left = self.played.look(work, self.played.now())
        self.in_hand = self._interrupted(left)
        if not self.played.is_sqlite:  # its leases end by the clock: somebody starts it later
            self.played.later(LEASE + timedelta(seconds=1))

    async def recover(self, patience: float) -> None:
        """Start the process again, keep it running, and wait until all is quiet."""
        played, loop = self.played, asyncio.get_running_loop()
        await played.demo.process.start()
        end, still, before = loop.time() + patience, 0, None
        while loop.time() < end:
            await asyncio.sleep(LOOK_SECONDS)
            if not played.demo.process.running and self.restarts < RESTARTS:
                self.restarts += 1
                await played.demo.process.start()
            left = played.look(work, played.now())
            if self._is_done(left):
                return
            now = left, len(played.demo.state.calls), len(played.demo.state.updates.pending)
            still, before = still + 1 if now == before else 0, now
            if left.due_by > played.now() and not left.in_hand:
                played.later(left.due_by - played.now() + timedelta(seconds=1))
            elif still >= STUCK_LOOKS and not left.orders and not left.updates:
                self._tap_again()
                still = 0
        self.unquiet, self.left = 1, f"{before} at {played.now()}"

    def outcome(self, mode: str) -> Outcome:
        """Count what is left."""
        played = self.played
        reports, number = played.look(stored), played.look(numbers)
        copies, allowed = self._copies(), self._allowed()
        too_many = copies - allowed - Counter(dict.fromkeys(copies, 1))
        mentors = dict(zip(played.mentors, played.pupils, strict=True))
        right = {who: number.get(mentors.get(who, who)) for who in (*mentors, *played.pupils)}
        said = (played.folder / SAID).read_text() if (played.folder / SAID).exists() else ""
        return Outcome(
            lost=sum(reports.get(who, 0) == 0 for who in played.pupils),
            doubled=sum(max(0, count - 1) for count in reports.values()),
            undelivered=sum(not copies[who, "notice"] for who in played.mentors),
            extra=sum(too_many.values()),
            misnumbered=sum(set(self._numbers(who)) - {own} != set() for who, own in right.items()),
            stranded=sum(not self._has_number(who) for who in played.pupils),
            unquiet=self.unquiet,
            mode=mode,
            engine="sqlite" if played.is_sqlite else "postgresql",
            point=self.point,
            hit=self.killer.hit,
            in_flight=self.in_flight,
            unsure=allowed.total(),
            copies=sum(count - 1 for count in copies.values()),
            by_button=self.by_button,
            restarts=self.restarts,
            faults=played.weather.counts,
            left=self.left,
            which={key: (copies[key], allowed[key]) for key in too_many},
            said=said[-3000:],
        )

    async def _tap(self, rng: Random) -> None:
        """Answer the last question, where there is one, and tap "Versturen"."""
        played = self.played
        asked = [who for who in played.pupils if who % 2]
        for who in asked:
            played.press(who, f"draft:{played.versions[who]}:danger:no")
            await asyncio.sleep(rng.uniform(0, 0.02))
        for who in played.pupils:
            played.press(who, f"draft:{played.versions[who] + (who % 2)}:preview:send")
            await asyncio.sleep(rng.uniform(0, 0.02))

    def _is_done(self, left: Work) -> bool:
        if left.orders or left.updates or self.played.demo.state.updates.pending:
            return False
        return all(self._has_number(who) for who in self.played.pupils)

    def _tap_again(self) -> None:
        """Let the pupils who were left without a number do what they would do."""
        for who in self.played.pupils:
            if not self._has_number(who) and (data := self._last_button(who)):
                self.by_button += 1
                self.played.press(who, data)

    def _last_button(self, who: int) -> str | None:
        """Return what the pupil would tap: "no" to danger, else the first of the newest button."""
        found = None
        for message in self.played.demo.state.chats[who].messages.values():
            rows = message.wire.get("reply_markup", {}).get("inline_keyboard", [])
            data = [str(each.get("callback_data", "")) for row in rows for each in row]
            wanted = [d for d in data if d.endswith((":danger:no", ":preview:send"))]
            found = wanted[0] if wanted else found
        return found

    def _interrupted(self, left: Work) -> Counter[Kept]:
        """Return which messages had arrived while the process still had their sending in hand."""
        updates = {*left.updates, *(each.lane for each in self.played.demo.state.updates.pending)}
        busy = {"receipt": updates, "notice": left.in_hand, "status": left.in_hand}
        return Counter(key for key in self._copies() if key[0] in busy[key[1]])

    def _allowed(self) -> Counter[Kept]:
        """Return how many extra copies of each message are nobody's fault."""
        weather = self.played.weather
        late = self._timed_out() - weather.stalled  # a busy machine: the bot did not hear in time
        allowed = weather.unsure + self.in_hand
        for key in self._copies():
            allowed[key] += late[key[0]]
        return allowed

    def _timed_out(self) -> Counter[int]:
        file = self.played.folder / TIMEOUTS
        return Counter(map(int, file.read_text().split())) if file.exists() else Counter()

    def _copies(self) -> Counter[Kept]:
        chats: Any = (*self.played.pupils, *self.played.mentors)
        kept = ((who, kind_of(text)) for who in chats for text in self.played.texts(who))
        return Counter((who, kind) for who, kind in kept if kind)

    def _numbers(self, who: int) -> list[str]:
        return [found for text in self.played.texts(who) for found in NUMBER.findall(text)]

    def _has_number(self, who: int) -> bool:
        return bool(self._numbers(who))
