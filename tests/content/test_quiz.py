"""The quiz cannot be passed by looking at the form of the options."""

from __future__ import annotations

import pytest

from content.pack import Pack


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_length_gives_nothing_away(pack: Pack, lang: str) -> None:
    """Taking the longest option, or the shortest, is right at most 5 points above chance."""
    chance = sum(1 / len(item.options) for item in pack.quiz) / len(pack.quiz)
    for pick in (max, min):
        hits = 0.0
        for item in pack.quiz:
            lengths = [len(option.in_(lang)) for option in item.options]
            best = pick(lengths)
            hits += (lengths[0] == best) / lengths.count(best)
        assert hits / len(pack.quiz) <= chance + 0.05, pick.__name__


def test_every_level_has_items(pack: Pack) -> None:
    """Each level is served, and most items are scenes rather than wording."""
    assert {item.level for item in pack.quiz} == {"12-13", "14-15", "16-18"}
    assert sum(item.scenario for item in pack.quiz) >= 0.6 * len(pack.quiz)
