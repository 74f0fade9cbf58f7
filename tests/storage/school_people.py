"""Random staff of a school, and who of them does something."""

from __future__ import annotations

import random
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import orders
from storage.tables import Report, Staff
from tests.storage.rows import add_class, add_person, add_staff

ROLES: Final = ("mentor", "deputy", "coordinator", "confidential", "board")


def random_school(session: Session, rng: random.Random, pupils: int) -> None:
    """Put three classes with random staff in the database; somebody is on the board."""
    labels = [add_class(session, f"K{number}") for number in range(3)]
    for account in range(2000, 2010):
        posts: list[tuple[str, str | None]] = []
        for _ in range(rng.randrange(1, 3)):
            role = rng.choice(ROLES)
            own = role in {"mentor", "deputy"} or (role == "coordinator" and rng.random() < 0.6)
            posts.append((role, rng.choice(labels) if own else None))
        add_staff(session, f"S{account}", *posts, telegram_id=account)
    for number in range(pupils):
        add_person(session, 10_000 + number, "Noor", labels[number % 3])


def some_staff(session: Session, rng: random.Random) -> frozenset[str]:
    """Return one or two members of staff."""
    every = sorted(session.scalars(select(Staff.id)))
    return frozenset(rng.sample(every, rng.randrange(1, 3)))


def somebody(session: Session, report_id: str, rng: random.Random) -> tuple[int, str]:
    """Return the account of somebody who has a report, and a random colleague."""
    live = [each.staff_id for each in orders.live(session, report_id)]
    owner = session.get_one(Report, report_id).owner_id
    chosen = owner or (rng.choice(live) if live else None)
    account = session.get_one(Staff, chosen).telegram_id if chosen else None
    return account or 1, f"id-S{rng.randrange(2000, 2010)}"
