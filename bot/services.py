"""What every handler can reach: the three rooms' doors, built once by ``bot.bootstrap``."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.recent import Recent
from bot.screen import Speech
from bot.settings import Settings
from content.matcher import Matcher
from content.pack import Pack
from content.schoolclock import SchoolClock
from storage.database import Database


@dataclass(slots=True)
class Services:
    """The real dependencies, or fakes handed in by keyword."""

    settings: Settings
    pack: Pack
    matcher: Matcher
    school_clock: SchoolClock
    db: Database
    clock: Clock
    rng: random.Random
    recent: Recent = field(default_factory=Recent)
    wake_delivery: asyncio.Event = field(default_factory=asyncio.Event)
    failures: dict[int, BaseException] = field(default_factory=dict)
    """Updates whose handler failed, by update_id: the library swallows such errors."""

    quiet: set[int] = field(default_factory=set)
    """Updates, by update_id, of people who are in no dialogue, and that had no effect before."""
    surplus: set[int] = field(default_factory=set)
    """Updates, by update_id, of people who have too many waiting at once."""

    def speech(self, lang: str) -> Speech:
        """Return the bot's texts in ``lang``."""
        return Speech(self.pack, lang)

    def __repr__(self) -> str:
        return "Services()"
