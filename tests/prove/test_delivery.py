"""The short form of ``make prove-delivery``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prove.delivery import one_run
from tests.prove.kills import Point


@pytest.mark.parametrize(
    ("webhook", "point"),
    [
        (False, Point("sendMessage", "after", 4)),
        (False, Point("answerCallbackQuery", "before", 12)),
        (True, Point("editMessageReplyMarkup", "after", 4)),
    ],
    ids=str,
)
async def test_no_report_is_lost_or_doubled(tmp_path: Path, webhook: bool, point: Point) -> None:
    """Killed with twenty pupils in mid-dialogue: each report is there once, each pupil knows."""
    outcome = await one_run(f"sqlite:///{tmp_path / 'proof.db'}", point, webhook=webhook)
    assert outcome.good, outcome
