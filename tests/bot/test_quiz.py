"""Quiz rounds: five polls, counted once, going on after any crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.screen import Speech
from bot.views import quiz as views
from content.pack import Pack
from storage import people, quiz
from tests.bot.telegram import Bubble
from tests.bot.world import World

SAM, NOOR, GROUP = 11, 12, -100
FAIL: dict[str, Any] = {"description": "Internal Server Error"}


def poll_of(world: World, who: int = SAM) -> Bubble:
    return next(b for b in reversed(world.telegram.chat(who)) if b.poll_id)


def polls(world: World, who: int = SAM) -> list[Bubble]:
    return [b for b in world.telegram.chat(who) if b.poll_id]


def right(bubble: Bubble) -> int:
    assert bubble.poll is not None
    return int(bubble.poll["correct_option_ids"][0])


async def answer(world: World, *, well: bool = True, bubble: Bubble | None = None) -> Bubble:
    bubble = bubble or poll_of(world)
    option = right(bubble)
    return await world.vote(SAM, option if well else (option + 1) % 2 if option < 2 else 0, bubble)


async def finish(world: World, *, well: bool = True) -> Bubble:
    for _ in range(5):
        last = await answer(world, well=well)
    return last


async def test_a_round_of_five(clean: World) -> None:
    """Five polls one at a time, an explanation after a right answer, and the result."""
    await clean.say(SAM, "/quiz")
    for number in range(1, 6):
        poll = poll_of(clean)
        assert poll.text.startswith(f"{number}/5 ")
        assert poll.poll is not None
        assert poll.poll["type"] == "quiz"
        assert poll.poll["is_anonymous"] is False
        await answer(clean)
    assert len(polls(clean)) == 5
    assert "5 van de 5 goed" in clean.last(SAM).text
    assert clean.texts(SAM).count("Goed! ") == 5


async def test_wrong_answers_name_what_to_read(clean: World) -> None:
    """After wrong answers the result has a button for each rule, and no blame."""
    await clean.say(SAM, "/quiz")
    end = await finish(clean, well=False)
    assert "0 van de 5" in end.text
    assert all(data.startswith(("rule:", "quiz")) for _, data in end.buttons)
    assert len(end.buttons) >= 2


async def test_options_are_shuffled(pack: Pack, clean: World) -> None:
    """The right option does not always stand in the same place, and stays right."""
    item = next(each for each in pack.quiz if len(each.options) >= 3)
    say, rng = Speech(pack, "nl"), clean.services.rng
    shown = [views.poll(say, item, 0, 5, rng) for _ in range(40)]
    assert len({poll.right for poll in shown}) >= 3
    assert {poll.options[poll.right] for poll in shown} == {item.options[0].nl}


async def test_every_item_fits_telegram(pack: Pack, clean: World) -> None:
    """Question, options and explanation fit in both languages, number included."""
    for lang in ("nl", "en"):
        for item in pack.quiz:
            shown = views.poll(Speech(pack, lang), item, 4, 5, clean.services.rng)
            assert len(shown.question) <= 300
            assert len(shown.explanation) <= 200
            assert all(1 <= len(option) <= 100 for option in shown.options)


@pytest.mark.parametrize("topic", ["7", "7C", "2"])
async def test_a_round_about_one_rule(clean: World, pack: Pack, topic: str) -> None:
    """``/quiz 7`` and the button under an answer ask about that rule only."""
    await clean.say(SAM, f"/quiz {topic}")
    assert f"over regel {topic.lower()}: " in clean.texts(SAM)
    person = await clean.run(people.find, SAM)
    going = await clean.run(quiz.open_round, person.id)
    wanted = {item.id for item in pack.quiz_items(topic.lower())}
    assert going.topic == topic.lower()
    assert set(going.items) <= wanted


@pytest.mark.parametrize("odd", ["99", "<b>", "mag ik dit", "0"])
async def test_a_round_about_something_odd(clean: World, odd: str) -> None:
    """An unknown rule gives an ordinary round; the opening can be practised as well."""
    await clean.say(SAM, f"/quiz {odd}")
    assert len(polls(clean)) == 1
    assert "regel 0" not in clean.texts(SAM)


async def test_a_rule_without_questions(clean: World, pack: Pack) -> None:
    """A rule that has no questions says so, with the way to an ordinary round."""
    bare = [rule.model_copy(update={"quiz": ()}) if rule.id == "9" else rule for rule in pack.rules]
    clean.services.pack = replace(pack, rules=tuple(bare))
    assert "nog geen vragen" in (await clean.say(SAM, "/quiz 9")).text


async def test_a_repeated_answer_counts_once(clean: World) -> None:
    """The same vote twice changes nothing and sends nothing."""
    await clean.say(SAM, "/quiz")
    first = poll_of(clean)
    await answer(clean)
    before = len(clean.telegram.chat(SAM))
    await answer(clean, bubble=first)
    await answer(clean, bubble=first, well=False)
    assert len(clean.telegram.chat(SAM)) == before
    person = await clean.run(people.find, SAM)
    assert (await clean.run(quiz.open_round, person.id)).answered == 1


async def test_a_late_answer(clean: World) -> None:
    """A vote in a round that was left does not count, and the pupil hears so kindly."""
    await clean.say(SAM, "/quiz")
    old = poll_of(clean)
    await clean.say(SAM, "/stop")
    assert "telt niet mee" in (await answer(clean, bubble=old)).text
    assert (await clean.tap(SAM, "Nog een ronde")).text.startswith("1/5")


async def test_an_answer_of_somebody_else(clean: World) -> None:
    """A poll that was forwarded: another person's vote counts for nobody and gets no message."""
    await clean.say(SAM, "/quiz")
    await clean.vote(NOOR, 0, poll_of(clean))
    assert clean.telegram.chat(NOOR) == []
    assert len(polls(clean)) == 1


async def test_a_vote_taken_back_and_an_unknown_poll(clean: World) -> None:
    """A retracted vote and a poll from elsewhere change nothing."""
    await clean.say(SAM, "/quiz")
    poll = poll_of(clean)
    await clean.update(
        {"poll_answer": {"poll_id": poll.poll_id, "option_ids": [], "user": clean._user(SAM)}}
    )
    await clean.vote(SAM, 0, Bubble(SAM, 1, "", poll_id="elsewhere"))
    assert len(clean.telegram.chat(SAM)) == 2


@pytest.mark.parametrize("method", ["sendMessage", "sendPoll"])
async def test_starting_again_after_a_failure(clean: World, method: str) -> None:
    """When sending fails at the start the second try gives one round with one poll."""
    clean.telegram.fail(method, 500, **FAIL)
    await clean.say(SAM, "/quiz")
    assert len(polls(clean)) == 1
    await finish(clean)
    assert "5 van de 5" in clean.last(SAM).text


@pytest.mark.parametrize("method", ["sendMessage", "sendPoll"])
@pytest.mark.parametrize("position", [1, 5])
async def test_going_on_after_a_failure(clean: World, method: str, position: int) -> None:
    """Whatever fails after an answer was counted: the next poll or the result still comes, once."""
    await clean.say(SAM, "/quiz")
    for _ in range(position - 1):
        await answer(clean)
    clean.telegram.fail(method, 500, **FAIL)
    await answer(clean)
    clean.telegram.faults.clear()
    for _ in range(5 - position):
        await answer(clean)
    assert len(polls(clean)) == 5
    assert clean.texts(SAM).count("Klaar: 5 van de 5") == 1


async def test_a_second_round_replaces_the_first(clean: World) -> None:
    """Starting again leaves the old round; its last poll counts no more."""
    await clean.say(SAM, "/quiz")
    old = poll_of(clean)
    await clean.say(SAM, "/quiz")
    assert "telt niet mee" in (await answer(clean, bubble=old)).text
    await finish(clean)
    assert "5 van de 5" in clean.last(SAM).text


async def test_the_pack_changes_under_a_round(clean: World, pack: Pack) -> None:
    """A question that is gone from the pack ends the round kindly; what was answered counts."""
    await clean.say(SAM, "/quiz")
    clean.services.pack = replace(
        pack, rules=tuple(rule.model_copy(update={"quiz": ()}) for rule in pack.rules)
    )
    await answer(clean)
    assert "telt gewoon mee" in clean.last(SAM).text
    person = await clean.run(people.find, SAM)
    assert await clean.run(quiz.open_round, person.id) is None


async def test_language_of_the_round(clean: World) -> None:
    """Who speaks English gets the quiz in English; a switch half-way counts from the next poll."""
    clean.langs[SAM] = "en"
    await clean.say(SAM, "/quiz")
    assert "minutes" in clean.texts(SAM)
    await clean.say(SAM, "/language")
    await clean.tap(SAM, "Nederlands")
    await answer(clean)
    assert "Goed! " in clean.texts(SAM)


async def test_stop_button_of_the_round(clean: World) -> None:
    """The round's own button ends it; a second tap says that nothing is going on."""
    await clean.say(SAM, "/quiz")
    begin = clean.telegram.chat(SAM)[0]
    data = begin.data("Stoppen")
    assert "gestopt" in (await clean.press(SAM, data, begin)).text
    assert "niets" in (await clean.press(SAM, data, begin)).text


async def test_two_people_at_once(clean: World) -> None:
    """Two rounds go on side by side."""
    await clean.say(SAM, "/quiz")
    await clean.say(NOOR, "/quiz")
    await clean.vote(NOOR, right(poll_of(clean, NOOR)), poll_of(clean, NOOR))
    await finish(clean)
    assert "5 van de 5" in clean.last(SAM).text
    assert len(polls(clean, NOOR)) == 2


async def test_progress(clean: World) -> None:
    """/voortgang invites a beginner, and shows the rules to who has answered."""
    assert "nog geen quiz" in (await clean.say(SAM, "/voortgang")).text
    await clean.say(SAM, "/quiz")
    await finish(clean)
    shown = await clean.say(SAM, "/voortgang")
    assert "ken je de regels" in shown.text or shown.params.get("photo")


@pytest.mark.parametrize(
    ("link", "said"),
    [("q-7c", "over regel 7c: "), ("q-7C", "over regel 7c: "), ("q-mix", "Vijf vragen")],
)
async def test_deep_link_from_a_poster(clean: World, link: str, said: str) -> None:
    """A link on a poster or in Magister starts a round about its rule, or an ordinary one."""
    await clean.say(SAM, f"/start {link}")
    assert said in clean.texts(SAM)
    assert poll_of(clean).text.startswith("1/5 ")


@pytest.mark.parametrize("link", ["q-", "q-99", "q", "q-<b>"])
async def test_odd_deep_links(clean: World, link: str) -> None:
    """A link to no rule gives an ordinary round."""
    await clean.say(SAM, f"/start {link}")
    assert len(polls(clean)) == 1


async def in_group(world: World, text: str) -> list[Bubble]:
    length = len(text.split(maxsplit=1)[0])
    entity = {"type": "bot_command", "offset": 0, "length": length}
    chat = {"id": GROUP, "type": "group", "title": "H3b"}
    body = world._message(SAM) | {"chat": chat, "text": text, "entities": [entity]}
    await world.update({"message": body})
    return world.telegram.chat(GROUP)


async def test_in_a_group_only_one_anonymous_poll(clean: World, pack: Pack) -> None:
    """In a group nobody sees who chose what, no round begins, and the way to one's own chat."""
    (poll,) = await in_group(clean, "/quiz 9")
    assert poll.poll is not None
    assert poll.poll["is_anonymous"] is True
    assert poll.text in {item.question.nl for item in pack.quiz_items("9")}
    assert ("Oefen in je eigen chat", "https://t.me/VuistregelBot?start=q-mix") in poll.buttons
    assert polls(clean) == []
    await clean.vote(SAM, 0, poll)
    assert await clean.run(people.find, SAM) is None


async def test_a_group_that_does_not_let_the_bot_write(clean: World) -> None:
    """Where the bot may not write, nothing fails; a command for another bot is not answered."""
    clean.telegram.fail("sendPoll", 403, description="Forbidden: bot was kicked from the group")
    assert await in_group(clean, "/quiz") == []
    assert await in_group(clean, "/quiz@OtherBot") == []
