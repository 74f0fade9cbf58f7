"""What the administrator sees: no content in lists, an export on record, counts that hide."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, events, overview
from storage.errors import NotAllowed
from storage.sealing import unseal
from storage.tables import Export, RemovedReport
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import add_person, add_report
from tests.storage.school import MENTOR, PUPIL, WORDS, staff_id


async def test_list_holds_no_content(run: Run, now: datetime) -> None:
    """The list shows numbers and states; of a report about staff nothing else."""
    await run(school.found)
    await run(school.send, now, urgent=True)
    await run(school.send, now, accused=frozenset({staff_id(MENTOR)}), route="staff", urgent=True)
    plain, about = await run(overview.list_reports)
    assert (plain.number, plain.class_label, plain.urgent, plain.in_hands) == (
        "M-2026-0001",
        "H3b",
        True,
        True,
    )
    assert (about.about_staff, about.class_label, about.rule, about.urgent) == (
        True,
        None,
        None,
        None,
    )
    assert WORDS not in repr((plain, about))


async def test_list_of_open_ones(run: Run, now: datetime) -> None:
    """Closed reports can be left out."""
    await run(school.found)
    sent = await run(school.send, now)
    await run(casework.close, MENTOR, sent.id, "klaar", now)
    assert len(await run(overview.list_reports)) == 1
    assert await run(overview.list_reports, open_only=True) == ()


async def test_export_is_on_record(run: Run, now: datetime) -> None:
    """An export gives words, messages and steps as JSON, and keeps that it was done and why."""
    await run(school.found)
    sent = await run(school.send, now)
    await run(casework.reply, MENTOR, sent.id, "kom je langs?", now)
    data = json.loads(json.dumps(await run(overview.export, sent.number, "inspectie", now)))
    assert (data["number"], data["what"], data["pupil"]) == (sent.number, WORDS, "Noor de Vries")
    assert data["messages"][0]["body"] == "kom je langs?"
    assert data["events"][-1]["what"] == "exported"

    def reason(session: Session) -> str:
        row = session.scalars(select(Export)).one()
        return unseal(session, row.reason_sealed, "exports.reason_sealed", row.id)

    assert await run(reason) == "inspectie"
    with pytest.raises(ValueError, match="reason"):
        await run(overview.export, sent.number, " ", now)


@pytest.mark.parametrize(
    "changes",
    [
        {"accused": frozenset({"id-GGG"})},
        {"route": "confidential"},
        {"route": "staff"},
        {"steps": "staff"},
    ],
)
async def test_export_refuses_reports_about_staff(
    run: Run, now: datetime, changes: dict[str, object]
) -> None:
    """Reports about staff never leave this way, and the try leaves no step."""
    await run(school.found)
    sent = await run(school.send, now, **changes)
    with pytest.raises(NotAllowed):
        await run(overview.export, sent.number, "inspectie", now)
    assert "exported" not in {e.what for e in await run(events.history, sent.id)}
    with pytest.raises(NotAllowed):
        await run(overview.export, "M-2026-9999", "inspectie", now)


def _fill(session: Session, now: datetime) -> None:
    person = add_person(session, PUPIL, "Noor")
    for number in range(12):
        rule = "2" if number < 7 else "6" if number < 11 else "9"
        state = "closed" if number < 6 else "read"
        add_report(session, f"M-{number}", person, rule=rule, state=state)
    session.add(
        RemovedReport(
            number="M-old",
            rule="2",
            created_on=now.date(),
            closed_on=now.date(),
            removed_on=now.date(),
            reason="term_closed",
        )
    )


async def test_small_counts_are_hidden(run: Run, now: datetime) -> None:
    """Counts under five are hidden, with so many others that they cannot be computed."""
    await run(_fill, now)
    counts = await run(overview.stats, 2025)
    assert counts.total == 13
    assert counts.by_rule == {"2": 8, "6": None, "9": None}
    assert (
        counts.by_state == {"closed": None, "open": None, "removed": None}
        or counts.by_state["removed"] is None
    )
    assert (await run(overview.stats, 2026)).total is None


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_hidden_counts_cannot_be_computed(labels: list[str]) -> None:
    """With the total known, what is hidden adds up to five or more over at least two labels."""
    shown = overview._hidden(labels)
    real = Counter(labels)
    hidden = [label for label, count in shown.items() if count is None]
    assert all(shown[label] == real[label] >= overview.FEWEST for label in set(real) - set(hidden))
    if hidden and len(labels) >= overview.FEWEST and len(real) > 1:
        assert len(hidden) > 1
        assert sum(real[label] for label in hidden) >= overview.FEWEST
