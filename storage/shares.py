"""Telegram's overall limit, divided over the replicas: each leases a number of sends per second.

What is leased never adds up to more than there is. Who needs more waits until the others, when
they renew, have given something back; who died gives all of it back when the lease ends. Giving
back takes two renewals: the first says how many sends are enough from now on, and only the second
frees the others, since until the answer to the first was there more could be made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from storage import claims
from storage.tables import SendShare

LEASE: Final = timedelta(seconds=6)
SPARE: Final = 1
"""Not leased while there are several: for one whose lease ran out while the database was away."""
TURN: Final = 2**62 + 1  # locks out other renewals; no account has this id


@dataclass(frozen=True, slots=True)
class Share:
    """What a replica may send in any second from now on, and how many other replicas there are."""

    sends: int
    others: int


def renew(
    session: Session,
    holder: str,
    overall: int,
    wanted: int,
    least: int,
    now: datetime,
    lease: timedelta = LEASE,
) -> Share:
    """Lease a part of ``overall`` sends per second, by how many each replica wants to make.

    ``least``: what cannot be given back yet, since until now it could be used, or was used within
    the last second; it stays leased. With one replica that is all.
    """
    claims.lock(session, TURN)
    over = or_(SendShare.until <= now, SendShare.until > now + 2 * lease)  # or of a wrong clock
    session.execute(delete(SendShare).where(over, SendShare.holder != holder))
    others = session.scalars(select(SendShare).where(SendShare.holder != holder)).all()
    shared = overall - SPARE if others else overall
    free = shared - sum(each.sends for each in others)
    mine = session.get(SendShare, holder) or SendShare(holder=holder, sends=0, until=now)
    used = min(least, mine.sends) if mine.until > now else 0
    fair = _fair(shared, wanted, others)
    sends = max(0, used, min(fair, free))
    mine.sends, mine.wanted, mine.until = sends, wanted, now + lease
    session.add(mine)
    session.flush()
    return Share(min(sends, fair), len(others))


def renew_now(session: Session, holder: str, overall: int, wanted: int, least: int) -> Share:
    """Do as ``renew`` at PostgreSQL's own time: the clocks of replicas may differ by seconds."""
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    return renew(session, holder, overall, wanted, least, now, LEASE)


def give_back(session: Session, holder: str) -> None:
    """End a lease: this replica stops."""
    session.execute(delete(SendShare).where(SendShare.holder == holder))


def _fair(sends: int, wanted: int, others: Sequence[SendShare]) -> int:
    """Give everybody one, and divide the rest by what each wants; rounded up, as it is bounded."""
    rest = sends - len(others) - 1
    everybody = wanted + 1 + sum(each.wanted + 1 for each in others)
    return 1 - (-rest * (wanted + 1)) // everybody
