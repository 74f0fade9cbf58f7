"""A class is joined by its code, and its pupils are confirmed by its mentor alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import attempts, classes, people
from storage.errors import NotAllowed, NotNow, TooMany
from storage.tables import SchoolClass
from tests.storage.conftest import Run
from tests.storage.rows import add_class, add_person, add_report, add_staff

YEAR = timedelta(days=200)


def _hash(session: Session) -> str | None:
    return session.scalars(select(SchoolClass.code_hash)).first()


@pytest.fixture
async def school(run: Run) -> None:
    """H3b with mentor JAN; H3c with mentor PIE; coordinator COO of both."""
    await run(add_class, "H3b")
    await run(add_class, "H3c")
    await run(add_staff, "JAN", ("mentor", "id-H3b"), telegram_id=100)
    await run(add_staff, "PIE", ("mentor", "id-H3c"), telegram_id=101)
    both = ("coordinator", "id-H3b"), ("coordinator", "id-H3c")
    await run(add_staff, "COO", *both, telegram_id=102)


async def test_classes_in_the_order_of_people(run: Run, now: datetime) -> None:
    """Numbers in labels count as numbers; archived classes are not listed or found."""
    for label in ("H10a", "H3b", "2B"):
        await run(add_class, label)
    await run(add_class, "OUD", now)
    assert [each.label for each in await run(classes.active)] == ["2B", "H3b", "H10a"]
    assert (await run(classes.by_label, " h3 B")).id == "id-H3b"
    assert (await run(classes.by_id, "id-H3b")).label == "H3b"
    assert await run(classes.by_label, "oud") is None
    assert await run(classes.by_id, "id-OUD") is None


async def test_code_opens_its_class_until_it_expires(run: Run, now: datetime) -> None:
    """The code is long, hashed in the table, and works until its date."""
    await run(add_class, "H3b")
    code = await run(classes.new_code, "id-H3b", now + YEAR, now)
    assert 22 <= len(code) <= 62
    assert code not in (await run(_hash) or "")
    assert (await run(classes.by_code, code, 1, now)).label == "H3b"
    assert await run(classes.by_code, code, 1, now + YEAR) is None


async def test_code_is_renewed_on_purpose_only(run: Run, now: datetime) -> None:
    """A working code is not replaced by accident; a renewed one ends the old, not the class."""
    await run(add_class, "H3b")
    old = await run(classes.new_code, "id-H3b", now + YEAR, now)
    with pytest.raises(NotNow):
        await run(classes.new_code, "id-H3b", now + YEAR, now)
    new = await run(classes.new_code, "id-H3b", now + YEAR, now, renew=True)
    assert await run(classes.by_code, old, 1, now) is None
    assert (await run(classes.by_code, new, 1, now)).id == "id-H3b"


async def test_guessing_codes_is_throttled(run: Run, now: datetime) -> None:
    """After ten wrong codes even the right one must wait; other accounts need not."""
    await run(add_class, "H3b")
    code = await run(classes.new_code, "id-H3b", now + YEAR, now)
    for _ in range(attempts.FAILURES):
        assert await run(classes.by_code, "guess", 1, now) is None
    with pytest.raises(TooMany):
        await run(classes.by_code, code, 1, now)
    assert await run(classes.by_code, code, 2, now) is not None


@pytest.mark.usefixtures("school")
async def test_mentor_confirms_by_the_code_shown(run: Run, now: datetime) -> None:
    """The right code confirms that pupil, once; a wrong one nobody."""
    joined = await run(people.join_class, 1, "id-H3b", "Noor", now)
    code = joined.person.code
    wrong = "0000" if code != "0000" else "1111"
    assert await run(classes.confirm_pupil, "id-JAN", "id-H3b", wrong, now) is None
    done = await run(classes.confirm_pupil, "id-JAN", "id-H3b", code, now)
    again = await run(classes.confirm_pupil, "id-COO", "id-H3b", code, now + timedelta(hours=1), 7)
    assert done.person.name == "Noor"
    assert done == again
    assert done.person.confirmed_at == now


@pytest.mark.usefixtures("school")
async def test_only_staff_of_the_class_see_and_act(run: Run, now: datetime) -> None:
    """The mentor of another class, a revoked one and a stranger are refused everywhere."""
    person = (await run(people.join_class, 1, "id-H3b", "Noor", now)).person
    await run(add_staff, "WEG", ("mentor", "id-H3b"), telegram_id=103, revoked_at=now)
    await run(add_staff, "NEW", ("mentor", "id-H3b"))
    for who in ("id-PIE", "id-WEG", "id-NEW", "nobody"):
        with pytest.raises(NotAllowed):
            await run(classes.pupils, who, "id-H3b")
        with pytest.raises(NotAllowed):
            await run(classes.confirm_pupil, who, "id-H3b", person.code, now)
        with pytest.raises(NotAllowed):
            await run(classes.remove_pupil, who, "id-H3b", person.id, now)
    with pytest.raises(NotAllowed):
        await run(classes.remove_pupil, "id-COO", "id-H3c", person.id, now)
    assert not (await run(people.find, 1)).confirmed


@pytest.mark.usefixtures("school")
async def test_mentor_sees_second_accounts_and_removes(run: Run, now: datetime) -> None:
    """A second account under a confirmed name is marked; after removal it is in no class."""
    first = (await run(people.join_class, 1, "id-H3b", "Noor", now)).person
    await run(classes.confirm_pupil, "id-JAN", "id-H3b", first.code, now)
    await run(people.join_class, 2, "id-H3b", "noor", now + timedelta(minutes=1))
    listed = await run(classes.pupils, "id-JAN", "id-H3b")
    assert [pupil.second_account for pupil in listed] == [False, True]
    removed = await run(classes.remove_pupil, "id-JAN", "id-H3b", listed[1].person.id, now)
    assert (removed.class_id, removed.name) == (None, None)
    assert len(await run(classes.pupils, "id-JAN", "id-H3b")) == 1


@pytest.mark.usefixtures("school")
async def test_class_quiz_reaches_confirmed_and_reachable(run: Run, now: datetime) -> None:
    """Who is not confirmed, or blocked the bot, is not in the audience."""
    for account in (1, 2, 3):
        pupil = (await run(people.join_class, account, "id-H3b", f"P{account}", now)).person
        if account != 2:
            await run(classes.confirm_pupil, "id-JAN", "id-H3b", pupil.code, now)
    await run(people.mark_unreachable, 3, now)
    assert [each.telegram_id for each in await run(classes.audience, "id-H3b")] == [1]


@pytest.mark.usefixtures("school")
async def test_new_year_empties_a_class(run: Run, now: datetime) -> None:
    """All pupils are out and the code is void; a name that a report needs stays."""
    code = await run(classes.new_code, "id-H3b", now + YEAR, now)
    await run(add_person, 1, "Noor", "id-H3b")
    await run(add_person, 2, "Fem", "id-H3b")
    await run(add_report, "M-2026-0001", "id-1")
    assert await run(classes.empty, "id-H3b", now) == 2
    assert [(await run(people.find, who)).name for who in (1, 2)] == ["Noor", None]
    assert await run(classes.by_code, code, 3, now) is None
