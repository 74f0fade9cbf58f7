"""What mentor and pupil do with a report after it was sent, and that neither sees the other."""

from __future__ import annotations

from typing import Any

import pytest

from storage import drafts, reports
from tests.bot.staffroom import (
    DEMIR,
    KOK,
    NOOR,
    SEM,
    SMIT,
    VOS,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    row,
    sound,
)
from tests.bot.world import World


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b, and a clock outside lesson hours; then the sweep."""
    world.pass_time(hours=8)
    yield await open_school(world, KOK)
    sound(world)
    nobody_sees_the_other(world)


def nobody_sees_the_other(world: World) -> None:
    """Assert that no call to a chat holds the account of anybody else (names, ids)."""
    for call in world.telegram.calls:
        chat = str(call.params.get("chat_id", ""))
        shown = str({key: value for key, value in call.params.items() if key != "chat_id"})
        assert "canary" not in shown.lower()
        for account in (NOOR, SEM, VOS, DEMIR, SMIT):
            visible = str(call.params.get("text", ""))
            assert str(account) == chat or str(account) not in visible


async def state(world: World, report_id: str) -> str:
    return str((await world.run(row, report_id))["state"])


async def test_from_sent_to_closed_and_open_again(school: World) -> None:
    """Each state follows from a fact, and the pupil hears each of them once."""
    report_id = await report(school)
    assert "is bezorgd" in got(school, NOOR)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Lezen")
    await deliver(school)
    assert got(school, NOOR).count("is gelezen") == 1
    await school.tap(VOS, "In behandeling")
    await deliver(school)
    assert "in behandeling" in school.last(NOOR).text
    await school.tap(VOS, "Afronden")
    await school.say(VOS, "We hebben met iedereen gepraat.")
    await deliver(school)
    assert "We hebben met iedereen gepraat." in school.last(NOOR).text
    assert "Marit Vos" in school.last(NOOR).text
    assert "insta" not in school.texts(VOS)
    assert await state(school, report_id) == "closed"
    await school.say(NOOR, "/meldingen")
    await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Opnieuw openen")
    await deliver(school)
    assert await state(school, report_id) == "working"
    assert "insta" in (await school.tap(VOS, "Lezen")).text


async def test_answer_and_addition_across(school: World) -> None:
    """Words go to and fro verbatim under a name; mentions and links are not active."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "Kom je langs? <b>lokaal</b> 12 & @noor https://x.nl")
    await deliver(school)
    shown = school.last(NOOR)
    assert "Marit Vos over melding M-2026-0001" in shown.text
    assert "<b>lokaal</b> 12 & @noor https://x.nl" in shown.text
    assert "<code>@noor</code>" in shown.params["text"]
    assert shown.params["protect_content"]
    await school.tap(NOOR, "Antwoord")
    await school.say(NOOR, "ja, is goed 🙂")
    await deliver(school)
    assert "Noor Bakker bij melding M-2026-0001:\n\nja, is goed 🙂" in school.last(VOS).text


async def test_crossed_replies_in_two_reports(school: World) -> None:
    """Two open reports, answers begun crosswise: each goes to the pupil whom the prompt names."""
    await report(school, NOOR)
    await school.tap(VOS, "Lezen")
    noor_card = school.last(VOS)
    await report(school, SEM, "iemand stuurt steeds rare appjes naar mij")
    await school.tap(VOS, "Lezen")
    sem_card = school.last(VOS)
    assert "Noor" in (await school.tap(VOS, "Antwoord", noor_card)).text
    prompt = await school.tap(VOS, "Antwoord", sem_card)
    assert "Sem Jansen" in prompt.text
    await school.say(VOS, "voor sem")
    await school.tap(VOS, "Antwoord", noor_card)
    await school.say(VOS, "voor noor")
    await deliver(school)
    assert "voor noor" in school.texts(NOOR)
    assert "voor sem" not in school.texts(NOOR)
    assert "voor sem" in school.texts(SEM)
    assert "voor noor" not in school.texts(SEM)


async def test_repeats_have_no_second_effect(school: World) -> None:
    """Each tap and each typed word handled twice: once on the other side."""
    real = school.again

    async def twice(raw: Any) -> None:
        await real(raw)
        school.handling.later(raw)
        await school.handling.settle()

    await report(school)
    school.again = twice  # type: ignore[method-assign]
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "In behandeling")
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "eenmaal")
    await deliver(school)
    await school.tap(NOOR, "Antwoord")
    await school.say(NOOR, "terug")
    await deliver(school)
    assert got(school, NOOR).count("eenmaal") == 1
    assert got(school, VOS).count("terug") == 1
    assert got(school, NOOR).count("is in behandeling") == 1
    assert "al verwerkt" in got(school, NOOR)
    assert "al verwerkt" in got(school, VOS)


async def test_handing_over(school: World) -> None:
    """A colleague gets it, the giver's card becomes a tombstone, and the pupil hears it."""
    await report(school)
    await school.tap(VOS, "Lezen")
    shown = await school.tap(VOS, "Doorzetten")
    assert [label for label, _ in shown.buttons] == [
        "Aylin Demir (plaatsvervanger)",
        "Karel Smit (teamleider)",
        "Ineke Bosman (vertrouwenspersoon)",
        "Henk Mulder (bestuur)",
        "Terug",
    ]
    await school.tap(VOS, "Karel Smit")
    await deliver(school)
    assert "doorgegeven aan Karel Smit" in school.texts(VOS)
    assert "insta" not in school.texts(VOS)
    assert "doorgegeven aan een collega" in got(school, NOOR)
    assert "insta" in (await school.tap(SMIT, "Lezen")).text


async def test_withdrawn_before_it_is_read(school: World) -> None:
    """An unread report can be taken back: nobody can read it; a read one cannot, said kindly."""
    report_id = await report(school)
    await school.say(NOOR, "/meldingen")
    card = await school.tap(NOOR, "M-2026")
    await school.tap(NOOR, "Intrekken", card)
    assert "Niemand op school" in school.last(NOOR).text
    assert await state(school, report_id) == "withdrawn"
    await school.tap(VOS, "Lezen")
    assert "insta" not in got(school, VOS)
    await report(school)
    await school.say(NOOR, "/meldingen")
    card = await school.tap(NOOR, "M-2026-0002")
    await school.tap(VOS, "Lezen")
    await school.tap(NOOR, "Intrekken", card)
    assert "Dat kan nu niet meer" in school.last(NOOR).text


@pytest.mark.parametrize("attached", [{"voice": {"file_id": "f"}}, {"photo": [{"file_id": "f"}]}])
async def test_only_words_cross(school: World, attached: dict[str, Any]) -> None:
    """A picture or voice message is refused on either side; the question stays open."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await school.tap(VOS, "Antwoord")
    assert "Alleen getypte tekst" in (await school.send(VOS, **attached)).text
    assert "past niet" in (await school.say(VOS, "w" * 2501)).text
    await school.say(VOS, "in woorden dan")
    await deliver(school)
    assert "in woorden dan" in school.texts(NOOR)


async def test_stop_and_help_while_typing_an_answer(school: World) -> None:
    """/help leaves the question open, "Niet doen" and /stop drop it: nothing goes."""
    await report(school)
    await school.tap(VOS, "Lezen")
    for leave in ("tap", "/stop"):
        prompt = await school.tap(VOS, "Antwoord")
        await school.say(VOS, "/help")
        assert await school.run(drafts.load, VOS) is not None
        if leave == "tap":
            await school.tap(VOS, prompt.buttons[-1][0], prompt)
        else:
            await school.say(VOS, "/stop")
        assert await school.run(drafts.load, VOS) is None
    await deliver(school)
    assert "over melding" not in got(school, NOOR)


async def test_pupil_who_blocked_the_bot(school: World) -> None:
    """The mentor is told that the answer does not arrive, and how to go on."""
    await report(school)
    await school.tap(VOS, "Lezen")
    await deliver(school)
    await school.tap(VOS, "Antwoord")
    await school.say(VOS, "hoi")
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    school.telegram.fail("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    await deliver(school)
    assert "krijgt je antwoord niet" in school.last(VOS).text


async def test_lists(school: World) -> None:
    """Lists hold numbers and states, no words; long ones fit; steps show what to do."""
    assert "geen meldingen" in (await school.say(NOOR, "/meldingen")).text
    assert "geen meldingen" in (await school.say(VOS, "/meldingen")).text
    for _ in range(3):
        await report(school, danger="Ja")
    for who in (NOOR, VOS):
        shown = await school.say(who, "/meldingen")
        assert shown.text.count("M-2026-") == 3
        assert "insta" not in shown.text
    card = await school.tap(VOS, "M-2026-0001")
    assert "112" in (await school.tap(VOS, "Wat nu?", card)).text


async def test_english_pupil_and_dutch_mentor(world: World) -> None:
    """Each side reads its own language; the words themselves stay as they were typed."""
    await open_school(world, KOK)
    world.langs[SEM] = "en"
    await world.say(SEM, "/report")
    await world.say(SEM, "someone keeps posting photos of me")
    for label in ("Instagram", "Yesterday", "Skip", "No", "No", "Send"):
        await world.tap(SEM, label)
    await deliver(world)
    card = await world.tap(VOS, "Lezen")
    assert "someone keeps posting photos of me" in card.text
    assert "Wanneer: Yesterday" in card.text
    sound(world)


async def test_fill_in_shows_the_mentor_of_the_stand_in(school: World) -> None:
    """An absent mentor's stand-in is named in the preview and gets the report."""
    await school.say(VOS, "/afwezig")
    await school.tap(VOS, "Een week")
    await school.tap(VOS, "Karel Smit")
    shown = await fill_in(school, NOOR)
    assert "Karel Smit" in shown.text
    assert await school.run(reports.mine, NOOR) == ()
