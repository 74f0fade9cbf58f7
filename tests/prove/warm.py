"""What forked processes share: everything imported, the pack read, the matcher ready."""

from __future__ import annotations

import bot.runtime
import storage.migration
import tests.prove.victim
from bot import bootstrap
from content.loader import load_pack
from content.matcher import Matcher

PACK = load_pack()
MATCHER = Matcher(PACK)
__all__ = ["bot", "storage", "tests"]


def use() -> None:
    """Let the bot in this process take what is there."""
    vars(bootstrap).update(load_pack=lambda _: PACK, Matcher=lambda _: MATCHER)
