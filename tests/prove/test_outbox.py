"""The short form of ``make prove-outbox``."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.matcher import Matcher
from content.pack import Pack
from storage.migration import upgrade
from tests.prove.outbox import Outcome, prove


def proved(count: int, tmp_path: Path, pack: Pack, matcher: Matcher) -> Outcome:
    """Run the proof on a fresh file."""
    file = tmp_path / "proof.db"
    upgrade(f"sqlite:///{file}")
    return prove(count, 1, file, pack, matcher)


def test_faults_lose_and_double_nothing(tmp_path: Path, pack: Pack, matcher: Matcher) -> None:
    """Sixty reports, three answers in ten a fault, a worker that dies: all arrive, in order."""
    outcome = proved(60, tmp_path, pack, matcher)
    assert (outcome.reports, outcome.good) == (60, True), outcome
    assert outcome.faults >= 36


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_reports(tmp_path: Path, pack: Pack, matcher: Matcher) -> None:
    """The same with a thousand."""
    outcome = proved(1000, tmp_path, pack, matcher)
    assert (outcome.reports, outcome.good) == (1000, True), outcome
