"""What is asked next: due rules first, weak ones first, one new one, nothing twice in a row."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from content.errors import ContentError
from content.learning import State, choose, is_due, review, rule_of, strength
from content.pack import Pack

NOW = datetime(2026, 9, 1, 15, tzinfo=UTC)


def test_state_is_json() -> None:
    """A state survives JSON, and an answer given later builds on it."""
    state = json.loads(json.dumps(review(None, correct=True, now=NOW)))
    later = review(state, correct=True, now=NOW + timedelta(days=3))
    assert later["stability"] > state["stability"]


def test_wrong_comes_back_sooner() -> None:
    """After a wrong answer a rule fades faster than after a right one."""
    right, wrong = (review(None, correct=correct, now=NOW) for correct in (True, False))
    soon = NOW + timedelta(days=1)
    assert strength(wrong, soon) < strength(right, soon)
    assert is_due(wrong, soon)
    assert not is_due(right, soon)
    assert strength(None, soon) == 0.0


def test_bad_state() -> None:
    """A state of another make is refused."""
    with pytest.raises(ContentError):
        is_due({"x": 1}, NOW)


def test_first_round(pack: Pack) -> None:
    """Who is new gets five different items of five different rules."""
    items = choose(pack, {}, now=NOW, rng=random.Random(1))
    assert len({item.id for item in items}) == 5
    assert len({rule_of(pack, item) for item in items}) == 5


def test_due_and_longest_ago_first(pack: Pack) -> None:
    """Due rules come first, longest ago first; a wrong one is due before a right one."""
    states = {rule: review(None, correct=True, now=NOW) for rule in pack.rule_ids}
    states["3"] = review(None, correct=False, now=NOW)
    states["8"] = review(None, correct=False, now=NOW - timedelta(days=2))
    items = choose(pack, states, now=NOW + timedelta(days=1), rng=random.Random(2))
    rules = [rule_of(pack, item) for item in items]
    assert rules[:2] == ["8", "3"]
    assert len(set(rules)) == 5


@pytest.mark.parametrize(("known", "new"), [(0, 5), (5, 3), (9, 1), (10, 0)])
def test_new_rules_have_their_places(pack: Pack, known: int, new: int) -> None:
    """Up to three new rules come in a round, however much is due; more while little is known."""
    rules = [rule.id for rule in pack.rules if rule.quiz][:10]
    small = replace(pack, rules=tuple(rule for rule in pack.rules if rule.id in rules))
    states = {rule: review(None, correct=False, now=NOW) for rule in rules[:known]}
    items = choose(small, states, now=NOW + timedelta(days=3), rng=random.Random(5))
    assert len({rule_of(small, item) for item in items} - states.keys()) == new


def test_never_twice_in_a_row(pack: Pack) -> None:
    """Over many rounds no item follows itself, and no round holds an item twice."""
    rng = random.Random(3)
    asked: list[str] = []
    states: dict[str, State] = {}
    for day in range(30):
        now = NOW + timedelta(days=day)
        items = choose(pack, states, now=now, rng=rng, recent=asked)
        ids = [item.id for item in items]
        assert len(set(ids)) == len(ids) == 5
        assert not asked or ids[0] != asked[-1]
        asked += ids
        for item in items:
            rule = rule_of(pack, item)
            states[rule] = review(states.get(rule), correct=rng.random() < 0.6, now=now)
    assert set(states) == {rule.id for rule in pack.rules if rule.quiz}


def test_same_chance_same_round(pack: Pack) -> None:
    """Chance is passed in: the same seed gives the same round."""
    rounds = [choose(pack, {}, now=NOW, rng=random.Random(4)) for _ in range(2)]
    assert rounds[0] == rounds[1]
