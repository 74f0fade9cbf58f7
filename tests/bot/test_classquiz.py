"""The quiz of a class: set by the mentor, answered privately, shown from five on without names."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import exports
from bot.upkeep import Upkeep
from storage import roster
from storage.roster_file import read
from storage.sealing import seal
from storage.tables import Person, QuizPoll, QuizRound
from tests.bot.staffroom import (
    NOOR,
    TIMMER,
    VOS,
    class_id,
    deliver,
    got,
    open_school,
    sound,
    staff_id,
)
from tests.bot.telegram import Bubble, refusals
from tests.bot.test_quiz import poll_of, polls, right
from tests.bot.world import START, World

CLASS = tuple(range(3001, 3008))
INVITED = "korte quiz voor de klas"


def fill(session: Session, label: str = "H3b") -> None:
    """Put seven confirmed pupils in a class; Noor and Sem are there, unconfirmed."""
    for account in CLASS:
        pid = staff_id(account)
        session.add(
            Person(
                id=pid,
                telegram_id=account,
                name_sealed=seal(session, f"Leerling {account}", "people.name_sealed", pid),
                class_id=class_id(label),
                confirmed_at=START,
                joined_at=START,
                created_at=START,
                seen_at=START,
            )
        )
    session.flush()


@pytest.fixture
async def school(world: World) -> AsyncIterator[World]:
    """A school with seven confirmed pupils in H3b; then the sweep."""
    await open_school(world)
    await world.run(fill)
    yield world
    sound(world)
    assert refusals(world.telegram.calls) == []


async def set_up(world: World, topic: str = "Mix", when: str = "In de pauze") -> Bubble:
    """Let the mentor set a quiz."""
    await world.say(VOS, "/klas")
    await world.tap(VOS, "Klassenquiz")
    await world.tap(VOS, topic)
    return await world.tap(VOS, when)


async def invite(world: World) -> None:
    """Set a quiz and let the break come."""
    await set_up(world)
    world.pass_time(hours=7)
    await deliver(world)


async def play(world: World, who: int, *answers: bool) -> None:
    """Take part and answer; False takes the pack's second option."""
    await world.tap(who, "Meedoen")
    for well in answers:
        poll = poll_of(world, who)
        await world.vote(who, right(poll) if well else wrong(world, poll), poll)


def wrong(world: World, poll: Bubble) -> int:
    """Return where the pack's second option stands."""
    assert poll.poll is not None
    item = next(i for i in world.services.pack.quiz if poll.text.endswith(i.question.nl))
    options = [o["text"] if isinstance(o, dict) else o for o in poll.poll["options"]]
    return options.index(item.options[1].nl)


async def close(world: World) -> str:
    """Let the mentor close the quiz; return all that the mentor was sent by then."""
    await world.tap(VOS, "Sluiten")
    return got(world, VOS)


async def test_from_setting_to_result(school: World) -> None:
    """Invited in the break, answered privately; the result names rules and answers, nobody."""
    await set_up(school)
    await deliver(school)
    assert INVITED not in got(school, CLASS[0])  # a lesson: not now
    school.pass_time(hours=7)
    await deliver(school)
    for who in CLASS[:5]:
        assert INVITED in got(school, who)
        await play(school, who, True, False, True, False, True)
    assert "Begonnen: 5. Klaar: 5." in school.texts(VOS)
    said = await close(school)
    assert "5 leerlingen, 60% goed" in said
    assert said.count("Vaak gekozen: ") == 2
    assert said.count("Praat erover:") == 5
    assert "Leerling" not in said.split("Om over te praten")[1]
    assert any(call.method == "sendPhoto" for call in school.telegram.calls)


async def test_a_quiz_that_nobody_closes(school: World) -> None:
    """A day after the last press it closes by itself; the mentor is told, and gets the result."""
    await invite(school)
    for who in CLASS[:5]:
        await play(school, who, True, True, False, True)
    school.pass_time(hours=20)
    poll = poll_of(school, CLASS[0])
    await school.vote(CLASS[0], right(poll), poll)
    await upkept(school, hours=23)
    assert "vanzelf gesloten" not in got(school, VOS)
    await upkept(school, hours=2)
    assert got(school, VOS).count("De klassenquiz van H3b is vanzelf gesloten") == 1
    said = await show_result(school)
    assert "5 leerlingen" in said
    for _ in range(2):
        await upkept(school, days=1)
    assert got(school, VOS).count("vanzelf gesloten") == 1
    assert "Begonnen: 0" in (await set_up(school)).text


async def test_a_quiz_before_its_time_stays_open(school: World) -> None:
    """Set on a Friday for Monday: the days before it opens do not count."""
    school.time = school.time.replace(day=27, hour=20)
    await set_up(school)
    await upkept(school, days=2)
    assert "vanzelf gesloten" not in got(school, VOS)


async def test_new_school_year_in_the_middle_of_a_quiz(school: World) -> None:
    """Answers and the pupil's own progress stay; the new class has no quiz of the old one."""
    await invite(school)
    await play(school, CLASS[0], True, True)
    text = "klas;mentor;mentor_code;bestuur;bestuur_code\nH3b;Marit Vos;C2001\n"
    text += "V5a;Tom Timmer;C2007\n*;;;Henk Mulder;C2006\n"
    await school.run(roster.apply, read(text.encode()), school.time, new_year=True)
    poll = poll_of(school, CLASS[0])
    await school.vote(CLASS[0], right(poll), poll)
    assert len(await school.run(answers_of, CLASS[0])) == 3
    await school.tap(CLASS[1], "Meedoen")
    assert polls(school, CLASS[1]) == []
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Klassenquiz")
    await school.tap(VOS, "Mix")
    assert "nog geen bevestigde leerlingen" in (await school.tap(VOS, "In de pauze")).text


def answers_of(session: Session, account: int) -> list[QuizPoll]:
    """Return the answered polls of an account."""
    rounds = select(QuizRound.id).where(QuizRound.person_id == staff_id(account))
    query = select(QuizPoll).where(QuizPoll.round_id.in_(rounds), QuizPoll.answered_at.is_not(None))
    return list(session.scalars(query))


async def upkept(world: World, **parts: float) -> None:
    """Let time go by, run the jobs that are due, and deliver."""
    world.pass_time(**parts)
    await Upkeep(world.services).once()
    await deliver(world)


async def show_result(world: World) -> str:
    """Tap for the result; return all that the mentor was sent by then."""
    await world.tap(VOS, "Bekijk de uitslag")
    return got(world, VOS)


async def test_unconfirmed_pupils_and_other_classes_are_not_invited(school: World) -> None:
    """Only confirmed pupils of the class hear of it, and only they can take part."""
    await invite(school)
    assert INVITED not in got(school, NOOR)
    data = school.telegram.chat(CLASS[0])[-1].data("Meedoen")
    await school.press(NOOR, data, school.last(CLASS[0]))
    assert polls(school, NOOR) == []
    assert "hoort bij een andere klas" in school.texts(CLASS[0])


async def test_fewer_than_five_show_nothing(school: World) -> None:
    """With four participants the mentor sees their number, no chart, no table."""
    await invite(school)
    for who in CLASS[:4]:
        await play(school, who, True, True, False, True, True)
    said = await close(school)
    assert "4 leerlingen" in said
    assert "Praat erover" not in said
    assert not any(call.method == "sendPhoto" for call in school.telegram.calls)


async def test_one_wrong_answer_is_nobodys_business(school: World) -> None:
    """A wrong answer that only one pupil chose is not quoted."""
    await invite(school)
    await play(school, CLASS[0], False, True, True, True, True)
    for who in CLASS[1:5]:
        await play(school, who, True, True, True, True, True)
    said = await close(school)
    assert "80% goed" in said
    assert "Vaak gekozen" not in said


async def test_answers_after_the_end_count_for_the_pupil_only(school: World) -> None:
    """Who is late finishes the round as ordinary practice; the class's result stays."""
    await invite(school)
    for who in CLASS[:5]:
        await play(school, who, True, True, True, True, True)
    await play(school, CLASS[5], False)
    await close(school)
    before = got(school, VOS)
    school.pass_time(minutes=5)
    for _ in range(4):
        await school.vote(CLASS[5], wrong(school, poll_of(school, CLASS[5])))
    assert "0 van de 5" in school.texts(CLASS[5])
    await school.tap(VOS, "Bekijk de uitslag")
    assert "6 leerlingen, 96% goed" in before
    assert got(school, VOS).count("6 leerlingen, 96% goed") == 2
    late = await school.tap(CLASS[6], "Meedoen")
    assert "voorbij" in late.text


async def test_the_next_quiz_is_compared(school: World) -> None:
    """A second quiz asks other questions and shows how the class did the time before."""
    await invite(school)
    for who in CLASS[:5]:
        await play(school, who, False, False, False, True, True)
    await close(school)
    asked = {bubble.text for bubble in polls(school, CLASS[0])}
    school.pass_time(days=7, hours=-7)
    await invite(school)
    for who in CLASS[:5]:
        await play(school, who, True, True, True, True, True)
    assert "De vorige keer 40%." in await close(school)
    assert len({bubble.text for bubble in polls(school, CLASS[0])} - asked) == 5


async def test_quiz_about_one_rule(school: World) -> None:
    """A mentor picks one rule; the pupil sees which."""
    await set_up(school, "2 ")
    school.pass_time(hours=7)
    await deliver(school)
    await play(school, CLASS[0], True)
    assert "over regel 2" in school.texts(CLASS[0])


async def test_left_half_way(school: World) -> None:
    """A pupil who stopped goes on where it was left; nothing is asked or counted twice."""
    await invite(school)
    await play(school, CLASS[0], True, True)
    await school.say(CLASS[0], "/stop")
    await school.tap(CLASS[0], "Meedoen")
    await school.tap(CLASS[0], "Meedoen")
    for _ in range(3):
        await school.vote(CLASS[0], right(poll_of(school, CLASS[0])))
    assert len(polls(school, CLASS[0])) == 5
    assert school.texts(CLASS[0]).count("Klaar: 5 van de 5") == 1


async def test_setting_it_twice(school: World) -> None:
    """A second tap, or a colleague's, shows the quiz that is going on; nobody is invited twice."""
    bubble = await set_up(school)
    await school.press(VOS, f"cq:{class_id('H3b')}:break:mix", bubble)
    school.pass_time(hours=7)
    await deliver(school)
    assert got(school, CLASS[0]).count(INVITED) == 1


@pytest.mark.parametrize(
    ("hours", "sent"),
    [(0, False), (7, True), (12.5, False), (24 * 4, True), (24 * 30, False), (24 * 41, False)],
    ids=["lesson", "afternoon", "night", "saturday", "holiday", "new-year"],
)
async def test_when_invitations_go(school: World, hours: float, sent: bool) -> None:
    """An invitation that is due goes only outside lessons, nights and holidays, else later."""
    await set_up(school)
    school.time = START + timedelta(hours=hours)
    await deliver(school)
    assert (INVITED in got(school, CLASS[0])) is sent
    school.time = START + timedelta(days=60, hours=8)
    await deliver(school)
    assert got(school, CLASS[0]).count(INVITED) == 1


async def test_now_is_offered_only_when_it_may(school: World) -> None:
    """In a lesson there is no "now"; after school there is, and it goes at once."""
    await school.say(VOS, "/klas")
    await school.tap(VOS, "Klassenquiz")
    asked = await school.tap(VOS, "Mix")
    assert not any(label == "Nu" for label, _ in asked.buttons)
    school.pass_time(hours=8)
    await set_up(school, when="Nu")
    await deliver(school)
    assert INVITED in got(school, CLASS[0])


async def test_closed_before_it_went(school: World) -> None:
    """Nobody is invited to a quiz that was closed; nor a pupil who left the class."""
    await set_up(school)
    await school.tap(VOS, "Sluiten")
    school.pass_time(hours=7)
    await deliver(school)
    assert INVITED not in got(school, CLASS[0])


@pytest.mark.parametrize("who", [TIMMER, CLASS[0], 31])
async def test_forged_taps(school: World, who: int) -> None:
    """Another class's mentor, a pupil and a stranger set, close and see nothing."""
    await invite(school)
    for each in CLASS[:5]:
        await play(school, each, True, True, True, True, True)
    card = next(b for b in reversed(school.telegram.chat(VOS)) if "Klassenquiz" in b.text)
    quiz_id = card.data("Sluiten").split(":")[1]
    there = class_id("H3b")
    sent = len(school.telegram.calls)
    taps = [f"cq:{there}:now:mix", f"cq:{there}", "cq", "cqz", "cqj:x"]
    for data in [*taps, *(f"cqz:{quiz_id}:{a}" for a in ("close", "csv", "pdf", "live", "x"))]:
        await school.press(who, data, card)
    new = school.telegram.calls[sent:]
    assert not any(call.method in {"sendPhoto", "sendDocument"} for call in new)
    assert "Praat erover" not in got(school, who)
    assert card.data("Sluiten")


async def test_exports(school: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The closed quiz can be had as a table and as pages; both only from five participants on."""
    files: list[Any] = []

    async def keep(chat: int, file: Any, **_: Any) -> None:
        files.append(file)

    await invite(school)
    for who in CLASS[:5]:
        await play(school, who, True, False, True, True, True)
    await close(school)
    monkeypatch.setattr(type(school.app.bot), "send_document", lambda _, *a, **k: keep(*a, **k))
    await school.tap(VOS, "Als tabel")
    await school.tap(VOS, "Voor de les")
    table, pages = files
    rows = list(
        csv.DictReader(io.StringIO(table.input_file_content.decode("utf-8-sig")), delimiter=";")
    )
    assert len(rows) == 5
    assert [row["procent goed"] for row in rows] == ["100", "0", "100", "100", "100"]
    assert rows[1]["vaakst gekozen fout"]
    assert "Leerling" not in table.input_file_content.decode("utf-8-sig")
    assert table.filename == "klassenquiz-H3b-2026-11-24.csv"
    assert pages.input_file_content.startswith(b"%PDF")


async def test_no_confirmed_pupils(world: World) -> None:
    """A mentor without confirmed pupils hears what to do first."""
    await open_school(world)
    await set_up(world)
    assert "Bevestig eerst" in world.last(VOS).text


async def test_the_mentors_chat_fails(school: World) -> None:
    """When the live count cannot be shown, the pupil's last answer still gets its result."""
    await invite(school)
    school.telegram.fail("editMessageText", 403, description="Forbidden: bot was blocked")
    await play(school, CLASS[0], True, True, True, True, True)
    assert "5 van de 5" in school.texts(CLASS[0])


async def test_in_english(school: World) -> None:
    """The whole way is there in English."""
    school.langs[VOS] = "en"
    await school.say(VOS, "/class")
    await school.tap(VOS, "Class quiz")
    await school.tap(VOS, "Mix")
    assert "Started: 0" in (await school.tap(VOS, "In the break")).text


@given(st.text(max_size=12))
def test_no_cell_becomes_a_formula(text: str) -> None:
    """Whatever a cell holds, it does not begin as a formula does, and keeps its words."""
    made = str(exports.cell(text))
    assert not made.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert made.endswith(text)
    assert exports.cell(5) == 5
