"""Accounts join a class under a name and are forgotten when they leave."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import people
from storage.errors import NotNow
from storage.tables import Person
from tests.storage.conftest import Run
from tests.storage.rows import add_class

PUPIL = 5_000_000_001


def _confirm(session: Session, telegram_id: int, now: datetime) -> None:
    person = session.scalars(select(Person).where(Person.telegram_id == telegram_id)).one()
    person.confirmed_at = now


def _columns(session: Session) -> str:
    return str([vars(person) for person in session.scalars(select(Person))])


async def test_an_account_is_made_once(run: Run, now: datetime) -> None:
    """Simultaneous first steps make one person; the first language stays until it is changed."""
    assert await run(people.find, PUPIL) is None
    made = await asyncio.gather(*(run(people.ensure, PUPIL, now, "nl") for _ in range(5)))
    assert len({person.id for person in made}) == 1
    assert (await run(people.ensure, PUPIL, now, "en")).lang == "nl"
    assert (await run(people.set_language, PUPIL, "en", now)).lang == "en"


async def test_joining_gives_a_code_and_seals_the_name(run: Run, now: datetime) -> None:
    """The pupil is in the class, unconfirmed, with four digits; the name is not in the table."""
    await run(add_class, "H3b")
    joined = await run(people.join_class, PUPIL, "id-H3b", " Noor \n  de Wit ", now)
    person = joined.person
    assert (person.name, person.class_label, person.confirmed) == ("Noor de Wit", "H3b", False)
    assert len(person.code) == 4
    assert person.code.isdigit()
    assert not joined.second_account
    assert "Noor" not in await run(_columns)
    assert "Noor" not in repr(joined)
    assert person.code not in repr(joined)


async def test_the_same_name_under_a_second_account_is_flagged(run: Run, now: datetime) -> None:
    """Only a confirmed pupil of the same class counts, however the name is spelt."""
    await run(add_class, "H3b")
    await run(add_class, "H3c")
    await run(people.join_class, PUPIL, "id-H3b", "Zoë de Wit", now)
    assert not (await run(people.join_class, 2, "id-H3b", "zoe  de wit", now)).second_account
    await run(_confirm, PUPIL, now)
    assert (await run(people.join_class, 3, "id-H3b", "ZOE DE-WIT", now)).second_account
    assert not (await run(people.join_class, 4, "id-H3c", "Zoë de Wit", now)).second_account


async def test_the_same_update_joins_once(run: Run, now: datetime) -> None:
    """A repeated update gives the same code and no second effect."""
    await run(add_class, "H3b")
    first = await run(people.join_class, PUPIL, "id-H3b", "Noor", now, 7)
    again = await run(people.join_class, PUPIL, "id-H3b", "Other", now, 7)
    assert again == first


async def test_only_another_name_or_class_needs_a_new_confirmation(run: Run, now: datetime) -> None:
    """Scanning the QR code of one's own class again keeps code and confirmation."""
    await run(add_class, "H3b")
    await run(add_class, "H4a")
    first = await run(people.join_class, PUPIL, "id-H3b", "Noor", now)
    await run(_confirm, PUPIL, now)
    again = await run(people.join_class, PUPIL, "id-H3b", "noor", now)
    assert (again.person.confirmed, again.person.code) == (True, first.person.code)
    assert not (await run(people.join_class, PUPIL, "id-H3b", "Fem", now)).person.confirmed
    await run(_confirm, PUPIL, now)
    assert not (await run(people.join_class, PUPIL, "id-H4a", "Fem", now)).person.confirmed


async def test_codes_in_a_class_differ(run: Run, now: datetime) -> None:
    """Two pupils of one class never show the same digits, also when they join at once."""
    await run(add_class, "H3b")
    joins = (run(people.join_class, pupil, "id-H3b", f"P {pupil}", now) for pupil in range(1, 9))
    codes = {joined.person.code for joined in await asyncio.gather(*joins)}
    assert len(codes) == 8


def test_a_taken_code_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance may draw what is taken; then it draws again."""
    draws = iter([12, 12, 7])
    monkeypatch.setattr("storage.people.secrets.randbelow", lambda _: next(draws))
    assert people._free_code({"0012"}) == "0007"


@pytest.mark.parametrize(("class_id", "name"), [("id-old", "N"), ("nowhere", "N"), ("id-new", " ")])
async def test_no_class_or_no_name(run: Run, now: datetime, class_id: str, name: str) -> None:
    """Nobody joins an archived or unknown class, or without a name."""
    await run(add_class, "old", now)
    await run(add_class, "new")
    with pytest.raises(NotNow):
        await run(people.join_class, PUPIL, class_id, name, now)


async def test_leaving_forgets_class_and_name(run: Run, now: datetime) -> None:
    """Who leaves and has no report keeps no name behind."""
    await run(add_class, "H3b")
    await run(people.join_class, PUPIL, "id-H3b", "Noor", now)
    left = await run(people.leave_class, PUPIL, now)
    assert (left.name, left.class_id, left.code) == (None, None, None)


async def test_unreachable_since_the_first_refusal(run: Run, now: datetime) -> None:
    """The moment of the first refusal stays until the account can be written to again."""
    await run(people.ensure, PUPIL, now)
    await run(people.mark_unreachable, PUPIL, now)
    await run(people.mark_unreachable, PUPIL, now + timedelta(days=1))
    assert (await run(people.find, PUPIL)).unreachable_since == now
    await run(people.mark_reachable, PUPIL)
    assert (await run(people.find, PUPIL)).unreachable_since is None
