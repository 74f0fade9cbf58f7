"""The real bot process over HTTP through the stand-in: the whole main job, killed on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo.handset import Bubble, Handset, Playground
from bot.demo.launcher import Demo
from tests.virtual import to_an_afternoon

QUESTIONS = Path(__file__).parents[1] / "questions" / "pupils.jsonl"
PATIENCE = 60.0  # a busy machine is no failure


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """The playground with the real bot behind it, when a report is told at once."""
    async with Demo(port=0) as running:
        running.state.clock.move(to_an_afternoon(datetime.now(UTC)))
        yield running


@pytest.fixture
async def playground(demo: Demo) -> AsyncIterator[Playground]:
    async with Playground(demo.url) as handle:
        yield handle
        assert await handle.violations() == []


@pytest.fixture
async def sam(demo: Demo) -> AsyncIterator[Handset]:
    async with Handset(demo.url, "sam", timeout=PATIENCE) as handset:
        yield handset


@pytest.fixture
async def noor(demo: Demo) -> AsyncIterator[Handset]:
    async with Handset(demo.url, "noor", timeout=PATIENCE) as handset:
        yield handset


@pytest.fixture
async def mentor(demo: Demo) -> AsyncIterator[Handset]:
    async with Handset(demo.url, "mentor", timeout=PATIENCE) as handset:
        yield handset


def first_questions(count: int) -> list[str]:
    """Return the first questions of a labelled file, as pupils typed them."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[:count]
    return [json.loads(line)["q"] for line in lines]


async def ask_all(phone: Handset, questions: list[str]) -> None:
    """Ask one question after the other; each gets one card."""
    for question in questions:
        await phone.say(question)
        assert (await phone.last()).text
    chat = await phone.chat()
    assert len(chat) == 2 * len(questions)


async def test_hundred_questions(demo: Demo, playground: Playground) -> None:
    """A hundred questions that pupils typed, from twenty phones at once: one card each."""
    questions = first_questions(100)
    phones = [await Handset.new(demo.url, f"pupil{n}", 7000 + n) for n in range(20)]
    for phone in phones:
        phone.timeout = PATIENCE
    await asyncio.gather(*(ask_all(p, questions[n::20]) for n, p in enumerate(phones)))
    await asyncio.gather(*(phone.aclose() for phone in phones))


async def test_quiz_survives_a_kill(playground: Playground, sam: Handset) -> None:
    """A round goes on after the process was killed between two polls, and ends with a result."""
    await sam.say("/quiz")
    for _ in range(3):
        await sam.vote(0)
    await sam.last()
    await playground.process("kill")
    await playground.process("start")
    result = await to_the_end(sam)
    assert "Nog een ronde" in result.buttons
    await sam.say("/voortgang")
    await sam.expect("Zo goed ken je de regels")


def is_open(bubble: Bubble) -> bool:
    """Tell whether a bubble is a poll that waits for this phone's vote."""
    return bubble.poll is not None and bubble.poll["vote"] is None


async def to_the_end(phone: Handset) -> Bubble:
    """Answer polls until the result comes: a poll that a kill left unrecorded is asked again."""
    for _ in range(4):
        await phone.vote(0)
        seen = await phone.expect(lambda b: is_open(b) or "van de 5" in b.text)
        if not is_open(seen):
            return seen
    raise AssertionError("the round did not end")


async def join(demo: Demo, noor: Handset) -> None:
    """Let Noor scan the QR code of H3b and give her name."""
    link = next(link["url"] for link in demo.state.links if link["label"] == "H3b")
    await noor.start(link)
    await noor.expect("Hoe heet je")
    await noor.say("Noor Bakker")
    await noor.expect("Laat deze code")


async def test_report_survives_kills(
    demo: Demo, playground: Playground, noor: Handset, mentor: Handset
) -> None:
    """Killed in mid-dialogue and right after "Versturen": one report, delivered once."""
    await join(demo, noor)
    await noor.say("/melden")
    await noor.expect("Wat is er gebeurd")
    await noor.say("iemand uit mijn klas zet steeds fotos van mij op insta zonder te vragen")
    await noor.expect("Waar gebeurde het")
    await playground.process("kill")
    await playground.process("start")
    await noor.tap("Instagram")
    await noor.expect("Wanneer")
    await noor.tap("Gisteren", fresh=True)
    await noor.expect("Wie waren erbij")
    await noor.tap("Overslaan", fresh=True)
    await noor.expect("op school werkt")
    await noor.tap("Nee", fresh=True)
    await noor.expect("in gevaar")
    await noor.tap("Nee", fresh=True)
    preview = await noor.expect("Dit wordt verstuurd")
    assert "Marit Vos" in preview.text
    await noor.tap("Versturen", fresh=True)
    await playground.process("kill")
    await playground.process("start")
    await noor.expect("M-")
    await mentor.expect("Er is een melding")
    await exchange(noor, mentor)
    assert await notices(mentor) == 1
    await noor.say("/meldingen")
    listed = await noor.expect("Je meldingen")
    assert listed.text.count("M-") == 1


async def exchange(noor: Handset, mentor: Handset) -> None:
    """Let the mentor read and answer, and the pupil read it and answer back."""
    await mentor.tap("Lezen")
    card = await mentor.expect("zonder te vragen")
    assert "Noor Bakker" in card.text
    await mentor.tap("Antwoord")
    await mentor.expect("Typ je antwoord")
    await noor.mark()
    await mentor.say("Dag Noor, kom je morgen even langs?")
    await mentor.expect("Verstuurd aan Noor")
    answer = await noor.expect("kom je morgen even langs")
    assert "Marit Vos" in answer.text
    await mentor.mark()
    await noor.tap("Antwoord", message_id=answer.id)
    await noor.expect("Typ wat je wilt toevoegen")
    await mentor.mark()
    await noor.say("ja dat is goed")
    await mentor.expect("ja dat is goed")


async def notices(phone: Handset) -> int:
    """Return how many notices of a report stand in a chat."""
    return sum("Er is een melding" in bubble.text for bubble in await phone.chat())
