"""The short form of ``make prove-growth``: plans alone, times mean nothing on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import any_engine
from tests.prove.growth import VAULT
from tests.prove.growth_fill import fill
from tests.prove.growth_ops import MEASURES, World
from tests.prove.growth_plans import plans_of, unwanted_in
from tests.prove.growth_school import Size

SIZE = Size(1_000, 2_000)


MEANT = {
    "outbox: claim ten": "outbox_next_open",
    "mentor's list": "recipients_staff_open",
    "announce, per report": "reports_unannounced",
    "purge, per report": "reports_announced",
}
"""Indexes made for these; others would do, and look at more than is asked for."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A filled database."""
    found = World(SIZE, any_engine(database_url), VAULT)
    fill(found.engine, SIZE, VAULT)
    yield found
    found.engine.dispose()


def test_nothing_is_read_from_end_to_end(world: World) -> None:
    """Every statement behind an answer, a report, a list and a purge finds its rows by an index."""
    whole = {}
    for turn, measure in enumerate(MEASURES):
        world.turn = turn // 8
        found = plans_of(world, measure.run, forced=True)
        if unwanted := unwanted_in(measure.name, found):
            whole[measure.name] = unwanted
        if index := MEANT.get(measure.name):
            assert any(index in each for each in found.used), (measure.name, found.used)
    assert whole == {}
