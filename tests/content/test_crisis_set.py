"""Danger is heard in what pupils write, and rarely where there is none: all held-out questions."""

from __future__ import annotations

from content.evaluate import read_rows
from content.matcher import Matcher
from tests.content.test_questions import FILES

RECALL, FALSE_ALARMS = 0.97, 0.02


def test_danger_is_found_and_not_imagined(matcher: Matcher) -> None:
    """At least 97 of 100 crises are heard; at most 2 of 100 other questions are taken for one."""
    rows = [row for path in FILES for row in read_rows(path)]
    heard = {row["id"] for row in rows if matcher.ask(row["q"]).kind == "crisis"}
    crises = {row["id"] for row in rows if row["kind"] == "crisis"}
    assert len(crises) >= 70
    assert len(crises & heard) >= RECALL * len(crises), sorted(crises - heard)
    assert len(heard - crises) <= FALSE_ALARMS * (len(rows) - len(crises)), sorted(heard - crises)
