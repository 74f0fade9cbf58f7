"""One incident that a whole class reports: every report kept, few buzzes, a hint to the mentor."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from storage import alike, buzz, drafts, people
from storage.errors import NotAllowed
from tests.bot.staffroom import (
    NOOR,
    SEM,
    STRANGER,
    TIMMER,
    VOS,
    class_id,
    deliver,
    fill_in,
    open_school,
    report,
    staff_id,
)
from tests.bot.telegram import Bubble
from tests.bot.world import World

WHAT = "er gaat een filmpje van Sem rond in de klassenapp waarin hij wordt uitgelachen"
THIRTY = range(5000, 5030)


async def thirty_reports(world: World) -> dict[int, str]:
    """Let thirty pupils tap "Versturen" on the same thing within an hour; return their receipts."""
    await fill_in(world, NOOR, WHAT)
    data = (await world.run(drafts.load, NOOR)).data
    receipts = {}
    for n, who in enumerate(THIRTY):
        await world.run(people.join_class, who, class_id("H3b"), f"Leerling Nummer{n}", world.time)
        own = data | {"what": f"{WHAT}, zei nummer {n}"}
        draft = await world.run(
            drafts.save, who, "report", "preview", own, world.time, version=None
        )
        button = world.telegram.bubbles[who, 1] = Bubble(who, 1, "het voorbeeld")
        shown = await world.press(who, f"draft:{draft.version}:preview:send", button)
        receipts[who] = shown.text
        world.pass_time(seconds=110)
        await deliver(world)
    return receipts


async def test_thirty_reports_of_one_incident(world: World) -> None:
    """Thirty stored, delivered, receipted; a mentor's phone makes a sound at most three times."""
    await open_school(world)
    world.pass_time(hours=8)  # after school statuses are not hushed
    receipts = await thirty_reports(world)
    numbers = [re.findall(r"M-\d+-\d+", text) for text in receipts.values()]
    assert all(len(set(found)) == 1 for found in numbers)
    assert len({found[0] for found in numbers}) == 30
    for who, found in zip(receipts, numbers, strict=True):
        assert f"{found[0]} is bezorgd" in world.texts(who)
    notices = [b for b in world.telegram.chat(VOS) if "Er is een melding" in b.text]
    assert len(notices) == 30
    loud = [b for b in notices if not b.params.get("disable_notification")]
    assert 1 <= len(loud) <= 3


async def test_urgent_always_buzzes(world: World) -> None:
    """An urgent report makes a sound, however many came before it."""
    await open_school(world)
    assert await world.run(buzz.take, staff_id(VOS), world.time, urgent=False)
    assert not await world.run(buzz.take, staff_id(VOS), world.time, urgent=False)
    assert await world.run(buzz.take, staff_id(VOS), world.time, urgent=True)
    later = world.time + buzz.GAP
    assert await world.run(buzz.take, staff_id(VOS), later, urgent=False)


async def test_hint_at_the_same_incident(world: World) -> None:
    """The mentor's card names the numbers of reports that resemble it, and no reporter."""
    await open_school(world)
    first = await report(world, NOOR, WHAT)
    await report(world, SEM, "ze hebben een filmpje van Sem in de klassenapp gezet en lachen")
    await deliver(world)
    card = await world.press(VOS, f"case:{first}:read", world.last(VOS))
    assert "lijkt op M-2026-0002" in card.text
    assert "Sem Jansen" not in card.text


async def test_no_hint_at_something_else(world: World) -> None:
    """A report about something else, or of long ago, is not named."""
    await open_school(world)
    first = await report(world, NOOR, WHAT)
    await report(world, SEM, "mijn wachtwoord van magister is gestolen door iemand")
    assert await world.run(alike.numbers, VOS, first) == ()
    world.pass_time(days=9)
    await report(world, SEM, WHAT)
    assert await world.run(alike.numbers, VOS, first) == ()


@pytest.mark.parametrize("who", [TIMMER, NOOR, STRANGER])
async def test_hints_are_for_who_has_the_report(world: World, who: int) -> None:
    """Who does not have the report learns of no other."""
    await open_school(world)
    first = await report(world, NOOR, WHAT)
    with pytest.raises(NotAllowed):
        await world.run(alike.numbers, who, first)
    assert timedelta(minutes=1) <= buzz.GAP
