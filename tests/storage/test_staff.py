"""Staff are known by account only with the administrator's yes; stand-ins never go in circles."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import staff
from storage.errors import NotAllowed, NotNow
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_staff


async def test_posts_and_name(run: Run) -> None:
    """A member of staff has a name, which no repr shows, and posts per class or for the school."""
    await run(add_class, "H3b")
    await run(add_staff, "JAN", ("mentor", "id-H3b"), ("coordinator", None), telegram_id=5)
    view = await run(staff.by_telegram, 5)
    assert view.name == "Naam JAN"
    assert "Naam" not in repr(view)
    assert view.holds("mentor", "id-H3b")
    assert view.holds("coordinator", None)
    assert not view.holds("mentor", None)
    assert view.classes("mentor", "coordinator") == ("id-H3b",)


@pytest.mark.parametrize("column", ["revoked_at", "left_at"])
async def test_no_access_after_leaving_or_revoking(run: Run, now: datetime, column: str) -> None:
    """The account of somebody who left or was revoked is nobody's."""
    await run(add_staff, "JAN", telegram_id=5, **{column: now})
    assert await run(staff.by_telegram, 5) is None
    assert await run(staff.by_telegram, 6) is None
    assert not (await run(staff.by_code, "jan")).active


async def test_search_by_name_or_code(run: Run, now: datetime) -> None:
    """A name finds all who bear it, a code one; who left is not found by name."""
    await run(add_staff, "JAN")
    await run(add_staff, "OUD", left_at=now)
    assert [each.code for each in await run(staff.by_name, "naam  jan")] == ["JAN"]
    assert [each.code for each in await run(staff.by_name, "Jan")] == ["JAN"]
    assert await run(staff.by_name, "Naam OUD") == ()
    assert [each.code for each in await run(staff.everyone)] == ["JAN"]
    assert len(await run(staff.everyone, also_left=True)) == 2
    with pytest.raises(NotAllowed):
        await run(staff.set_present, "nobody")


async def test_staff_of_a_class(run: Run) -> None:
    """All who have a post for the class, and no others."""
    await run(add_class, "H3b")
    await run(add_class, "H3c")
    await run(add_staff, "JAN", ("mentor", "id-H3b"))
    await run(add_staff, "PIE", ("mentor", "id-H3c"))
    assert [each.code for each in await run(staff.of_class, "id-H3b")] == ["JAN"]


async def test_absence_begins_and_ends(run: Run, now: datetime) -> None:
    """Dates and stand-in are kept, and forgotten when the person is back."""
    until = now + timedelta(days=3)
    await run(add_staff, "JAN", telegram_id=5)
    await run(add_staff, "PIE", telegram_id=6)
    away = await run(staff.set_absent, "id-JAN", now, until, "id-PIE")
    assert (away.absent_from, away.absent_until, away.stand_in_id) == (now, until, "id-PIE")
    assert (await run(staff.set_present, "id-JAN")).absent_from is None


async def test_stand_ins_never_go_round(run: Run, now: datetime) -> None:
    """Nobody stands in for themselves, directly or through others; nor without access."""
    for number, code in enumerate(("A", "B", "C"), start=1):
        await run(add_staff, code, telegram_id=number)
    await run(add_staff, "NEW")
    await run(staff.set_absent, "id-A", now, None, "id-B")
    await run(staff.set_absent, "id-B", now, None, "id-C")
    for who, stand_in in (("id-C", "id-A"), ("id-C", "id-C"), ("id-C", "id-NEW")):
        with pytest.raises(NotNow):
            await run(staff.set_absent, who, now, None, stand_in)
    with pytest.raises(NotNow):
        await run(staff.set_absent, "id-C", now, now, None)


async def test_unreachable_since_the_first_refusal(run: Run, now: datetime) -> None:
    """The moment of the first refusal stays until the account can be written to again."""
    await run(add_staff, "JAN", telegram_id=5)
    await run(staff.mark_unreachable, 5, now)
    assert (await run(staff.mark_unreachable, 5, now + timedelta(1))).unreachable_since == now
    await run(staff.mark_reachable, 5)
    assert (await run(staff.by_telegram, 5)).unreachable_since is None
    assert await run(staff.mark_unreachable, 99, now) is None
