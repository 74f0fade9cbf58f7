"""Joining a class, staff by their link, the mentor's class, absence, and one's own data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.views import privacy as views
from storage import access, classes, drafts, people, privacy, reports, staff
from storage.tables import SchoolClass
from tests.bot.staffroom import (
    ADMIN,
    DEMIR,
    KOK,
    NOOR,
    SEM,
    STRANGER,
    VOS,
    WHAT,
    class_id,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    sound,
    staff_id,
)
from tests.bot.world import World

NEW_PHONE = 3001


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b; then the sweep."""
    yield await open_school(world, KOK)
    sound(world)


async def link(world: World, label: str = "H3b") -> str:
    """Return what a pupil's phone sends after scanning the QR code of a class."""
    expires = world.time + timedelta(days=30)
    new = await world.run(classes.new_code, class_id(label), expires, world.time, renew=True)
    return f"/start c-{new}"


async def invite(world: World, account: int) -> str:
    """Return what the phone of staff sends after a tap on the personal link."""
    return f"/start s-{await world.run(access.invite, staff_id(account), world.time)}"


async def test_join_and_be_confirmed(school: World) -> None:
    """Scan, name, four digits; the mentor types them, and the card says confirmed."""
    await school.say(STRANGER, await link(school))
    shown = await school.say(STRANGER, "  Ali   de Vries ")
    code = (await school.run(people.find, STRANGER)).code
    assert code in shown.text
    assert shown.params["protect_content"]
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Code bevestigen")
    assert "hoort bij niemand" in (await school.say(VOS, "hallo")).text
    await school.say(VOS, " ".join(code))
    assert "Ali de Vries is bevestigd" in school.last(VOS).text
    assert "bevestigd dat jij het bent" in school.last(STRANGER).text
    preview = await fill_in(school, STRANGER)
    assert "Van: Ali de Vries, H3b\n" in preview.text


async def test_odd_names_are_asked_again(school: World) -> None:
    """What is no name is asked again, kindly; the pupil stays in the dialogue."""
    await school.say(STRANGER, await link(school))
    for name in ("Ali", "ali 🌸", "<b>Ali</b> x", "1234 5678", "   ", "a" * 70):
        assert "voornaam en je achternaam" in (await school.say(STRANGER, name)).text
    await school.say(STRANGER, "Ali D’Ângelo-de Vries")
    assert (await school.run(people.find, STRANGER)).class_label == "H3b"


async def test_class_archived_while_the_name_is_typed(school: World) -> None:
    """The class is gone meanwhile: the pupil hears how to go on, and the dialogue ends."""
    await school.say(STRANGER, await link(school))
    await school.run(archive, class_id("H3b"), school.time)
    assert "werkt niet" in (await school.say(STRANGER, "Ali de Vries")).text
    assert await school.run(drafts.load, STRANGER) is None


def archive(session: Session, school_class: str, now: datetime) -> None:
    """End a class, as a new school year does."""
    session.get_one(SchoolClass, school_class).archived_at = now


async def test_links_that_do_not_work(school: World) -> None:
    """A wrong, old or renewed code: one kind answer; guessing is stopped."""
    old = await link(school)
    await link(school)
    assert "werkt niet (meer)" in (await school.say(STRANGER, old)).text
    for _ in range(10):
        shown = await school.say(STRANGER, "/start c-gokje")
    assert "werkt niet" in shown.text or "te veel" in shown.text
    assert "te veel" in (await school.say(STRANGER, await link(school))).text


async def test_link_for_staff_and_for_who_is_in_a_class(school: World) -> None:
    """Staff is told that joining is for pupils; a pupil in a class hears how to change."""
    assert "voor leerlingen" in (await school.say(VOS, await link(school))).text
    assert "Je zit al in klas H3b" in (await school.say(NOOR, await link(school, "V5a"))).text
    await school.say(NOOR, "/stop")
    assert (await school.run(people.find, NOOR)).class_label == "H3b"


async def test_scanning_keeps_a_report_in_the_making(school: World) -> None:
    """A QR code in the middle of a report: first the report, nothing is lost."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    assert "nog bezig met een melding" in (await school.say(NOOR, await link(school))).text
    assert (await school.run(drafts.load, NOOR)).data["what"] == WHAT


async def test_staff_link_opens_nothing_until_confirmed(school: World) -> None:
    """The administrator is asked, colleagues are told; after the yes the staff member is in."""
    opened = await invite(school, DEMIR)
    assert "bevestigt je toegang" in (await school.say(NEW_PHONE, opened)).text
    assert "Heb je hem net al geopend" in (await school.say(NEW_PHONE, opened)).text
    assert "voor mentoren" in (await school.say(NEW_PHONE, "/klas")).text
    assert "Aylin Demir heeft de link" in school.last(VOS).text
    asked = school.last(ADMIN)
    await school.tap(ADMIN, "Bevestigen", asked)
    assert "is bevestigd" in school.last(ADMIN).text
    assert "Welkom, Aylin Demir" in school.last(NEW_PHONE).text
    assert (await school.run(staff.by_telegram, NEW_PHONE)).name == "Aylin Demir"
    assert await school.run(staff.by_telegram, DEMIR) is None
    await school.press(ADMIN, f"staff:yes:{staff_id(DEMIR)}", asked)
    assert "al afgehandeld" in school.last(ADMIN).text


async def test_staff_link_refused_or_of_a_pupil(school: World) -> None:
    """A pupil's account is pointed out; after the no nothing has changed."""
    await school.say(NOOR, await invite(school, DEMIR))
    assert "ook leerling in klas H3b" in school.last(ADMIN).text
    await school.tap(ADMIN, "Weigeren")
    assert await school.run(staff.by_telegram, NOOR) is None
    assert (await school.run(staff.by_telegram, DEMIR)).name == "Aylin Demir"


async def test_staff_link_opened_with_a_colleagues_phone(school: World) -> None:
    """It cannot be confirmed, and the administrator hears why instead of nothing."""
    await school.say(VOS, await invite(school, DEMIR))
    await school.tap(ADMIN, "Bevestigen")
    assert "al toegang met dat account" in school.last(ADMIN).text
    assert (await school.run(staff.by_telegram, VOS)).name == "Marit Vos"


async def test_link_while_the_administrator_is_away(school: World) -> None:
    """Telegram fails on the message to the administrator: the opener gets the answer once."""
    opened = await invite(school, DEMIR)
    await school.say(NEW_PHONE, "/help")
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    await school.say(NEW_PHONE, opened)
    assert got(school, NEW_PHONE).count("bevestigt je toegang") <= 2
    assert [each.name for each in await school.run(access.waiting)] == ["Aylin Demir"]


async def test_class_of_the_mentor(school: World) -> None:
    """Who is in it, a second account flagged, removing, and a new QR code."""
    await school.say(STRANGER, await link(school))
    await school.say(STRANGER, "noor bakker")
    await school.run(classes.confirm_pupil, staff_id(VOS), class_id("H3b"), str(NOOR), school.time)
    card = await school.say(VOS, "/klas")
    assert "tweede account" in card.text
    assert "Sem Jansen" in card.text
    await school.tap(VOS, "Iemand verwijderen")
    assert "Sem Jansen uit klas H3b halen?" in (await school.tap(VOS, "Sem Jansen")).text
    assert (await school.run(people.find, SEM)).class_label == "H3b"
    await school.tap(VOS, "Ja")
    assert "uit klas H3b gehaald" in school.last(SEM).text
    assert (await school.run(people.find, SEM)).class_id is None
    before = await link(school)
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Nieuwe QR-code")
    await school.tap(VOS, "Ja")
    photo = [call for call in school.telegram.calls if call.method == "sendPhoto"][-1]
    assert "https://t.me/VuistregelBot?start=c-" in photo.params["caption"]
    assert "werkt niet" in (await school.say(SEM, before)).text


async def test_class_is_for_staff(school: World) -> None:
    """Pupils and staff without a class get a kind answer, and digits typed too late do nothing."""
    assert "voor mentoren" in (await school.say(NOOR, "/klas")).text
    assert "voor mentoren" in (await school.say(NOOR, "/afwezig")).text
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Code bevestigen")
    await school.run(access.revoke, staff_id(VOS), school.time)
    assert "geen toegang" in (await school.say(VOS, str(NOOR))).text
    assert not (await school.run(people.find, NOOR)).confirmed


async def test_absence(school: World) -> None:
    """Span, then stand-in (own colleagues first), then back; a circle is asked again."""
    await school.say(VOS, "/afwezig")
    shown = await school.tap(VOS, "Een week")
    assert {label for label, _ in shown.buttons[:2]} == {"Aylin Demir", "Karel Smit"}
    assert "Tom Timmer" in {label for label, _ in shown.buttons}
    await school.tap(VOS, "Aylin Demir")
    assert "tot en met ma 30 nov. Aylin Demir vervangt je" in school.last(VOS).text
    await school.say(DEMIR, "/afwezig")
    await school.tap(DEMIR, "Vandaag")
    shown = await school.tap(DEMIR, "Marit Vos")
    assert "Kies iemand anders" in shown.text
    await school.tap(DEMIR, "Niemand in het bijzonder")
    assert "Karel Smit" in (await fill_in(school, NOOR)).text
    await school.say(VOS, "/afwezig")
    assert "Welkom terug" in (await school.tap(VOS, "Ik ben er weer")).text


async def test_absence_with_a_forged_stand_in(school: World) -> None:
    """A stand-in that does not exist is no stand-in."""
    await school.say(VOS, "/afwezig")
    shown = await school.tap(VOS, "Een week")
    await school.press(VOS, f"away:week:{'f' * 32}", shown)
    assert (await school.run(staff.by_id, staff_id(VOS))).absent_until is None


async def test_my_data(school: World) -> None:
    """A page and the same as JSON, protected, for that person alone; a stranger has nothing."""
    await report(school)
    await school.say(NOOR, "/mijngegevens")
    sent = [call for call in school.telegram.calls if call.method == "sendDocument"]
    assert [call.params["protect_content"] for call in sent] == [True, True]
    assert all(str(call.params["chat_id"]) == str(NOOR) for call in sent)
    await school.say(STRANGER, "/mijngegevens")
    assert len([call for call in school.telegram.calls if call.method == "sendDocument"]) == 2


async def test_my_data_as_a_page(school: World) -> None:
    """The page speaks the person's language, shows own words as words, and no staff at all."""
    await report(school, NOOR, "<script>alert(1)</script> op snapchat")
    await school.tap(VOS, "Lezen")
    data = await school.run(privacy.export, NOOR, school.time)
    page = views.page(school.services.speech("nl"), data)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; op snapchat" in page
    assert "<script" not in page
    for shown in ("Je meldingen", "M-2026-0001", "Noor Bakker", "2026-11-24 09:00 (UTC)", "Nee"):
        assert shown in page
    for hidden in ("Vos", "telegram_id", "sent_at", "first_seen"):
        assert hidden not in page


async def test_forget_me(school: World) -> None:
    """Nothing happens before the yes; an open report stays and is named, the rest goes."""
    await report(school)
    await school.say(NOOR, "/vergeetmij")
    asked = school.last(NOOR)
    await school.press(NOOR, "keepme", asked)
    assert (await school.run(people.find, NOOR)).class_label == "H3b"
    await school.say(NOOR, "/vergeetmij")
    await school.tap(NOOR, asked.params["reply_markup"]["inline_keyboard"][0][0]["text"])
    assert "M-2026-0001" in school.last(NOOR).text
    assert (await school.run(people.find, NOOR)).class_label is None
    assert len(await school.run(reports.mine, NOOR)) == 1
    await school.say(SEM, "/vergeetmij")
    await school.tap(SEM, asked.params["reply_markup"]["inline_keyboard"][0][0]["text"])
    assert await school.run(people.find, SEM) is None
    await deliver(school)
    assert "insta" in (await school.tap(VOS, "Lezen")).text
