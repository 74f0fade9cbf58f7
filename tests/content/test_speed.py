"""The matcher beside a plain search, and beside itself with less to know: ratios, no seconds."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from content.evaluate import read_rows
from content.matcher import Matcher
from content.pack import Pack

QUESTIONS = Path(__file__).parent.parent / "questions" / "pupils.jsonl"


@pytest.fixture(scope="module")
def questions() -> list[str]:
    """Questions that the pack does not hold; every test takes some that no other one asks."""
    return [row["q"] for row in read_rows(QUESTIONS)]


def median_time(call: Callable[[str], object], questions: Sequence[str]) -> float:
    """The median processor time of one question, each asked once."""
    times = []
    for question in questions:
        start = time.process_time_ns()
        call(question)
        times.append(time.process_time_ns() - start)
    return statistics.median(times)


def test_faster_than_a_search_through_all_phrasings(pack: Pack, questions: list[str]) -> None:
    """A fresh matcher needs no longer for a new question than one fuzzy search takes, or little."""
    matcher = Matcher(pack)
    phrasings = [text for _, text in pack.phrasings()]
    search = median_time(
        lambda text: process.extractOne(text, phrasings, scorer=fuzz.ratio), questions[:40]
    )
    assert median_time(matcher.ask, questions[:120]) < 1.25 * search


def test_time_grows_slower_than_the_pack(pack: Pack, questions: list[str]) -> None:
    """With ten times the situations a question takes at most four times as long."""
    small, large = Matcher(tenth(pack)), Matcher(pack)
    few = median_time(small.ask, questions[:120])
    assert median_time(large.ask, questions[:120]) < 4 * few


def test_memory_is_bounded(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out for earlier questions goes when there is too much; answers stay."""
    matcher, free = Matcher(tenth(pack)), Matcher(tenth(pack))
    evidence = matcher._evidence
    monkeypatch.setattr(evidence, "_most_rows", 400)
    texts = [f"mag ik een {chr(97 + n)}foto{chr(97 + m)}en" for n in range(26) for m in range(26)]
    assert [matcher.ask(text).to_json() for text in texts[:40]] == [
        free.ask(text).to_json() for text in texts[:40]
    ]
    for text in texts:
        matcher.ask(text)
    assert len(evidence._rows) <= 400 + len(texts[0].split()) * 4


def tenth(pack: Pack) -> Pack:
    """The pack with every tenth of its situations and topics."""
    rules = tuple(
        rule.model_copy(update={"situations": rule.situations[::10]}) for rule in pack.rules
    )
    return dataclasses.replace(pack, rules=rules, topics=pack.topics[::10])
