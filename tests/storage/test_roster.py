"""A roster import changes what differs, all of it or nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import access, classes, handover, people, roster, staff
from storage.errors import RosterProblem
from storage.names import share_a_word
from storage.roster_file import RosterFile, read
from storage.tables import Post, Recipient, SchoolClass, Staff
from tests.storage.conftest import Run
from tests.storage.rows import add_person, add_report

HEADER = "klas;mentor;mentor_code;coordinator;coordinator_code;bestuur;bestuur_code"
FIRST = "H3b;Jan Jansen;JAN;Co Ordinator;COO\nH3c;Piet Pieters;PIE\n*;;;;;Bas Bestuur;BES"
SECOND = "h3b;Jan de Jong;JAN\nH4a;Jan Jansen;JJ2\n*;;;;;Bas Bestuur;BES"


def _file(rows: str) -> RosterFile:
    return read(f"{HEADER}\n{rows}\n".encode())


async def test_first_import(run: Run, now: datetime) -> None:
    """Everything in the file is new; a second import of the same file changes nothing."""
    found = await run(roster.diff, _file(FIRST))
    assert await run(classes.active) == ()
    assert await run(roster.apply, _file(FIRST), now) == found
    assert found.new_classes == ("H3b", "H3c")
    assert ("JAN", "Jan Jansen") in found.new_staff
    assert "Jan Jansen" not in repr(found)
    assert (await run(staff.by_code, "BES")).holds("board", None)
    h3b = await run(classes.by_label, "H3b")
    assert (await run(staff.by_code, "JAN")).holds("mentor", h3b.id)
    assert (await run(roster.diff, _file(FIRST))).empty


async def test_next_year(run: Run, now: datetime) -> None:
    """Classes and staff come and go; a class keeps its identity, pupils of a dropped one leave."""
    await run(roster.apply, _file(FIRST), now)
    h3b, h3c = await run(classes.active)
    await run(people.join_class, 1, h3c.id, "Noor", now)
    changed = await run(roster.apply, _file(SECOND), now)
    assert (changed.new_classes, changed.dropped_classes) == (("H4a",), ("H3c",))
    assert sorted(each.code for each in changed.leaving) == ["COO", "PIE"]
    assert changed.renamed == (("JAN", "Jan de Jong"),)
    assert changed.new_staff == (("JJ2", "Jan Jansen"),)
    assert [each.label for each in await run(classes.active)] == ["h3b", "H4a"]
    assert (await run(classes.by_label, "H3b")).id == h3b.id
    assert (await run(people.find, 1)).class_id is None
    assert (await run(staff.by_code, "PIE")).posts == ()
    assert (await run(roster.diff, _file(SECOND))).empty


async def test_dropping_a_class_with_open_reports_stops_it(run: Run, now: datetime) -> None:
    """The import is refused whole while a report of the class is open, and not after."""
    await run(roster.apply, _file(FIRST), now)
    h3c = await run(classes.by_label, "H3c")
    await run(add_person, 1, "Noor")
    await run(add_report, "M-2026-0001", "id-1", h3c.id, state="closed")
    assert (await run(roster.diff, _file(SECOND))).blocked == ()
    await run(add_report, "M-2026-0002", "id-1", h3c.id, state="working")
    assert (await run(roster.diff, _file(SECOND))).blocked == ("H3c",)
    with pytest.raises(RosterProblem, match="H3c"):
        await run(roster.apply, _file(SECOND), now)
    assert len(await run(classes.active)) == 2
    assert (await run(staff.by_code, "JJ2")) is None


async def test_who_left_needs_a_new_yes(run: Run, now: datetime) -> None:
    """Leaving ends access and links; who is back in a later file waits for a confirmation."""
    await run(roster.apply, _file(FIRST), now)
    pie = await run(staff.by_code, "PIE")
    await run(access.open_invite, await run(access.invite, pie.id, now), 5, now)
    await run(access.confirm, pie.id, now)
    link = await run(access.invite, pie.id, now)
    await run(roster.apply, _file(SECOND), now)
    assert await run(staff.by_telegram, 5) is None
    assert await run(access.open_invite, link, 6, now) is None
    back = await run(roster.apply, _file(FIRST), now)
    assert ("PIE", "Piet Pieters") in back.new_staff
    again = await run(staff.by_code, "PIE")
    assert (again.id, again.left_at, again.active) == (pie.id, None, False)


async def test_a_code_that_goes_to_somebody_else(run: Run, now: datetime) -> None:
    """Somebody else under the same code has no access; the one before leaves, history and all."""
    await run(roster.apply, _file("H3b;Jan de Boer;JAN\n*;;;;;Bas Bestuur;BES"), now)
    jan = await run(staff.by_code, "JAN")
    await run(access.open_invite, await run(access.invite, jan.id, now), 5, now)
    await run(access.confirm, jan.id, now)
    link = await run(access.invite, jan.id, now)
    await run(add_person, 1, "Noor")
    h3b = await run(classes.by_label, "H3b")
    await run(add_report, "M-2026-0001", "id-1", h3b.id, state="working")
    await run(_give, "id-M-2026-0001", jan.id, now)
    klein = _file("H3b;Piet de Wit;JAN\n*;;;;;Bas Bestuur;BES")
    found = await run(roster.apply, klein, now)
    assert (found.passed_on, found.renamed) == (("JAN",), ())
    new = await run(staff.by_code, "JAN")
    assert (new.name, new.active, new.telegram_id) == ("Piet de Wit", False, None)
    assert await run(staff.by_telegram, 5) is None
    assert await run(access.open_invite, link, 6, now) is None
    assert await run(handover.waiting) == ("id-M-2026-0001",)
    gone = await run(staff.by_id, jan.id)
    assert (gone.name, gone.left_at, gone.posts) == ("Jan de Boer", now, ())
    assert (await run(roster.diff, klein)).empty


def _give(session: Session, report_id: str, staff_id: str, now: datetime) -> None:
    session.add(Recipient(report_id=report_id, staff_id=staff_id, role="mentor", added_at=now))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jan de Boer", "Jana Klein", False),
        ("Jan de Boer", "Piet de Wit", False),
        ("J. Klein", "J. Boer", False),
        ("Marit Vos", "MARIT de Wit-Vos", True),
        ("Zoë Müller", "Z. Muller", True),
    ],
)
def test_whether_two_names_can_be_one_person(one: str, other: str, same: bool) -> None:
    """One word in common is enough, but for initials and words such as "de"."""
    assert share_a_word(one, other) is same


async def test_who_stood_in_and_left_stands_in_no_more(run: Run, now: datetime) -> None:
    """An absence does not point at somebody who left."""
    await run(roster.apply, _file(FIRST), now)
    jan, pie = await run(staff.by_code, "JAN"), await run(staff.by_code, "PIE")
    await run(access.open_invite, await run(access.invite, pie.id, now), 5, now)
    await run(access.confirm, pie.id, now)
    await run(staff.set_absent, jan.id, now, None, pie.id)
    await run(roster.apply, _file(SECOND), now)
    assert (await run(staff.by_id, jan.id)).stand_in_id is None


FULL = "H3b;Jan Jansen;JAN;Co Ordinator;COO\nH4a;Piet Pieters;PIE;Co Ordinator;COO"
BOARD = "\n*;;;;;Bas Bestuur;BES"


@pytest.mark.parametrize(
    ("rows", "emptied"),
    [
        ("H3b;Jan Jansen;JAN\nH4a;Piet Pieters;PIE;Co Ordinator;COO", ("H3b",)),  # about Jan
        ("H3b;Jan Jansen;JAN;Jan Jansen;JAN\nH4a;Piet Pieters;PIE;Jan Jansen;JAN", ("H3b",)),
        ("H3b;Jan Jansen;JAN\nH4a;Piet Pieters;PIE", ("H3b", "H4a")),
        (f"H3b;Jan Jansen;JAN\nH4a;Piet Pieters;PIE{BOARD}", ()),
        ("H3b;Els Mol;MOL;Co Ordinator;COO\nH4a;Piet Pieters;PIE;Els Mol;MOL", ()),
        ("H4a;Piet Pieters;PIE;Co Ordinator;COO", ()),
        (f"{FULL}\nH5c;Els Mol;MOL", ()),  # a new class is warned about
    ],
)
@pytest.mark.parametrize("new_year", [False, True])
async def test_an_import_that_empties_a_class_fails_whole(
    run: Run, now: datetime, rows: str, emptied: tuple[str, ...], new_year: bool
) -> None:
    """No class that is kept may lose its last way for a report, also one about its mentor."""
    await run(roster.apply, _file(FULL), now)
    before = await run(_everything)
    found = await run(roster.diff, _file(rows), new_year=new_year)
    assert found.emptied == emptied
    if not emptied:
        assert await run(roster.apply, _file(rows), now, new_year=new_year) == found
        return
    with pytest.raises(RosterProblem, match=f"klas {emptied[0]}"):
        await run(roster.apply, _file(rows), now, new_year=new_year)
    assert await run(_everything) == before


def _everything(session: Session) -> list[str]:
    tables = (SchoolClass, Post, Staff)
    return sorted(repr(tuple(row)) for t in tables for row in session.execute(select(t.__table__)))
