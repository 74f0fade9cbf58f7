"""What the administrator sees: no content in lists, an export on record, counts that hide."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import casework, events, overview, retention
from storage.errors import NotAllowed
from storage.sealing import unseal
from storage.tables import Export, RemovedReport, Report
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import add_person, add_report
from tests.storage.school import MENTOR, PUPIL, WORDS, staff_id

LABELS = "abcde"


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


async def test_counts_do_not_give_away_a_report_about_staff(run: Run, now: datetime) -> None:
    """The rule of a report about staff is in no count, so list and counts show no difference."""
    await run(school.found)
    for number in range(16):
        about = {"accused": frozenset({"id-GGG"}), "route": "staff", "steps": "staff"}
        rule = "6" if number < 6 else "2"
        changes = about if number in {0, 15} else {}
        await run(school.send, now + number * timedelta(days=1), rule=rule, **changes)
    listed = Counter(line.rule or "none" for line in await run(overview.list_reports))
    counts = await run(overview.stats, 2025)
    assert listed == {"6": 5, "2": 9, "none": 2}
    assert counts.by_rule == {"2": 9}
    first = (await run(overview.list_reports))[0].number
    await run(_remove, first, now)
    assert await run(overview.stats, 2025) == replace(counts, by_state={})


def _random_year(session: Session, year: int, rng: random.Random, person: str) -> Counter[str]:
    """Put a random set of reports in a school year; return how often an open rule occurs."""
    rules: Counter[str] = Counter()
    for number in range(rng.randint(0, 30)):
        day = datetime(year, 8, 1, tzinfo=UTC) + timedelta(days=rng.choice((0, 3, 200, 364)))
        rule = rng.choice(("1", "2", "2", "2", "6", None))
        if rng.random() < 0.3:
            row = RemovedReport(
                number=f"R-{year}-{number}",
                rule=rule,
                created_on=day.date(),
                removed_on=day.date(),
                reason="x",
            )
            session.add(row)
            rules[rule or "none"] += 1
            continue
        route = rng.choice(("class", "class", "staff"))
        state = rng.choice(("sent", "read", "closed", "closed", "withdrawn"))
        row_id = add_report(session, f"M-{year}-{number}", person, rule=rule, route=route)
        report = session.get_one(Report, row_id)
        report.created_at, report.state = day, state
        rules["none" if route == "staff" else rule or "none"] += 1
    session.flush()
    return rules


async def test_counts_of_random_years(run: Run, rng: random.Random) -> None:
    """Of any set of reports: what is shown is right and at least five.

    What is hidden adds up to five or more over several labels, or to nothing.
    """
    person = await run(add_person, PUPIL, "Noor")
    real = {year: await run(_random_year, year, rng, person) for year in range(2010, 2022)}
    shown_anything = 0
    for year, rules in real.items():
        stats = await run(overview.stats, year)
        total = sum(rules.values())
        assert stats.total == (total if total >= overview.FEWEST else None)
        assert all(rules[rule] == count for rule, count in stats.by_rule.items())
        for shown in (stats.by_rule, stats.by_state):
            hidden = total - sum(shown.values())
            assert min(shown.values(), default=overview.FEWEST) >= overview.FEWEST
            assert hidden == 0 or hidden >= overview.FEWEST or stats.total is None
        assert len(set(rules) - set(stats.by_rule)) != 1 or len(rules) == 1
        shown_anything += len(stats.by_rule)
    assert shown_anything > 5


def _remove(session: Session, number: str, now: datetime) -> None:
    report = session.scalars(select(Report).where(Report.number == number)).one()
    retention.remove(session, report, "term_closed", now)


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
    assert counts.by_rule == {"2": 8}
    assert counts.by_state in ({"closed": 6}, {"open": 6})
    assert (await run(overview.stats, 2026)).total is None


def _worlds(total: int, shown: dict[str, int]) -> Iterator[Counter[str]]:
    """Yield all counts of LABELS that would be shown like this."""
    unseen = [label for label in LABELS if label not in shown]
    left = total - sum(shown.values())
    for bars in itertools.combinations(range(left + len(unseen) - 1), len(unseen) - 1):
        edges = (-1, *bars, left + len(unseen) - 1)
        sizes = (end - start - 1 for start, end in itertools.pairwise(edges))
        world = +Counter(shown | dict(zip(unseen, sizes, strict=True)))
        if overview._shown(world.elements()) == shown:
            yield world


@settings(deadline=None, max_examples=50)  # a busy machine is no failure
@given(st.lists(st.sampled_from(LABELS), min_size=overview.FEWEST, max_size=15))
def test_hidden_counts_cannot_be_worked_out(labels: list[str]) -> None:
    """Who knows the total, what is shown and this program cannot tell any count under five."""
    shown, real = overview._shown(labels), Counter(labels)
    assert all(shown[label] == real[label] >= overview.FEWEST for label in shown)
    if sum(shown.values()) == len(labels):
        return  # nothing is hidden, and nothing is small
    possible: dict[str, set[int]] = {label: set() for label in LABELS if label not in shown}
    for world in _worlds(len(labels), shown):
        for label, counts in possible.items():
            counts.add(world[label])
    for label, counts in possible.items():
        assert real[label] in counts
        assert len(counts) > 1, (real, shown)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(LABELS), max_size=30), st.sampled_from(LABELS))
def test_one_report_more_shows_nothing_small(labels: list[str], more: str) -> None:
    """Two looks that differ by one report never show a count under five, nor one that came new."""
    before, after = overview._shown(labels), overview._shown([*labels, more])
    assert min([*before.values(), *after.values()], default=overview.FEWEST) >= overview.FEWEST
    if Counter(labels)[more] < overview.FEWEST - 1:
        assert more not in after
