"""The short form of ``make soak``."""

from __future__ import annotations

from pathlib import Path

from tests.prove.soak import Plan, run


async def test_mixed_traffic_with_faults_loses_nothing(tmp_path: Path) -> None:
    """Some seconds of everything at once, a tenth of all calls going wrong: all ends well."""
    plan = Plan(4, rate=10, faults=0.1, pupils=12, groups=2, reporters=2, pause=0.2)
    outcome = await run(plan, tmp_path)
    assert outcome.good, outcome
    assert outcome.reports == 2
    assert outcome.updates >= 20
    assert outcome.faults > 0
    assert outcome.memory
