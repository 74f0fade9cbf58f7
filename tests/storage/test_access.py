"""A staff link opens nothing until the administrator says yes, and is used once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import access, attempts, staff
from storage.errors import NotNow, TooMany
from storage.tables import StaffInvite
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_person, add_staff


def _hashes(session: Session) -> list[str]:
    return list(session.scalars(select(StaffInvite.code_hash)))


@pytest.fixture
async def code(run: Run, now: datetime) -> str:
    """A link for JAN, mentor of H3b like PIE, who has access."""
    await run(add_class, "H3b")
    await run(add_staff, "JAN", ("mentor", "id-H3b"))
    await run(add_staff, "PIE", ("mentor", "id-H3b"), telegram_id=6)
    await run(add_staff, "ZZZ", telegram_id=8)
    made: str = await run(access.invite, "id-JAN", now)
    return made


async def test_link_needs_the_administrator(run: Run, now: datetime, code: str) -> None:
    """Opening the link gives no access and names the colleagues to tell; the yes gives it."""
    opened = await run(access.open_invite, code, 5, now)
    assert [each.code for each in opened.colleagues] == ["PIE"]
    assert (opened.staff.waiting, opened.staff.active, opened.pupil_of) == (True, False, None)
    assert await run(staff.by_telegram, 5) is None
    assert [each.code for each in await run(access.waiting)] == ["JAN"]
    assert (await run(access.confirm, "id-JAN", now)).active
    assert (await run(staff.by_telegram, 5)).code == "JAN"
    assert await run(access.waiting) == ()
    with pytest.raises(NotNow):
        await run(access.confirm, "id-JAN", now)


async def test_code_is_long_and_hashed(run: Run, code: str) -> None:
    """At least 128 bits, within what a deep link may hold; the table has only its digest."""
    assert 22 <= len(code) <= 62
    assert code not in await run(_hashes)


async def test_link_is_used_once(run: Run, now: datetime, code: str) -> None:
    """Of simultaneous openings one succeeds, and a later one fails."""
    tries = (run(access.open_invite, code, account, now) for account in range(20, 26))
    assert sum(opened is not None for opened in await asyncio.gather(*tries)) == 1
    assert await run(access.open_invite, code, 5, now) is None


async def test_repeated_update_opens_once(run: Run, now: datetime, code: str) -> None:
    """The same update handled again gives the same answer and counts as no failure."""
    first = await run(access.open_invite, code, 5, now, 70)
    for _ in range(attempts.FAILURES):
        assert await run(access.open_invite, code, 5, now, 70) == first


async def test_link_expires_and_is_replaced(run: Run, now: datetime, code: str) -> None:
    """A link ends after seven days, by a newer one, and when access is revoked."""
    assert await run(access.open_invite, code, 5, now + timedelta(days=7)) is None
    newer = await run(access.invite, "id-JAN", now)
    assert await run(access.open_invite, code, 5, now) is None
    await run(access.revoke, "id-JAN", now)
    assert await run(access.open_invite, newer, 5, now) is None


async def test_guessing_is_throttled(run: Run, now: datetime, code: str) -> None:
    """After ten failures an account waits until the first is an hour old; others do not."""
    for minute in range(10):
        moment = now + timedelta(minutes=minute)
        assert await run(access.open_invite, "guess", 5, moment) is None
    with pytest.raises(TooMany) as refused:
        await run(access.open_invite, code, 5, now + timedelta(minutes=59))
    assert refused.value.until == now + timedelta(hours=1)
    assert await run(access.open_invite, "guess", 7, now) is None
    assert await run(access.open_invite, code, 5, now + timedelta(hours=1)) is not None


async def test_revoked_is_out_at_once(run: Run, now: datetime) -> None:
    """After a lost phone the account has no access, until a new link and a new yes."""
    await run(add_staff, "JAN", telegram_id=5)
    assert not (await run(access.revoke, "id-JAN", now)).active
    assert await run(staff.by_telegram, 5) is None
    code = await run(access.invite, "id-JAN", now)
    await run(access.open_invite, code, 9, now)
    assert not (await run(staff.by_id, "id-JAN")).active
    await run(access.confirm, "id-JAN", now)
    assert (await run(staff.by_telegram, 9)).code == "JAN"


async def test_old_account_works_until_the_new_one_is_confirmed(run: Run, now: datetime) -> None:
    """A new phone replaces the old one only by the administrator's yes, never by a no."""
    await run(add_staff, "JAN", telegram_id=5)
    code = await run(access.invite, "id-JAN", now)
    await run(access.open_invite, code, 9, now)
    assert await run(staff.by_telegram, 5) is not None
    await run(access.refuse, "id-JAN")
    with pytest.raises(NotNow):
        await run(access.confirm, "id-JAN", now)
    assert await run(staff.by_telegram, 5) is not None


async def test_one_account_is_one_colleague(run: Run, now: datetime, code: str) -> None:
    """An account with access as somebody else is refused; that of somebody who left is not."""
    await run(access.open_invite, code, 6, now)
    with pytest.raises(NotNow):
        await run(access.confirm, "id-JAN", now)
    await run(access.revoke, "id-PIE", now)
    assert (await run(access.confirm, "id-JAN", now)).telegram_id == 6


async def test_a_pupil_with_a_staff_link_is_named(run: Run, now: datetime, code: str) -> None:
    """The administrator hears that the account that waits is a pupil's."""
    await run(add_person, 5, "Noor", "id-H3b")
    assert (await run(access.open_invite, code, 5, now)).pupil_of == "H3b"


async def test_no_link_for_who_left(run: Run, now: datetime) -> None:
    """Somebody who is not in the roster any more gets no link."""
    await run(add_staff, "OUD", left_at=now)
    with pytest.raises(NotNow):
        await run(access.invite, "id-OUD", now)
