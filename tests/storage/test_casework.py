"""What staff and pupil do with a report, and what the other side hears of it."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import cards, casework, events, followup, reports
from storage.database import Database
from storage.errors import NotAllowed, NotNow
from storage.tables import Event, Order, Recipient
from tests.storage import school
from tests.storage.conftest import Run
from tests.storage.school import (
    BOARD,
    CONFIDENTIAL,
    COORDINATOR,
    DEPUTY,
    MENTOR,
    NEW,
    POLICY,
    PUPIL,
    SECOND,
    STRANGER,
    staff_id,
)


@pytest.fixture
async def report_id(db: Database, run: Run, now: datetime, rng: random.Random) -> str:
    """A report that both mentors got; nothing waits to be sent."""
    await run(school.found)
    sent = await run(school.send, now)
    await school.deliver(db, rng, now)
    return str(sent.id)


def _statuses(session: Session) -> list[str]:
    query = select(Order).where(Order.kind == "status").order_by(Order.seq)
    return [(order.detail or {})["state"] for order in session.scalars(query)]


def _holders(session: Session, report_id: str) -> set[str]:
    query = select(Recipient.staff_id).where(
        Recipient.report_id == report_id, Recipient.ended_at.is_(None)
    )
    return set(session.scalars(query))


async def test_states_are_told_from_facts(run: Run, now: datetime, report_id: str) -> None:
    """Delivered, read, in hand and closed reach the pupil once each, in order."""
    for account in (MENTOR, MENTOR, SECOND):
        assert (await run(casework.open_report, account, report_id, POLICY, now)).state == "read"
    assert (await run(casework.take, MENTOR, report_id, POLICY, now)).state == "working"
    await run(casework.take, MENTOR, report_id, POLICY, now)
    closed = await run(casework.close, MENTOR, report_id, "opgelost", now)
    assert closed.state == "closed"
    assert await run(_statuses) == ["delivered", "read", "working", "closed"]
    what = [e.what for e in await run(events.history, report_id)]
    assert what[3:] == ["delivered", "delivered", "read", "read", "taken", "closed"]


async def test_first_to_act_owns_it(run: Run, now: datetime, report_id: str) -> None:
    """The second mentor can still see the report but not act on it."""
    await run(casework.take, MENTOR, report_id, POLICY, now)
    seen = await run(casework.open_report, SECOND, report_id, POLICY, now)
    assert (seen.relation, seen.owner) == ("bystander", "Naam AAA")
    with pytest.raises(NotNow):
        await run(casework.take, SECOND, report_id, POLICY, now)
    with pytest.raises(NotNow):
        await run(casework.reply, SECOND, report_id, "hoi", now)


async def test_two_mentors_at_once(db: Database, now: datetime, report_id: str) -> None:
    """When both mentors tap at the same moment exactly one of them has the report."""
    taken = await asyncio.gather(
        *(db.run(casework.take, who, report_id, POLICY, now) for who in (MENTOR, SECOND)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in taken) == ["NotNow", "ReportView"]


async def test_taking_stops_the_notice_to_the_colleague(run: Run, now: datetime) -> None:
    """Once a mentor has it in hand, the other's waiting notice is dropped."""
    await run(school.found)
    sent = await run(school.send, now.replace(hour=23))
    await run(casework.take, MENTOR, sent.id, POLICY, now.replace(hour=23))
    assert (SECOND, "notice") not in await run(school.waiting)


async def test_words_go_both_ways(run: Run, now: datetime, report_id: str) -> None:
    """A reply reaches the pupil, an addition the owner alone; a reply makes one the owner."""
    shown = await run(casework.reply, MENTOR, report_id, "kom je langs?", now)
    assert (shown.state, shown.relation, shown.due_at) == ("working", "owner", None)
    await run(followup.add, PUPIL, report_id, "ja, morgen", POLICY, now + timedelta(minutes=1))
    assert await run(school.waiting) == [
        (PUPIL, "status"),
        (PUPIL, "reply"),
        (MENTOR, "addition"),
    ]
    own = await run(reports.own, PUPIL, report_id)
    assert [(m.sender, m.body) for m in own.messages] == [
        ("Naam AAA", "kom je langs?"),
        (None, "ja, morgen"),
    ]
    assert own.due_at is not None


@pytest.mark.parametrize("step", ["reply", "close", "add", "take"])
async def test_same_update_has_one_effect(
    run: Run, now: datetime, report_id: str, step: str
) -> None:
    """A repeated update changes nothing and still shows the report."""
    calls: dict[str, tuple[Any, ...]] = {
        "reply": (casework.reply, MENTOR, report_id, "hoi", now),
        "close": (casework.close, MENTOR, report_id, "klaar", now),
        "add": (followup.add, PUPIL, report_id, "nog iets", POLICY, now),
        "take": (casework.take, MENTOR, report_id, POLICY, now),
    }
    first = await run(*calls[step], update_id=5)
    before = await run(school.waiting)
    assert await run(*calls[step], update_id=5) == first
    assert await run(school.waiting) == before


async def test_empty_words_are_refused(run: Run, now: datetime, report_id: str) -> None:
    """Closing needs a sentence, and an empty reply is no reply."""
    with pytest.raises(ValueError, match="empty"):
        await run(casework.close, MENTOR, report_id, "  ", now)
    with pytest.raises(ValueError, match="empty"):
        await run(casework.reply, MENTOR, report_id, "", now)
    assert (await run(reports.own, PUPIL, report_id)).state == "delivered"


async def test_hand_over_to_a_named_colleague(run: Run, now: datetime, report_id: str) -> None:
    """The colleague owns it then, the giver sees nothing any more and their cards end."""
    card = await run(cards.record, report_id, MENTOR, 55, "card", now, staff_id=staff_id(MENTOR))
    who = await run(casework.colleagues, MENTOR, report_id, now)
    assert staff_id(MENTOR) not in {each.staff_id for each in who}
    call = casework.hand_over, MENTOR, report_id, staff_id(COORDINATOR), POLICY, now
    given = await run(*call, update_id=3)
    assert given.name == "Naam DDD"
    assert await run(*call, update_id=3) is None
    assert await run(school.waiting) == [
        (MENTOR, "tombstone"),
        (COORDINATOR, "handed"),
        (PUPIL, "status"),
    ]
    assert (await run(cards.find, card)).buried
    with pytest.raises(NotAllowed):
        await run(reports.one, MENTOR, report_id)
    assert (await run(reports.one, COORDINATOR, report_id)).relation == "owner"


async def test_hand_over_only_within_the_school_posts(
    run: Run, now: datetime, report_id: str
) -> None:
    """A colleague without a post for this class cannot be given it."""
    with pytest.raises(NotAllowed):
        await run(casework.hand_over, MENTOR, report_id, staff_id(STRANGER), POLICY, now)


async def test_late_accusation_takes_the_report_away(
    run: Run, now: datetime, report_id: str
) -> None:
    """An addition about the mentor never reaches that mentor, who loses the report with it."""
    await run(cards.record, report_id, MENTOR, 55, "card", now, staff_id=staff_id(MENTOR))
    await run(casework.take, MENTOR, report_id, POLICY, now)
    await run(
        followup.add,
        PUPIL,
        report_id,
        "eigenlijk ging het om hem",
        POLICY,
        now,
        accused={staff_id(MENTOR)},
    )
    orders = await run(school.waiting)
    assert (MENTOR, "tombstone") in orders
    assert [kind for chat, kind in orders if chat == MENTOR] == ["tombstone"]
    assert (DEPUTY, "notice") in orders
    assert await run(_holders, report_id) == {staff_id(DEPUTY)}  # the co-mentor loses it too
    for account in (MENTOR, SECOND):
        with pytest.raises(NotAllowed):
            await run(reports.one, account, report_id)
    given = await run(casework.colleagues, DEPUTY, report_id, now)
    assert not {staff_id(MENTOR), staff_id(SECOND)} & {each.staff_id for each in given}


async def test_late_sexual_offence_goes_to_the_confidential_person(
    run: Run, now: datetime, report_id: str
) -> None:
    """When it turns out to be a sexual offence by staff, everybody else loses the report."""
    await run(
        followup.add,
        PUPIL,
        report_id,
        "hij raakte me aan",
        POLICY,
        now,
        accused={staff_id(BOARD)},
        confidential=True,
    )
    assert await run(_holders, report_id) == {staff_id(CONFIDENTIAL)}


async def test_late_danger_makes_it_urgent(run: Run, now: datetime) -> None:
    """Danger in a later message sends what was waiting for the morning at once."""
    await run(school.found)
    night = now.replace(hour=23)
    sent = await run(school.send, night)
    await run(followup.add, PUPIL, sent.id, "hij staat voor de deur", POLICY, night, urgent=True)

    def held_back(session: Session) -> int:
        query = select(Order.id).where(Order.due_at > night)
        return len(session.scalars(query).all())

    assert await run(held_back) == 0
    assert (await run(reports.own, PUPIL, sent.id)).due_at == night + timedelta(minutes=15)


async def test_correct_while_unread(run: Run, now: datetime, report_id: str) -> None:
    """Until somebody read it the pupil can change the words; accused staff lose it."""
    new = reports.NewReport("iets anders", accused=frozenset({staff_id(SECOND)}), rule="1")
    shown = await run(followup.correct, PUPIL, report_id, new, POLICY, now)
    assert (shown.what, shown.app, shown.rule) == ("iets anders", None, "1")
    assert await run(_holders, report_id) == {staff_id(DEPUTY)}
    await run(casework.open_report, DEPUTY, report_id, POLICY, now)
    with pytest.raises(NotNow):
        await run(followup.correct, PUPIL, report_id, NEW, POLICY, now)


async def test_withdraw_while_unread(run: Run, now: datetime) -> None:
    """A withdrawn report is gone for staff, and no notice goes out any more."""
    await run(school.found)
    sent = await run(school.send, now)
    assert (await run(followup.withdraw, PUPIL, sent.id, now)).state == "withdrawn"
    assert await run(school.waiting) == []
    with pytest.raises(NotNow):
        await run(casework.open_report, MENTOR, sent.id, POLICY, now)


async def test_not_withdrawn_once_read(run: Run, now: datetime, report_id: str) -> None:
    """What a mentor has read cannot be taken back."""
    await run(casework.open_report, MENTOR, report_id, POLICY, now)
    with pytest.raises(NotNow):
        await run(followup.withdraw, PUPIL, report_id, now)


async def test_reopen_within_fourteen_days(run: Run, now: datetime, report_id: str) -> None:
    """The pupil can open a closed report again for a while; its owner hears so."""
    await run(casework.close, MENTOR, report_id, "klaar", now)
    last = now + timedelta(days=14)
    with pytest.raises(NotNow):
        await run(followup.reopen, PUPIL, report_id, POLICY, last + timedelta(seconds=1))
    shown = await run(followup.reopen, PUPIL, report_id, POLICY, last)
    assert (shown.state, shown.closed_at) == ("working", None)
    assert (MENTOR, "notice") in await run(school.waiting)


async def test_reopened_without_its_owner(run: Run, now: datetime, report_id: str) -> None:
    """When the owner left meanwhile, the other mentor hears of the reopened report."""
    await run(casework.close, MENTOR, report_id, "klaar", now)
    await run(school.gone, MENTOR)
    await run(followup.reopen, PUPIL, report_id, POLICY, now)
    assert (SECOND, "notice") in await run(school.waiting)


async def test_card_of_a_lost_report_is_buried_at_once(
    run: Run, now: datetime, report_id: str
) -> None:
    """A card that was on its way while the report left this mentor becomes a tombstone."""
    await run(casework.hand_over, MENTOR, report_id, staff_id(DEPUTY), POLICY, now)
    await run(cards.record, report_id, MENTOR, 77, "card", now, staff_id=staff_id(MENTOR))
    assert (MENTOR, "tombstone") in await run(school.waiting)


async def test_events_hold_no_words(run: Run, now: datetime, report_id: str) -> None:
    """No name and no word of pupil or mentor stands in an event."""
    await run(casework.reply, MENTOR, report_id, "geheim woord", now)

    def texts(session: Session) -> str:
        return " ".join(f"{e.what} {e.detail}" for e in session.scalars(select(Event)))

    assert "geheim" not in await run(texts)
