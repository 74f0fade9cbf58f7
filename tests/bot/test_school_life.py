"""What happens at a school in a year: new classes, new phones, people who leave or are away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import upkeep
from bot.alarm import Watch
from bot.upkeep import Upkeep
from storage import access, claims, classes, people, reports, roster, staff
from storage.errors import NotAllowed, RosterProblem
from storage.roster_file import read
from storage.tables import Order
from tests.bot.staffroom import (
    ADMIN,
    BOSMAN,
    DEMIR,
    KOK,
    MULDER,
    NOOR,
    SMIT,
    STRANGER,
    VOS,
    WHAT,
    class_id,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    row,
    sound,
    staff_id,
)
from tests.bot.telegram import Bubble
from tests.bot.test_alarm import Heard
from tests.bot.test_joining import invite, link
from tests.bot.world import World

NEW_PHONE = 3001
BLOCKED = {"description": "Forbidden: bot was blocked by the user"}
HEAD = "klas;mentor;mentor_code;plaatsvervanger;plaatsvervanger_code;coordinator;coordinator_code"
VOS_LEFT = f"""{HEAD}
H3b;Aylin Demir;C2003;Tom Timmer;C2007;Karel Smit;C2004
V5a;Tom Timmer;C2007;;;Karel Smit;C2004
*;;;;;Karel Smit;C2004
"""
NEW_POSTS = f"""{HEAD}
H3b;Tom Timmer;C2007;Aylin Demir;C2003;Karel Smit;C2004
V5a;Marit Vos;C2001;;;Karel Smit;C2004
"""


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b, in the evening; then the sweep."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)


async def upkept(world: World, **parts: float) -> None:
    """Let time go by, run the jobs that are due, and deliver."""
    world.pass_time(**parts)
    await Upkeep(world.services).once()
    await deliver(world)


async def imported(world: World, text: str, *, new_year: bool = False) -> None:
    """Carry out a roster file as the command line does."""
    await world.run(roster.apply, read(text.encode()), world.time, new_year=new_year)
    await upkeep.hand_over(world.services)
    await deliver(world)


async def test_mentor_left_in_the_new_roster(school: World) -> None:
    """Not in the new file: the report goes on, the pupil hears so, the old card is no more."""
    report_id = await report(school)
    card = await school.tap(VOS, "Lezen")
    await imported(school, VOS_LEFT)
    assert "M-2026-0001" in got(school, DEMIR)
    assert "doorgegeven aan een collega" in got(school, NOOR)
    assert "insta" not in school.texts(VOS)
    await school.press(VOS, f"case:{report_id}:read", card)
    assert "insta" not in school.last(VOS).text
    assert "insta" in (await school.tap(DEMIR, "Lezen")).text


async def test_class_with_an_open_report_cannot_be_dropped(school: World) -> None:
    """A file without the class changes nothing at all while a report of it is open."""
    await report(school)
    without = "\n".join(line for line in VOS_LEFT.splitlines() if not line.startswith("H3b"))
    with pytest.raises(RosterProblem):
        await imported(school, without)
    assert (await school.run(people.find, NOOR)).class_label == "H3b"
    assert (await school.run(staff.by_telegram, VOS)).name == "Marit Vos"


async def test_mentor_of_another_class_keeps_what_is_open(school: World) -> None:
    """Who gets another class finishes what was begun; what is missed goes to the new mentor."""
    report_id = await report(school)
    await imported(school, NEW_POSTS)
    assert "insta" in (await school.tap(VOS, "Lezen")).text
    school.time = (await school.run(row, report_id))["due_at"]
    await upkept(school)
    assert "nog niet opgepakt" in got(school, 2007)
    assert "Tom Timmer" in (await fill_in(school, NOOR)).text


async def test_pupil_changes_class_with_an_open_report(school: World) -> None:
    """The report stays with who has it, words go on both ways; a new one goes to the new class."""
    report_id = await report(school)
    await school.tap(VOS, "Lezen")
    await school.say(NOOR, await link(school, "V5a"))
    await school.say(NOOR, "Noor Bakker")
    assert (await school.run(people.find, NOOR)).class_label == "V5a"
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "kom je morgen langs?")
    await deliver(school)
    assert "kom je morgen langs?" in got(school, NOOR)
    with pytest.raises(NotAllowed):
        await school.run(reports.one, 2007, report_id)
    assert "Tom Timmer" in (await fill_in(school, NOOR)).text


async def test_new_school_year_under_the_same_label(school: World) -> None:
    """Nobody is in the class of last year: the next report asks anew; the open one stays."""
    report_id = await report(school)
    await school.run(classes.confirm_pupil, staff_id(VOS), class_id("H3b"), str(NOOR), school.time)
    await imported(school, NEW_POSTS, new_year=True)
    card = await school.tap(VOS, "Lezen")
    assert "Van: Noor Bakker, H3b (2025-26)\n" in card.text
    assert "insta" in card.text
    asked = await fill_in_until_class(school, NOOR)
    assert "In welke klas zit je nu?" in asked.text
    shown = await school.tap(NOOR, "H3b", asked)
    preview = await school.tap(NOOR, "Nee", shown)
    assert "Tom Timmer" in preview.text
    assert "Marit Vos" not in preview.text
    school.time = (await school.run(row, report_id))["due_at"]
    await upkept(school)
    assert "M-2026-0001" not in got(school, 2007)
    assert "nog niet opgepakt" in got(school, DEMIR)


async def test_class_chosen_before_the_new_year(world: World) -> None:
    """A report in the making, by who chose a class that ended since: it is asked again."""
    await open_school(world, KOK)
    await world.say(STRANGER, "/melden")
    await world.say(STRANGER, "Ali de Vries")
    await world.say(STRANGER, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "H3b"):
        await world.tap(STRANGER, label)
    await imported(world, NEW_POSTS, new_year=True)
    assert "In welke klas" in (await world.tap(STRANGER, "Nee")).text
    assert "Tom Timmer" in (await world.tap(STRANGER, "H3b")).text
    sound(world)


async def test_words_about_last_years_mentor(school: World) -> None:
    """Added to a report of last year, "mijn mentor" is that year's mentor, who has it."""
    await report(school)
    await imported(school, NEW_POSTS, new_year=True)
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026-0001")
    await school.tap(NOOR, "Iets toevoegen")
    assert "Marit Vos" in (await school.say(NOOR, "mijn mentor deed het zelf ook")).text


async def fill_in_until_class(world: World, who: int) -> Bubble:
    """Go through the dialogue up to the question for the class."""
    await world.say(who, "/melden")
    shown = await world.say(who, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee"):
        shown = await world.tap(who, label, shown)
    return shown


async def test_new_account_of_a_mentor(school: World) -> None:
    """A lost phone: the old account loses all at once and its cards; the new one has the report."""
    report_id = await report(school)
    await school.tap(VOS, "Lezen")
    card = school.last(VOS)
    await school.say(NEW_PHONE, await invite(school, VOS))
    await school.tap(ADMIN, "Bevestigen")
    await deliver(school)
    assert "insta" not in school.texts(VOS)
    await school.press(VOS, f"case:{report_id}:read", card)
    assert "insta" not in school.texts(VOS)
    assert "M-2026-0001" in (await school.say(NEW_PHONE, "/meldingen")).text
    assert "insta" in (await school.tap(NEW_PHONE, "M-2026-0001")).text


async def test_confirming_cut_off_before_the_welcome(school: World) -> None:
    """The process died after the yes: the same tap again welcomes, and changes nothing more."""
    await school.say(NEW_PHONE, await invite(school, DEMIR))
    asked = school.last(ADMIN)
    body = pressed(school, asked, "Bevestigen")
    await school.tap(ADMIN, "Bevestigen", asked)
    number = school._next_update
    before = got(school, NEW_PHONE).count("Welkom")
    raw = {"update_id": number, "callback_query": body}
    school.handling.later(raw)
    await school.handling.settle()
    assert got(school, NEW_PHONE).count("Welkom") == before + 1
    assert await school.run(claims.seen, number)
    assert "al afgehandeld" not in school.last(ADMIN).text


def pressed(world: World, bubble: Bubble, label: str) -> dict[str, Any]:
    """Return the body of a tap of the administrator."""
    user, message = world._user(ADMIN), world.telegram.message(bubble)
    query = {"id": "1", "from": user, "chat_instance": "1", "message": message}
    return query | {"data": bubble.data(label)}


async def test_administrator_who_never_pressed_start(school: World) -> None:
    """The alarm is refused: tried once, in nobody's way, and the pupil is told all the same."""
    for gone in (VOS, DEMIR, SMIT, BOSMAN, MULDER):
        await school.run(access.revoke, staff_id(gone), school.time)
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Versturen")
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot can't initiate a chat")
    await deliver(school)
    for _ in range(3):
        await upkept(school, hours=5)
    alarms = [c for c in school.telegram.calls if str(c.params.get("chat_id")) == str(ADMIN)]
    assert sum("M-2026-0001" in str(call.params.get("text")) for call in alarms) == 1
    assert "M-2026-0001" in got(school, NOOR)


@pytest.mark.parametrize("admins", [(ADMIN,), ()], ids=["refuses", "none set"])
async def test_warning_that_no_administrator_gets(school: World, admins: tuple[int, ...]) -> None:
    """It goes over the second channel: once, by number alone, also when that failed at first."""
    school.services.settings = school.services.settings.model_copy(update={"admin_ids": admins})
    channel = Heard()
    watch = Watch(school.services, [channel])
    for gone in (VOS, DEMIR, SMIT, BOSMAN, MULDER):
        await school.run(access.revoke, staff_id(gone), school.time)
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Versturen")
    if admins:
        await watch.look()
        assert channel.subjects == []
        school.telegram.fail("sendMessage", 403, description="Forbidden: bot can't initiate a chat")
        await deliver(school)
    channel.broken = True
    await watch.look()
    channel.broken = False
    for _ in range(3):
        await watch.look()
    assert len(channel.subjects) == 1
    assert "M-2026-0001 kan niemand van school bereiken" in channel.subjects[0]
    assert "druk op Start" in channel.subjects[0]
    assert not {"<", "insta", "Noor"} & set(channel.subjects[0].replace(".", " ").split(" "))


async def test_warning_that_one_administrator_gets(school: World) -> None:
    """Where one of two has it, the second channel stays silent."""
    both = school.services.settings.model_copy(update={"admin_ids": (ADMIN, ADMIN + 1)})
    school.services.settings = both
    channel = Heard()
    for gone in (BOSMAN, MULDER):
        await school.run(access.revoke, staff_id(gone), school.time)
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    await upkept(school)
    await Watch(school.services, [channel]).look()
    assert "H3b, V5a" in got(school, ADMIN) + got(school, ADMIN + 1)
    assert channel.subjects == []


async def test_warning_about_an_administrator(school: World) -> None:
    """Of a report about one of them nothing goes over the channel, which may be theirs."""
    both = school.services.settings.model_copy(update={"admin_ids": (VOS, ADMIN)})
    school.services.settings = both
    channel = Heard()
    for gone in (DEMIR, SMIT, BOSMAN, MULDER):
        await school.run(access.revoke, staff_id(gone), school.time)
    await fill_in(school, NOOR, staff="Ja, mijn mentor", sexual="Nee")
    await school.tap(NOOR, "Versturen")
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    await deliver(school)
    await Watch(school.services, [channel]).look()
    assert channel.subjects == []


async def test_absence_begins_while_a_report_is_open(school: World) -> None:
    """It stays with the absent mentor, who may have read it, and moves on at the missed term."""
    report_id = await report(school)
    due = (await school.run(row, report_id))["due_at"]
    until = school.time + timedelta(days=9)
    await school.run(staff.set_absent, staff_id(VOS), school.time, until, staff_id(MULDER))
    await upkept(school, minutes=5)
    assert got(school, MULDER) == ""
    school.time = due
    await upkept(school)
    assert "nog niet opgepakt" in got(school, MULDER)
    assert got(school, DEMIR) == ""


async def test_message_that_telegram_keeps_rejecting(school: World) -> None:
    """After an hour of no the next person gets it; others of that chat do not wait, nor suffer."""
    report_id = await report(school)
    await school.run(access.revoke, staff_id(DEMIR), school.time)
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Versturen")
    tries = 0
    while "M-2026-0002" not in got(school, SMIT) and tries < 40:
        school.telegram.fail("sendMessage", 400, description="Bad Request: can't parse entities")
        await deliver(school)
        school.telegram.faults.clear()
        school.pass_time(minutes=10)
        tries += 1
    assert tries == 13
    assert (await school.run(staff.by_telegram, VOS)).unreachable_since is None
    assert "Telegram weigert een bericht over melding M-2026-0002" in got(school, ADMIN)
    assert (await school.run(row, report_id))["state"] == "delivered"


async def test_rejected_message_holds_back_nobody(school: World) -> None:
    """While one message is rejected, the next one to the same chat goes."""
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Versturen")
    school.telegram.fail("sendMessage", 400, description="Bad Request: can't parse entities")
    await deliver(school)
    await report(school)
    assert "M-2026-0002" in school.texts(VOS)
    assert "M-2026-0001" not in school.texts(VOS)
    school.pass_time(minutes=1)
    await deliver(school)
    assert "M-2026-0001" in school.texts(VOS)


async def test_dead_end_is_told_once_a_day(school: World) -> None:
    """A class without anybody for some report: one warning a day, by class, never in the night."""
    for gone in (BOSMAN, MULDER):
        await school.run(access.revoke, staff_id(gone), school.time)
    for _ in range(3):
        await upkept(school, hours=1)
    assert got(school, ADMIN).count("H3b, V5a") == 1
    school.time = school.time.replace(hour=23)
    for _ in range(2):
        await upkept(school, days=1)
    assert got(school, ADMIN).count("H3b, V5a") == 2
    await upkept(school, hours=8)
    assert got(school, ADMIN).count("H3b, V5a") == 3
    assert await school.run(alarms_by_night) == 0


def alarms_by_night(session: Session) -> int:
    """Return how many warnings were due in the night."""
    query = select(Order.due_at).where(Order.kind == "admin_alarm")
    return sum(not 6 <= due.hour < 21 for due in session.scalars(query))


async def test_removing_a_pupil_is_asked_first(school: World) -> None:
    """One tap on a name takes nobody out; the yes does, and only for that class's own staff."""
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Iemand verwijderen")
    asked = await school.tap(VOS, "Noor Bakker")
    assert "Noor Bakker uit klas H3b halen?" in asked.text
    await school.press(STRANGER, asked.data("Ja"), asked)
    assert (await school.run(people.find, NOOR)).class_id == class_id("H3b")
    await school.tap(VOS, "Ja", asked)
    assert (await school.run(people.find, NOOR)).class_id is None
