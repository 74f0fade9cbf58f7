"""The short form of ``make prove-delivery``."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from storage.crypto import new_key
from storage.migration import upgrade
from tests.prove.crash import Setup, one_run
from tests.prove.fork import ForkedProcess
from tests.prove.kills import Mode, Point, named, points
from tests.prove.scene import prepare


@pytest.mark.parametrize(
    ("mode", "point"),
    [("polling", Point("reports.submit", "after", 4)), ("webhook", Point("sendMessage", "after"))],
    ids=str,
)
async def test_no_report_is_lost_or_doubled(tmp_path: Path, mode: Mode, point: Point) -> None:
    """Killed with pupils in mid-dialogue on a bad day: each report is there once."""
    url, key = f"sqlite:///{tmp_path / 'proof.db'}", new_key()
    upgrade(url)
    await prepare(url, key)
    setup = Setup(mode == "webhook", share=0.05, waits=1.0, patience=120, process=ForkedProcess)
    outcome = await one_run(url, key, point, Random(1), setup)
    assert outcome.good, outcome


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_every_named_point_has_its_turn(mode: Mode) -> None:
    """A hundred runs pass all named points, of which there are over twenty, and random ones."""
    kills = points(Random(1), mode)
    met = {next(kills).name for _ in range(100)}
    assert met == {each.name for each in named(mode)} | {"at random"}
    assert len(named(mode)) >= 20
