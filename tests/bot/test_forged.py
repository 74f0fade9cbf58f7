"""Every tap on a report, class or pupil of others: nothing leaks, nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handlers import cases
from storage import access
from storage.tables import Base, Claim, Inbox, Person
from tests.bot.staffroom import (
    ADMIN,
    KOK,
    MULDER,
    NOOR,
    SEM,
    SMIT,
    STRANGER,
    TIMMER,
    VOS,
    class_id,
    deliver,
    open_school,
    report,
    sound,
    staff_id,
)
from tests.bot.world import World

CANARY = "kanariewoord over een filmpje"
NOT_THERE = "f" * 32
ONLY_TRACES = {"counters", Claim.__tablename__, Inbox.__tablename__, Person.__tablename__}


def snapshot(session: Session) -> dict[str, list[Any]]:
    """Return every row of every table but those that only say that an update came in."""
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
        if table.name not in ONLY_TRACES
    }


async def answers(world: World, who: int, data: str) -> list[Any]:
    """Return every call that a tap leads to."""
    shown = world.telegram.chat(who)[0]
    mark = len(world.telegram.calls)
    await world.press(who, data, shown)
    return [
        (c.method, c.params.get("chat_id"), c.params.get("text"), str(c.params.get("reply_markup")))
        for c in world.telegram.calls[mark:]
    ]


async def check(world: World, who: int, there: str, not_there: str) -> None:
    """Assert that a tap says the same for what exists and what does not, and does nothing."""
    before = await world.run(snapshot)
    for_real = await answers(world, who, there)
    assert await world.run(snapshot) == before
    assert for_real == await answers(world, who, not_there)
    for method, chat, text, _ in for_real:
        assert method == "answerCallbackQuery" or str(chat) == str(who)
        for secret in (CANARY, "Noor", "M-2026", "H3b"):
            assert secret not in (text or "")


@pytest.fixture
async def school(world: World) -> Any:
    """Two reports: Vos gave the first to Smit, Kok lost access; the second is about Timmer."""
    await open_school(world)
    yield world
    sound(world)


async def first(world: World) -> str:
    """Make the first report: passed on by Vos, while Kok is revoked."""
    report_id = await report(world, NOOR, CANARY)
    await world.tap(VOS, "Lezen")
    await world.tap(VOS, "Doorzetten")
    await world.tap(VOS, "Karel Smit")
    await world.run(access.revoke, staff_id(KOK), world.time)
    await deliver(world)
    return report_id


CASE = [*(each for each in cases._CASE if each != "to-"), f"to-{staff_id(SMIT)[:12]}", "x", ""]
OWN = [*cases._OWN, "x"]


async def test_reports_of_others(school: World) -> None:
    """Former, revoked, other staff, pupils, strangers, administrators: nothing of the report."""
    report_id = await first(school)
    for who in (NOOR, SEM, TIMMER, VOS, KOK, MULDER, ADMIN, STRANGER):
        await school.say(who, "/stop")
        for action in CASE:
            await check(school, who, f"case:{report_id}:{action}", f"case:{NOT_THERE}:{action}")
        for action in OWN if who != NOOR else ():
            await check(school, who, f"own:{report_id}:{action}", f"own:{NOT_THERE}:{action}")


async def test_report_about_this_teacher(school: World) -> None:
    """Whom a report is about cannot see or do anything with it."""
    report_id = await report(
        school, NOOR, CANARY, staff="Ja, iemand anders", staff_name="~Tom Timmer", sexual="Nee"
    )
    await school.say(TIMMER, "/stop")
    for action in CASE:
        there, not_there = f"case:{report_id}:{action}", f"case:{NOT_THERE}:{action}"
        await check(school, TIMMER, there, not_there)


async def test_classes_and_pupils_of_others(school: World) -> None:
    """Class, pupil and staff buttons of others: one answer, whether they exist or not."""
    await school.run(access.revoke, staff_id(KOK), school.time)
    pairs = [
        (f"class:{class_id('H3b')}:{action}", f"class:{NOT_THERE}:{action}")
        for action in ("show", "confirm", "remove", "qr", "renew", "x")
    ]
    pairs.append((f"out:{staff_id(NOOR)}", f"out:{NOT_THERE}"))
    pairs += [(f"staff:{a}:{staff_id(VOS)}", f"staff:{a}:{NOT_THERE}") for a in ("yes", "no")]
    pairs += [("words:1:yes", "words:stop"), ("digits:stop", "digits:")]
    away = (f"away:day:{staff_id(VOS)}", f"away:day:{NOT_THERE}")
    for who in (NOOR, SEM, TIMMER, KOK, MULDER, ADMIN, STRANGER):
        await school.say(who, "/stop")
        for there, not_there in pairs if who in {TIMMER, MULDER} else [*pairs, away]:
            await check(school, who, there, not_there)


async def test_drafts_of_words_are_checked_when_sent(school: World) -> None:
    """A mentor who lost the report while typing an answer sends nothing."""
    await report(school, NOOR, CANARY)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    await school.run(access.revoke, staff_id(VOS), school.time)
    shown = await school.say(VOS, "dit mag niet aankomen")
    assert "geen toegang" in shown.text
    await deliver(school)
    assert "dit mag niet" not in school.texts(NOOR)
