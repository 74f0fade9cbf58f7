"""The short form of ``make bench``: that it measures, not how fast anything is."""

from __future__ import annotations

from pathlib import Path

from tests.prove.bench import FLOOD_BAR, stopped_under_load
from tests.prove.bench_bots import ECHO, OURS, bot, school


async def test_our_bot_is_played_with(tmp_path: Path) -> None:
    """Questions, a flood and reports are answered; a stop in between and a start lose nothing."""
    url = f"sqlite:///{tmp_path / 'bench.db'}"
    async with bot(OURS, url, await school(url)) as ours:
        asked = await ours.play(script="ask", people=4, steps=20, flood=True)
        assert asked["steps"] == 20
        assert 20 <= asked["extra"] <= FLOOD_BAR
        await stopped_under_load(ours, steps=40)
        assert await ours.stop() < 10


async def test_the_echo_bot_is_played_with() -> None:
    """The bot that ours is held against answers the same questions."""
    async with bot(ECHO) as echo:
        assert (await echo.play(script="ask", people=4, steps=20))["steps"] == 20
