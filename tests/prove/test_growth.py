"""The short form of ``make prove-growth``: plans alone, times mean nothing on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database import any_engine
from tests.prove.growth import VAULT
from tests.prove.growth_fill import Size, fill
from tests.prove.growth_ops import MEASURES, World
from tests.prove.growth_plans import plans_of

SIZE = Size(1_000, 2_000)
WHOLE = {
    # once a day, and of the school's staff or accounts rather than of its reports
    "dead ends, per class": {"staff", "posts"},
    "purge of the rest, per row": {"people", "drafts", "kept_questions"},
    "upkeep round": {"staff"},
    # once a start, and no more than a bounded part
    "start: keys": {"staff", "drafts", "kept_questions", "people", "reports", "messages"},
}


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
        if unwanted := found.full - WHOLE.get(measure.name, set()):
            whole[measure.name] = unwanted
    assert whole == {}
