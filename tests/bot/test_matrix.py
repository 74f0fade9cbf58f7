"""Every command by everybody: who does not have a report sees of it what was there before it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from bot.commands import ALL, PROGRESS, QUIZ, STOP
from storage import access
from storage.tables import Staff
from tests.bot.staffroom import (
    ADMIN,
    BOSMAN,
    DEMIR,
    KOK,
    MULDER,
    NOOR,
    SEM,
    SMIT,
    STRANGER,
    TIMMER,
    VOS,
    deliver,
    open_school,
    report,
    sound,
    staff_id,
)
from tests.bot.world import World

CANARY: Final = "kanariewoord over een filmpje"
NUMBER: Final = "M-2026-0001"
HAVE_IT: Final = {"reporter": NOOR, "owner": SMIT, "bystander": KOK}
OTHERS: Final = {
    "pupil of the class": SEM,
    "stranger": STRANGER,
    "who passed it on": VOS,
    "accused": TIMMER,
    "colleague without it": DEMIR,
    "revoked": BOSMAN,
    "left school": MULDER,
    "administrator": ADMIN,
}
BY_CHANCE: Final = (QUIZ, PROGRESS)  # draw questions; hold nothing of reports
WORDS: Final = ("", f" {NUMBER}", f" {NUMBER.lower()} export", " alles")


def lines() -> list[str]:
    """Return every command, the ones that take words also with words behind it."""
    plain = [f"/{each.nl}" for each in ALL if each not in {*BY_CHANCE, STOP}]
    return [*plain, *(f"/meldingen{more}" for more in WORDS), f"/reports {NUMBER}", "/stop"]


async def shown(world: World, who: int) -> list[tuple[str, str, str]]:
    """Return all that the commands lead to, anywhere."""
    mark = len(world.telegram.calls)
    for line in lines():
        await world.say(who, line)
    return [
        (call.method, str(call.params.get("text")), str(call.params.get("reply_markup")))
        for call in world.telegram.calls[mark:]
    ]


@pytest.fixture
async def school(world: World) -> Any:
    """A school of which one lost access and one left."""
    world.pass_time(hours=8)
    await open_school(world)
    await world.run(access.revoke, staff_id(BOSMAN), world.time)
    await world.run(left, world.time)
    yield world
    sound(world)


def left(session: Any, now: Any) -> None:
    """Let Mulder have left the school."""
    session.get_one(Staff, staff_id(MULDER)).left_at = now


async def test_commands_by_everybody(school: World) -> None:
    """No number, word or count of the report, and no difference to when it did not exist."""
    before = {name: await shown(school, who) for name, who in OTHERS.items()}
    about = {"staff": "Ja, iemand anders", "staff_name": "~Tom Timmer", "sexual": "Nee"}
    await report(school, NOOR, CANARY, **about)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Doorzetten")
    await school.tap(VOS, "Karel Smit")
    await deliver(school)
    for name, who in OTHERS.items():
        after = await shown(school, who)
        assert CANARY not in str(after), name
        assert NUMBER not in str(after), name
        assert after == before[name], name
    for name, who in HAVE_IT.items():
        listed = str(await shown(school, who))
        assert NUMBER in listed, name
        assert CANARY not in listed or who == NOOR, name  # her own data
