"""Every step on a report, tried by everybody: only the table's own cells are allowed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import alike, authority, casework, escalation, followup, handover, reports
from storage.authority import ALL, OPEN, TABLE
from storage.database import Database
from storage.errors import NotAllowed, NotNow
from storage.tables import Accused, Order, Recipient, Report
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.rows import add_staff
from tests.storage.school import (
    ADMIN,
    BOARD,
    CONFIDENTIAL,
    COORDINATOR,
    DEPUTY,
    MENTOR,
    NEW,
    OTHER_PUPIL,
    POLICY,
    PUPIL,
    SECOND,
    STRANGER,
    staff_id,
)

NOBODY = 3001
LEFT = 2008
WHO = {
    "reporter": PUPIL,
    "other pupil": OTHER_PUPIL,
    "owner": MENTOR,
    "bystander": SECOND,
    "coordinator without it": COORDINATOR,
    "mentor of another class": STRANGER,
    "accused": BOARD,
    "who handed it over": DEPUTY,
    "revoked": CONFIDENTIAL,
    "left school": LEFT,
    "administrator": ADMIN,
    "unknown account": NOBODY,
}


def _listed(session: Session, who: int, which: str) -> None:
    """Look for the report in all lists of an account; NotAllowed when it is in none."""
    found = [each.id for each in reports.mine(session, who)]
    found += [each.id for each in reports.open_for(session, who)] if not found else []
    if which not in found:
        raise NotAllowed("not in a list")


STEPS: dict[str, Callable[[int, str, datetime], tuple[Any, ...]]] = {
    "list": lambda who, which, now: (_listed, who, which),
    "hint": lambda who, which, now: (alike.numbers, who, which),
    "colleagues": lambda who, which, now: (casework.colleagues, who, which, now),
    "see_own": lambda who, which, now: (reports.own, who, which),
    "add": lambda who, which, now: (followup.add, who, which, "x", POLICY, now),
    "correct": lambda who, which, now: (followup.correct, who, which, NEW, POLICY, now),
    "withdraw": lambda who, which, now: (followup.withdraw, who, which, now),
    "reopen": lambda who, which, now: (followup.reopen, who, which, POLICY, now),
    "see": lambda who, which, now: (reports.one, who, which),
    "open": lambda who, which, now: (casework.open_report, who, which, POLICY, now),
    "take": lambda who, which, now: (casework.take, who, which, POLICY, now),
    "reply": lambda who, which, now: (casework.reply, who, which, "x", now),
    "hand_over": lambda who, which, now: (
        casework.hand_over,
        who,
        which,
        staff_id(COORDINATOR),
        POLICY,
        now,
    ),
    "close": lambda who, which, now: (casework.close, who, which, "x", now),
}
ALLOWED = {
    ("see_own", "reporter"),
    ("add", "reporter"),
    ("list", "reporter"),
    *((step, "owner") for step in ("see", "open", "take", "reply", "hand_over", "close")),
    *((step, "owner") for step in ("list", "hint", "colleagues")),
    *((step, "bystander") for step in ("list", "hint")),
    ("see", "bystander"),
    ("open", "bystander"),
}
NOT_NOW = {
    *((step, "reporter") for step in ("correct", "withdraw", "reopen")),
    *((step, "bystander") for step in ("take", "reply", "hand_over", "close", "colleagues")),
}


@dataclass
class _Undo(Exception):
    """Takes back what an allowed step did, so that one database serves the whole matrix."""

    outcome: str


def _tried(session: Session, operation: Callable[..., Any], *args: Any) -> str:
    try:
        operation(session, *args)
    except NotAllowed:
        outcome = "NotAllowed"
    except NotNow:
        outcome = "NotNow"
    else:
        outcome = "allowed"
    raise _Undo(outcome)


def _arrange(session: Session, report_id: str, now: datetime) -> None:
    """Give everybody in WHO their relation; the accused by mistake holds the report too."""
    add_staff(session, "HHH", ("mentor", "id-H3b"), telegram_id=LEFT, left_at=now)
    ended_at = {"id-CCC": now}
    for account in ("id-CCC", "id-EEE", "id-FFF", "id-HHH"):
        session.add(
            Recipient(
                report_id=report_id,
                staff_id=account,
                role="deputy",
                added_at=now,
                ended_at=ended_at.get(account),
            )
        )
    session.flush()
    casework.take(session, MENTOR, report_id, POLICY, now)


async def test_matrix_of_steps_and_people(run: Run, now: datetime) -> None:
    """Each step by each person on a report in hand gives exactly what the table says."""
    await run(school.found)
    sent = await run(school.send, now, accused=frozenset({staff_id(BOARD)}))
    await run(_arrange, sent.id, now)
    await run(school.gone, CONFIDENTIAL)
    found, expected = {}, {}
    for step, call in STEPS.items():
        for name, account in WHO.items():
            with pytest.raises(_Undo) as tried:
                await run(_tried, *call(account, sent.id, now))
            found[step, name] = tried.value.outcome
            wanted = "NotNow" if (step, name) in NOT_NOW else "NotAllowed"
            expected[step, name] = "allowed" if (step, name) in ALLOWED else wanted
    assert found == expected


def test_table_covers_what_there_is() -> None:
    """Every step of the table is in the matrix, and no relation is given an unknown state."""
    assert set(STEPS) | {"export"} == set(TABLE) | {"hint", "colleagues"}
    assert all(states <= ALL for cell in TABLE.values() for states in cell.values())
    assert OPEN < authority.ALL


def _leaks(session: Session) -> list[str]:
    """Return every order that could still bring a report to somebody whom it is about."""
    about = {(a.report_id, a.staff_id) for a in session.scalars(select(Accused))}
    holding = [
        f"holder {r.staff_id}"
        for r in session.scalars(select(Recipient).where(Recipient.ended_at.is_(None)))
        if (r.report_id, r.staff_id) in about
    ]
    going = [
        f"{o.kind} {o.staff_id}"
        for o in session.scalars(select(Order).where(Order.done_at.is_(None)))
        if (o.report_id, o.staff_id) in about and o.kind != "tombstone"
    ]
    owning = [
        f"owner {r.owner_id}"
        for r in session.scalars(select(Report))
        if (r.id, r.owner_id) in about
    ]
    return holding + going + owning


def _anything(rng: random.Random, report_id: str, now: datetime) -> tuple[Any, ...]:
    staff = rng.choice(list(school.CODES))
    to = staff_id(rng.choice(list(school.CODES)))
    if rng.random() < 0.2:
        about = frozenset({staff_id(rng.choice(list(school.CODES)))})
        return (followup.add, PUPIL, report_id, "x", POLICY, now, {"accused": about})
    away = rng.choice([now, None])
    steps: list[tuple[Any, ...]] = [
        (school.change_staff, staff, {"unreachable_since": rng.choice([now, None, None])}),
        (school.change_staff, staff, {"absent_from": away, "stand_in_id": to}),
        (casework.open_report, staff, report_id, POLICY, now),
        (casework.take, staff, report_id, POLICY, now),
        (casework.hand_over, staff, report_id, to, POLICY, now),
        (casework.close, staff, report_id, "klaar", now),
        (followup.reopen, PUPIL, report_id, POLICY, now),
        (followup.add, PUPIL, report_id, "x", POLICY, now),
        (escalation.step, report_id, POLICY, now),
        (handover.reroute, report_id, POLICY, now),
    ]
    return rng.choice(steps)


@pytest.mark.parametrize("seed", range(3))
async def test_walk_never_reaches_the_accused(
    db: Database, run: Run, now: datetime, seed: int
) -> None:
    """Whatever happens in whatever order, the accused holds, owns and is sent nothing."""
    chance = random.Random(seed)
    await run(school.found)
    sent = await run(school.send, now, accused=frozenset({staff_id(SECOND)}), route="staff")
    done = 0
    for hour in range(50):
        moment = now + timedelta(hours=9 * hour)
        operation, *args = _anything(chance, sent.id, moment)
        options = args.pop() if isinstance(args[-1], dict) else {}
        try:
            await run(operation, *args, **options)
            done += 1
        except (NotAllowed, NotNow):
            continue
        refuse = frozenset(chance.sample(list(school.CODES), 2))
        await school.deliver(db, chance, moment, refuse)
        assert await run(_leaks) == []
    assert done > 10
