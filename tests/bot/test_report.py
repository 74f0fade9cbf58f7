"""The report dialogue through the real Application, as pupils meet it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from storage import classes, drafts, reports
from tests.bot.staffroom import (
    KOK,
    NOOR,
    STRANGER,
    VOS,
    WHAT,
    deliver,
    fill_in,
    got,
    open_school,
    report,
    sound,
)
from tests.bot.world import World

DANGER = "ik wil dood"
HELP = "113"


@pytest.fixture
async def school(world: World) -> Any:
    """A school with one mentor for H3b; after each test the sweep."""
    yield await open_school(world, KOK)
    sound(world)


async def test_whole_report_reaches_the_mentor(school: World) -> None:
    """What the preview shows is what the mentor reads; the notice holds the number alone."""
    preview = await fill_in(school, NOOR)
    assert "Marit Vos (je mentor)" in preview.text
    receipt = await school.tap(NOOR, "Versturen")
    assert "M-2026-0001" in receipt.text
    await deliver(school)
    notice = school.last(VOS)
    assert "M-2026-0001" in notice.text
    assert "insta" not in notice.text
    assert "Noor" not in notice.text
    card = await school.tap(VOS, "Lezen")
    for line in preview.text.splitlines()[2:9]:
        assert line in card.text


async def test_beginning_looks_once(school: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever dialogue is open is loaded once before a report begins; words that wait stop it."""
    await report(school, NOOR)
    db, done = school.services.db, list[Any]()
    whole = db.run

    async def noted(operation: Any, *args: Any, **kwargs: Any) -> Any:
        done.append(operation)
        return await whole(operation, *args, **kwargs)

    monkeypatch.setattr(db, "run", noted)
    await school.say(NOOR, "/report")
    assert [done.count(each) for each in (drafts.load, drafts.save)] == [1, 1]
    held = {"report": "x", "action": "add"}
    await whole(drafts.save, NOOR, "words", "about", held, school.time, version=None)
    assert "wacht nog op je antwoord" in (await school.say(NOOR, "/report")).text
    assert [done.count(each) for each in (drafts.load, drafts.save)] == [2, 1]


async def test_every_step_survives_repeats(school: World) -> None:
    """Each update handled again (a crash before it was ticked off) changes nothing: one report."""
    kept: list[Any] = []
    real = school.again

    async def repeated(raw: Any) -> None:
        kept.append(raw)
        await real(raw)
        school.handling.later(raw)
        await school.handling.settle()

    school.again = repeated  # type: ignore[method-assign]
    await school.say(NOOR, "/melden")
    await school.say(NOOR, "w" * 400 + " " + WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "Nee", "Versturen"):
        await school.tap(NOOR, label)
    mine = await school.run(reports.mine, NOOR)
    assert len(mine) == 1
    view = await school.run(reports.own, NOOR, mine[0].id)
    assert (view.app, view.when, view.who, view.urgent) == ("Instagram", "Gisteren", None, False)
    assert "past niet" not in got(school, NOOR)
    assert "M-2026-0001" in school.last(NOOR).text
    assert len(kept) == 8


async def test_second_tap_on_send_names_the_number(school: World) -> None:
    """Two taps on "Versturen": one report; the second tap gets its number."""
    preview = await fill_in(school, NOOR)
    data = preview.data("Versturen")
    await school.press(NOOR, data, preview)
    again = await school.press(NOOR, data, preview)
    assert "M-2026-0001" in got(school, NOOR).split("al verstuurd of gestopt")[1]
    assert again.chat_id == NOOR
    assert len(await school.run(reports.mine, NOOR)) == 1


async def go_to(world: World, steps: int) -> None:
    """Begin a report and answer the first ``steps`` questions."""
    await world.say(NOOR, "/melden")
    if steps:
        await world.say(NOOR, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee", "Nee")[: max(steps - 1, 0)]:
        await world.tap(NOOR, label)


async def test_stop_at_any_step_wipes_the_draft(school: World) -> None:
    """/stop leaves at every step and nothing is kept; /help leaves all as it is."""
    for steps in range(7):
        await go_to(school, steps)
        before = await school.run(drafts.load, NOOR)
        await school.say(NOOR, "/help")
        assert await school.run(drafts.load, NOOR) == before
        await school.say(NOOR, "/stop")
        assert await school.run(drafts.load, NOOR) is None
    assert await school.run(reports.mine, NOOR) == ()


async def test_danger_at_any_step(school: World) -> None:
    """Danger typed at whatever step: help lines come first, and the report becomes urgent."""
    for steps in range(7):
        await go_to(school, steps)
        before = len(school.telegram.chat(NOOR))
        await school.say(NOOR, DANGER)
        first = school.telegram.chat(NOOR)[before]
        assert HELP in first.text
        draft = await school.run(drafts.load, NOOR)
        assert draft.data["danger"] is True
        assert draft.data["what"]
        await school.say(NOOR, "/stop")


async def test_a_word_for_time_or_place_is_no_danger(school: World) -> None:
    """A typed answer that a button offers is no danger; danger in a few words is still heard."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    await school.say(NOOR, "thuis")
    assert "Wie waren erbij?" in (await school.say(NOOR, "gister")).text
    assert HELP not in school.texts(NOOR)
    assert "danger" not in (await school.run(drafts.load, NOOR)).data
    await school.say(NOOR, "zelfmoord plegen")
    assert HELP in school.texts(NOOR)


@pytest.mark.parametrize(
    ("typed", "danger"),
    [("ja heel erg", "Ja"), ("yes", "Ja"), ("nee hoor", "Nee"), ("Nee", "Nee"), ("no", "Nee")],
)
async def test_typed_yes_and_no_are_taken_like_the_buttons(
    school: World, typed: str, danger: str
) -> None:
    """At the question about danger, and at those about staff and something sexual."""
    shown = await fill_in(school, NOOR, staff="~nee", danger=f"~{typed}")
    assert f"Gevaar: {danger}" in shown.text
    await school.say(NOOR, "/stop")
    mentor = "~ja mijn mentor"
    shown = await fill_in(school, NOOR, staff=mentor, sexual="~nee niet echt", danger="~nee")
    assert "Marit Vos krijgt je melding niet te zien" in shown.text
    assert "vertrouwenspersoon" not in shown.text
    await school.say(NOOR, "/stop")
    shown = await fill_in(school, NOOR, staff="~ja", staff_name="~Tom Timmer", sexual="~ja")
    assert "Tom Timmer krijgt je melding niet te zien" in shown.text
    assert "Ineke Bosman" in shown.text


async def test_words_that_are_no_plain_answer_are_asked_again(school: World) -> None:
    """A no with a "but" is no no; what is told along with a yes goes with the report."""
    await go_to(school, 5)
    for odd in ("nee, straks pas", "misschien", "ja nee"):
        await school.say(NOOR, odd)
        assert "danger" not in (await school.run(drafts.load, NOOR)).data
    shown = await school.say(NOOR, "ja want Tom Timmer staat nu voor de deur")
    assert "Gaat je melding over Tom Timmer" in shown.text
    shown = await school.say(NOOR, "ja")
    await school.tap(NOOR, "Nee", shown)
    assert "Tom Timmer staat nu voor de deur" in school.last(NOOR).text


async def test_typed_class(world: World) -> None:
    """The label of a class, in any case, is taken like its button."""
    await open_school(world, KOK)
    await world.say(STRANGER, "/melden")
    await world.say(STRANGER, "Ali de Vries")
    await world.say(STRANGER, WHAT)
    for label in ("Instagram", "Gisteren", "Overslaan", "Nee"):
        shown = await world.tap(STRANGER, label)
    assert "In welke klas" in shown.text
    assert "In welke klas" in (await world.say(STRANGER, "h99")).text
    assert "in gevaar" in (await world.say(STRANGER, "v 5A")).text
    assert "V5a" in (await world.tap(STRANGER, "Nee")).text
    sound(world)


async def test_danger_a_second_time_shows_help_again(school: World) -> None:
    """A report that is urgent already still answers new danger with help lines first."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, "help ik word bedreigd met een mes")
    before = len(school.telegram.chat(NOOR))
    await school.say(NOOR, DANGER)
    assert HELP in school.telegram.chat(NOOR)[before].text


async def test_danger_instead_of_a_name(world: World) -> None:
    """Asked for a name, a stranger types danger: help first, the words kept, the name asked."""
    await open_school(world, KOK)
    await world.say(STRANGER, "/melden")
    shown = await world.say(STRANGER, DANGER)
    assert "Hoe heet je" in shown.text
    draft = await world.run(drafts.load, STRANGER)
    assert draft.data["what"] == DANGER
    assert "name" not in draft.data
    sound(world)


async def test_every_answer_can_be_changed(school: World) -> None:
    """Each answer is asked anew, and the card shows the new one."""
    await fill_in(school, NOOR)
    for label, answer in (
        ("Waar", "Snapchat"),
        ("Wanneer", "Vandaag"),
        ("Wie", "~Sem en Lisa"),
        ("Wat er is gebeurd", "~er staat een nepaccount van mij op tiktok"),
        ("Gevaar", "Ja"),
    ):
        await school.tap(NOOR, "Veranderen")
        await school.tap(NOOR, label)
        if answer.startswith("~"):
            shown = await school.say(NOOR, answer[1:])
        else:
            shown = await school.tap(NOOR, answer)
    for expected in ("Snapchat", "Vandaag", "Sem en Lisa", "nepaccount", "Gevaar: Ja"):
        assert expected in shown.text
    await school.tap(NOOR, "Veranderen")
    shown = await school.tap(NOOR, "Terug")
    assert "Dit wordt verstuurd" in shown.text


@pytest.mark.parametrize(("label", "line"), [("5", "Regel: 5: "), ("weet ik niet", "weet ik niet")])
async def test_a_chosen_rule_stays(school: World, label: str, line: str) -> None:
    """The rule the pupil picks stays, also when the words change; "weet ik niet" is allowed."""
    await fill_in(school, NOOR)
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "De regel")
    shown = await school.tap(NOOR, label)
    assert line in shown.text
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "Wat er is gebeurd")
    assert line in (await school.say(NOOR, WHAT + "!")).text


async def test_over_the_limit(school: World) -> None:
    """The fourth in an hour waits: told until when, kept as it is, and urgent ones always go."""
    for _ in range(3):
        await report(school)
    await fill_in(school, NOOR)
    shown = await school.tap(NOOR, "Versturen")
    assert "di 24 nov 11:00" in got(school, NOOR)
    assert "Dit wordt verstuurd" in shown.text
    school.pass_time(hours=1, seconds=1)
    await school.tap(NOOR, "Versturen", shown)
    assert len(await school.run(reports.mine, NOOR)) == 4
    await report(school, danger="Ja")
    await fill_in(school, NOOR, danger="Ja")
    await school.tap(NOOR, "Versturen")
    assert len(await school.run(reports.mine, NOOR)) == 6


async def test_in_a_holiday(school: World) -> None:
    """In a holiday the preview says when the school opens again; urgent ones go at once."""
    school.time = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
    shown = await fill_in(school, NOOR)
    assert "School is nu dicht" in shown.text
    assert "ma 4 jan 08:30" in shown.text
    await school.tap(NOOR, "Veranderen")
    await school.tap(NOOR, "Gevaar")
    shown = await school.tap(NOOR, "Ja")
    assert "meteen" in shown.text


async def test_going_on_with_a_report(school: World) -> None:
    """/melden half-way goes on where it was: nothing that was told is lost."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    shown = await school.say(NOOR, "/melden")
    assert "Je was al bezig" in got(school, NOOR)
    assert "Waar gebeurde" in shown.text
    assert (await school.run(drafts.load, NOOR)).data["what"] == WHAT


async def test_language_switched_half_way(school: World) -> None:
    """After /taal in mid-dialogue the next question is in the new language."""
    await school.say(NOOR, "/melden")
    await school.say(NOOR, WHAT)
    await school.say(NOOR, "/taal")
    await school.tap(NOOR, "English")
    shown = await school.say(NOOR, "insta")
    assert "When was it" in shown.text


async def test_removed_from_the_class_half_way(school: World) -> None:
    """The mentor takes the pupil out of the class: name and class are asked, nothing is lost."""
    from tests.bot.staffroom import class_id, staff_id

    preview = await fill_in(school, NOOR)
    await school.run(
        classes.remove_pupil, staff_id(VOS), class_id("H3b"), staff_id(NOOR), school.time
    )
    shown = await school.tap(NOOR, "Versturen", preview)
    assert "Hoe heet je" in shown.text
    await school.say(NOOR, "Noor Bakker")
    shown = await school.tap(NOOR, "H3b")
    await school.tap(NOOR, "Versturen", shown)
    assert len(await school.run(reports.mine, NOOR)) == 1


async def test_staff_cannot_report(school: World) -> None:
    """A member of staff is pointed to the usual way."""
    assert "voor leerlingen" in (await school.say(VOS, "/melden")).text
