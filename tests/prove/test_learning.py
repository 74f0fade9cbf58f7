"""The simulation in a small form: repeatable, fair, and its memory behaves as memory does."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from content.pack import Pack
from tests.prove.learning import SCHEDULERS, WEEKS, simulate, table
from tests.prove.memory import THRESHOLD, Trace
from tests.prove.plot import draw


def test_same_seed_same_figures_and_same_number_of_questions(pack: Pack) -> None:
    """A run can be repeated to the last digit, and no scheduler asks more than another."""
    results = [simulate(pack, name, pupils=12, seed=1) for name in SCHEDULERS]
    assert results[0] == simulate(pack, "fsrs", pupils=12, seed=1)
    assert len({each.questions for each in results}) == 1
    assert all(0 < each.recall < 1 for each in results)
    assert all(name in table(results) for name in SCHEDULERS)


def test_the_bots_way_is_near_the_best(pack: Pack) -> None:
    """The bot's own scheduler beats its first way and is within 0.03 of the best."""
    recall = {name: simulate(pack, name, pupils=60).recall for name in SCHEDULERS}
    assert recall["fsrs"] > recall["weakest"]
    assert recall["fsrs"] > max(recall.values()) - 0.03


@pytest.mark.parametrize(("early", "late"), [(0.01, 7.0), (1.0, 10.0)])
def test_spacing_helps_in_the_long_run(early: float, late: float) -> None:
    """Two practices far apart leave more after a month than two close together; none forget."""
    close, spaced = Trace(THRESHOLD), Trace(THRESHOLD)
    for trace, second in ((close, early), (spaced, late)):
        trace.practise(0.0)
        trace.practise(second)
    assert spaced.recall(40.0) > close.recall(40.0)
    assert spaced.recall(12.0) > spaced.recall(40.0)
    assert Trace(THRESHOLD).recall(5.0) == 0.0


def test_plot_is_a_picture() -> None:
    """Curves that end at the same height are still named apart."""
    png = draw({"one": [0.1] * WEEKS, "two": [0.1] * WEEKS})
    assert Image.open(BytesIO(png)).width == 900
