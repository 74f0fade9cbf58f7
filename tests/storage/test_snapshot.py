"""The part of the staff that is read for one report decides what the whole would."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy.orm import Session

from storage import routing
from storage.routing import Case, Roster
from storage.snapshot import member_of, roster_for, roster_of
from storage.tables import Staff
from tests.storage.conftest import Run
from tests.storage.rows import WHEN, add_class, add_staff

ROLES = ("mentor", "deputy", "coordinator", "confidential", "board")


def _a_school(session: Session, rng: random.Random) -> list[str]:
    """Add three classes and twelve people with posts, absences and stand-ins by chance."""
    classes = [add_class(session, label) for label in ("H3b", "V5a", "M1c")]
    everybody = []
    for number in range(12):
        drawn = {(rng.choice(ROLES), rng.choice([*classes, None])) for _ in range(2)}
        account = 2000 + number if rng.random() < 0.8 else None
        everybody.append(
            add_staff(session, f"S{number}", *sorted(drawn, key=str), telegram_id=account)
        )
    for staff_id in everybody:
        if rng.random() < 0.4:
            member = session.get_one(Staff, staff_id)
            member.absent_from = WHEN - timedelta(days=1)
            member.stand_in_id = rng.choice([each for each in everybody if each != staff_id])
    session.flush()
    return everybody


def _decided(roster: Roster, case: Case, everybody: list[str]) -> list[object]:
    known = everybody[:3]
    return [
        routing.steps(roster, case, WHEN),
        routing.first(roster, case, WHEN, known),
        routing.escalated(roster, case, WHEN, known),
        routing.candidates(roster, case, WHEN),
        routing.pickable(roster, case, WHEN),
        routing.skipped(roster, case),
        [routing.stands_in(roster, case, each, role) for each in everybody for role in ROLES],
    ]


def _compare(session: Session, seed: int) -> None:
    rng = random.Random(seed)
    everybody = _a_school(session, rng)
    whole = roster_of(session)
    for class_id in ("id-H3b", "id-V5a", "id-M1c", None):
        for route in ("class", "staff", "confidential"):
            accused = frozenset(rng.sample(everybody, rng.randrange(3)))
            case = Case(class_id, route, accused, rng.choice([None, *everybody]))
            part = roster_for(session, case)
            assert _decided(part, case, everybody) == _decided(whole, case, everybody)
    assert {each: member_of(session, each) for each in everybody} == dict(whole.members)
    session.rollback()


async def test_a_part_decides_as_the_whole(run: Run) -> None:
    """Over schools drawn by chance, for every class and route, with accused and absent people."""
    for seed in range(12):
        await run(_compare, seed)
