"""Long lists come in pages: at most a hundred buttons a message, and everything can be reached."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.views import paging
from content.pack import Pack
from storage.sealing import seal
from storage.tables import Person, Post, Recipient, Report, SchoolClass, Staff
from tests.bot.staffroom import (
    KOK,
    NOOR,
    SMIT,
    STRANGER,
    VOS,
    WHAT,
    class_id,
    open_school,
    report,
    sound,
    staff_id,
)
from tests.bot.telegram import Bubble
from tests.bot.world import START, World

MANY = 130


@pytest.fixture
async def school(world: World) -> Any:
    """A school with a class, a colleague and a rule too many for one message; then the sweep."""
    await open_school(world, KOK)
    await world.run(_grow)
    yield world
    sound(world)


def _grow(session: Session) -> None:
    """Add classes of the team leader, and colleagues without a class."""
    for number in range(MANY):
        label = f"P{number:03d}"
        session.add(SchoolClass(id=class_id(label), label=label, label_key=label.casefold()))
        sid = f"9{number:03d}".ljust(32, "0")
        sealed = seal(session, f"Collega {number:03d}", "staff.name_sealed", sid)
        session.add(
            Staff(
                id=sid,
                code=f"P{number:03d}",
                name_sealed=sealed,
                telegram_id=9000 + number,
                confirmed_at=START,
            )
        )
        session.flush()
        session.add(Post(staff_id=staff_id(SMIT), role="coordinator", class_id=class_id(label)))
        # all of them lead the school, so a report may be handed to each
        session.add(Post(staff_id=sid, role="coordinator", class_id=None, rank=number))
    session.flush()


async def found(world: World, who: int, label: str, bubble: Bubble) -> Bubble:
    """Turn the pages of a list until a button is there; return that page."""
    for _ in range(20):
        labels = [shown for shown, _ in bubble.buttons]
        if any(shown.startswith(label) for shown in labels):
            return bubble
        bubble = await world.tap(who, "Verder", bubble)
    raise AssertionError(f"no button {label!r} on any page")


async def test_every_class_can_be_chosen(school: World) -> None:
    """In a report of a pupil without a class; the pages turn in one and the same message."""
    await school.say(STRANGER, "/melden")
    for words in ("Ali de Vries", WHAT):
        shown = await school.say(STRANGER, words)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee"):
        shown = await school.tap(STRANGER, label, shown)
    page = await found(school, STRANGER, "P129", shown)
    assert page.message_id == shown.message_id
    assert "P000" in {label for label, _ in (await school.tap(STRANGER, "◀ Vorige", page)).buttons}
    await school.tap(STRANGER, "P129", await found(school, STRANGER, "P129", page))
    assert "P129" in (await school.tap(STRANGER, "Nee")).text


async def test_every_class_of_a_team_leader(school: World) -> None:
    """The list of own classes has pages, and so has that of pupils to take out."""
    shown = await school.say(SMIT, "/klas")
    page = await found(school, SMIT, "P128", shown)
    assert "Klas P128" in (await school.tap(SMIT, "P128", page)).text


async def test_a_large_class(school: World) -> None:
    """A card and a list of a hundred pupils fit; the last one can be taken out."""
    await school.run(_pupils)
    assert "… en nog 52." in (await school.say(VOS, "/klas")).text
    shown = await school.tap(VOS, "Iemand verwijderen")
    page = await found(school, VOS, "Leerling 099", shown)
    assert "Leerling 099" in (await school.tap(VOS, "Leerling 099", page)).text


def _pupils(session: Session) -> None:
    for number in range(100):
        pid = staff_id(5000 + number)
        sealed = seal(session, f"Leerling {number:03d}", "people.name_sealed", pid)
        session.add(
            Person(
                id=pid,
                telegram_id=5000 + number,
                name_sealed=sealed,
                class_id=class_id("H3b"),
                joined_at=START,
                created_at=START,
                seen_at=START,
            )
        )


async def test_every_colleague(school: World) -> None:
    """Who stands in, and to whom a report is handed."""
    await school.say(VOS, "/afwezig")
    shown = await school.tap(VOS, "Een week")
    page = await found(school, VOS, "Collega 127", shown)
    assert "Collega 127 vervangt je" in (await school.tap(VOS, "Collega 127", page)).text
    await school.say(VOS, "/afwezig")
    await school.tap(VOS, "Ik ben er weer")
    await report(school)
    await school.tap(VOS, "Lezen")
    shown = await school.tap(VOS, "Doorzetten")
    page = await found(school, VOS, "Collega 126", shown)
    assert "Collega 126" in (await school.tap(VOS, "Collega 126", page)).text


async def test_every_report(school: World) -> None:
    """A pupil's own reports and those of a mentor, twenty a page, the oldest too."""
    await school.run(_reports)
    for who, oldest in ((NOOR, "M-2020-0001"), (VOS, "M-2020-0045")):
        shown = await school.say(who, "/meldingen")
        assert len(shown.buttons) == 21
        page = await found(school, who, oldest, shown)
        assert oldest in page.text
        assert page.message_id == shown.message_id


def _reports(session: Session) -> None:
    for number in range(1, 46):
        row_id = f"m{number:04d}"
        session.add(
            Report(
                id=row_id,
                number=f"M-2020-{number:04d}",
                person_id=staff_id(NOOR),
                class_id=class_id("H3b"),
                what_sealed=seal(session, "x", "reports.what_sealed", row_id),
                created_at=START.replace(year=2020, minute=number),
                touched_at=START,
            )
        )
        session.flush()
        session.add(
            Recipient(report_id=row_id, staff_id=staff_id(VOS), role="mentor", added_at=START)
        )


def test_pages(pack: Pack, world: World) -> None:
    """A page beyond the last is the last; what asks for no page is no number of one."""
    say = world.services.speech("nl")
    assert list(paging.part(range(45), 9)) == [40, 41, 42, 43, 44]
    assert list(paging.part([], 3)) == []
    assert paging.turns(say, 20, 0, str) == ()
    first, last = paging.turns(say, 45, 0, str)[0], paging.turns(say, 45, 99, str)[0]
    assert [each.data for each in first] == ["~1"]
    assert [each.data for each in last] == ["~1"]
    for odd in ("", "1", "~", "~-1", "~x", "~99999", "~²", "hand"):
        assert paging.number_of(odd) is None
    assert paging.number_of("~12") == 12
