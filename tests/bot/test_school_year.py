"""Ninety days over both changes of the clock and the holidays, with outages and crashes.

On both kinds of database: each missed term takes one step, none comes early, urgent ones run on
the wall clock, an acted-on report stops reminders to everybody, and nobody accused is addressed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from bot import upkeep
from bot.bootstrap import build_services
from bot.settings import Settings
from content.matcher import Matcher
from content.pack import Pack
from storage import escalation
from storage.crypto import Vault
from storage.database import Database
from tests.bot.school_terms import Terms, changes_of_clock, holidays_in
from tests.bot.school_year import Killed, Year
from tests.virtual import without_thread

pytestmark = pytest.mark.timeout(600)  # a busy machine is no failure
Start = Callable[[datetime, int, int], Year]


@pytest.fixture
def year(
    settings: Settings,
    pack: Pack,
    matcher: Matcher,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Start:
    """Begin a school year with random staff; upkeep dies now and then in the middle of a step."""
    jobs = tuple(job for job in upkeep.JOBS if job.name in {"escalate", "hand-over"})
    monkeypatch.setattr(upkeep, "JOBS", jobs)
    real = escalation.step

    def begin(start: datetime, days: int, seed: int) -> Year:
        db = Database(database_url, Vault([bytes(range(32))]))
        if db.is_sqlite:
            without_thread(db)
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        holder: list[Year] = []
        rng = random.Random(seed)
        services = build_services(
            settings, pack=pack, matcher=matcher, db=db, clock=lambda: holder[0].now, rng=rng
        )

        def step(*args: Any) -> Any:
            if rng.random() < 0.05:
                raise Killed  # before anything
            taken = real(*args)
            if rng.random() < 0.05:
                raise Killed  # just before the commit
            return taken

        monkeypatch.setattr(escalation, "step", step)
        holder.append(Year(services, Terms(pack.school, start.date(), days + 60), rng, start))
        return holder[0]

    return begin


AUTUMN, SPRING = datetime(2026, 10, 5, tzinfo=UTC), datetime(2027, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("database_url", "start"),
    [
        ("postgresql", AUTUMN),
        ("sqlite", SPRING),
        pytest.param("sqlite", AUTUMN, marks=pytest.mark.slow),
    ],
    ids=["autumn", "spring", "autumn on SQLite"],
    indirect=["database_url"],
)
async def test_ninety_days(year: Start, start: datetime) -> None:
    """Ninety days, three hours off a night and a whole day in ten; and enough was looked at."""
    played = year(start, 90, 11)
    checks = await played.play(90, 9)
    assert changes_of_clock(played.terms.zone, start, 90) == 1
    assert holidays_in(played.terms, start, 90) >= 10
    assert checks.missed >= 20, checks
    assert min(checks.over_holidays, checks.over_changes) >= 1, checks
    assert min(checks.early, checks.again, checks.quiet, checks.sent) >= 20, checks
    assert checks.left_in_peace >= 20, checks
    assert min(checks.crashes, checks.after_outage, checks.urgent_by_night) >= 1, checks
    await played.services.db.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
async def test_random_staff(year: Start, seed: int) -> None:
    """Whoever works where, leaves or is away: in the whole run nobody accused is addressed."""
    played = year(datetime(2026, 11, 2, tzinfo=UTC), 21, seed)
    checks = await played.play(21, 6)
    assert min(checks.accused, checks.missed) > 0, checks
    await played.services.db.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))  # each on both kinds of database
async def test_ninety_busy_days(year: Start, seed: int) -> None:
    """The same with more reports and other staff."""
    played = year(datetime(2026, 10, 5, tzinfo=UTC), 90, seed)
    assert (await played.play(90, 40)).missed >= 40
    await played.services.db.close()
