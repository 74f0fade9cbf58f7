"""Questions: a verdict, a close call or an honest refusal; danger first; nothing kept unasked."""

from __future__ import annotations

import pytest

from content.pack import Pack
from storage import drafts, kept
from tests.bot.telegram import Bubble
from tests.bot.understanding import close_call, fix, listen, out_of_scope
from tests.bot.world import World

SAM, NOOR = 11, 12
ALLOWED = "mag ik een foto van de klas op mijn story zetten?"
ENGLISH = "can I put a photo of my class on my story?"
VAGUE = "foto delen"
TOLD = "iemand heeft stiekem een filmpje van mij gemaakt en op tiktok gezet"
DANGER = "ik wil dood"
UNKNOWN = "hoe laat gaat de trein naar parijs morgen"


def labels(bubble: Bubble) -> list[str]:
    return [label for label, _ in bubble.buttons]


async def test_an_answer_has_verdict_reason_and_rule(clean: World) -> None:
    """A clear question gets one card: verdict first, then why, the rule, and what can be done."""
    card = await clean.say(SAM, ALLOWED)
    assert card.text[0] in "🔴🟠🟢🔵"
    assert "Regel 2" in card.text
    assert labels(card) == ["Hele regel 2", "Quiz hierover", "Dit melden", "Klopt niet"]
    assert len(clean.telegram.chat(SAM)) == 1


async def test_the_answer_speaks_the_language_of_the_question(clean: World) -> None:
    """English gets English, buttons included, whatever the phone's language; and so below it."""
    card = await clean.say(SAM, ENGLISH)
    assert "Rule 2" in card.text
    assert "Not right" in labels(card)
    assert (await clean.tap(SAM, "Whole rule")).text.startswith("Rule 2")
    assert "put your question in other words" in (await clean.tap(SAM, "Not right")).text


async def test_language_switch_half_way(clean: World) -> None:
    """Who chooses a language after a question gets the buttons below it in that language."""
    card = await clean.say(SAM, ALLOWED)
    await clean.say(SAM, "/taal")
    await clean.tap(SAM, "English")
    assert (await clean.tap(SAM, "Hele regel", card)).text.startswith("Rule 2")


async def test_close_call_asks_back(clean: World, pack: Pack) -> None:
    """A close call offers two or three situations; a tap answers in the place of the question."""
    fix(clean, close_call(pack))
    asked = await clean.say(SAM, VAGUE)
    assert "Bedoel je" in asked.text
    assert labels(asked)[-2:] == ["Geen van deze", "Dit melden"]
    assert 4 <= len(asked.buttons) <= 5
    answer = await clean.tap(SAM, labels(asked)[0])
    assert answer.message_id == asked.message_id
    assert "Klopt niet" in labels(answer)


async def test_none_of_these_is_an_honest_refusal(clean: World, pack: Pack) -> None:
    """A tap on "geen van deze" says so, and offers to keep the question."""
    fix(clean, close_call(pack))
    await clean.say(SAM, VAGUE)
    refusal = await clean.tap(SAM, "Geen van deze")
    assert "weet ik niet zeker" in refusal.text
    assert "Bewaard" in (await clean.tap(SAM, "Bewaar mijn vraag")).text


async def test_nothing_is_stored_of_a_question(clean: World) -> None:
    """A plain question makes no person and keeps no question."""
    for text in (ALLOWED, VAGUE, UNKNOWN, TOLD, DANGER):
        await clean.say(SAM, text)
    assert await clean.run(kept.grouped) == ()
    assert not await clean.run(
        lambda s: s.connection().exec_driver_sql("select count(*) from people").scalar()
    )


async def test_a_wrong_answer_can_be_kept_masked(clean: World) -> None:
    """A tap on "klopt niet" thanks and offers to keep; what is kept has no names."""
    await clean.say(SAM, "mag ik een foto van Fatima de Vries uit 3HAVO op mijn story zetten?")
    await clean.tap(SAM, "Klopt niet")
    await clean.tap(SAM, "Bewaar mijn vraag")
    [group] = await clean.run(kept.grouped)
    assert group.count == 1
    assert "Fatima" not in group.text


async def test_keep_after_five_minutes_says_it_is_gone(clean: World) -> None:
    """The question is remembered for five minutes, and the answer says so kindly."""
    await clean.say(SAM, ALLOWED)
    await clean.tap(SAM, "Klopt niet")
    clean.pass_time(minutes=6)
    assert "vijf minuten" in (await clean.tap(SAM, "Bewaar mijn vraag")).text
    assert await clean.run(kept.grouped) == ()


async def test_an_older_card_does_not_keep_a_later_question(clean: World, pack: Pack) -> None:
    """The button under an old answer is about that question: a later one is not kept unasked."""
    fix(clean, close_call(pack))
    card = await clean.say(SAM, VAGUE)
    refusal = await clean.tap(SAM, "Geen van deze", card)
    await clean.say(SAM, ALLOWED)
    assert "niet meer" in (await clean.tap(SAM, "Bewaar", refusal)).text
    assert await clean.run(kept.grouped) == ()


@pytest.mark.parametrize("text", [DANGER, TOLD])
async def test_danger_and_accounts_are_never_kept(clean: World, text: str) -> None:
    """What tells of danger or of what happened is not kept, not by a forged tap either."""
    card = await clean.say(SAM, text)
    message = next(m for m in range(1, 9) if any(d.endswith(f":{m}") for _, d in card.buttons))
    await clean.press(SAM, f"keep:{message}", card)
    await clean.press(SAM, f"wrong:{message}", card)
    assert "Bewaar mijn vraag" not in labels(clean.last(SAM))
    assert await clean.run(kept.grouped) == ()


async def test_follow_up_within_five_minutes(clean: World) -> None:
    """A text within five minutes is understood with the question before it, and then no more."""
    heard = listen(clean)
    await clean.say(SAM, ALLOWED)
    await clean.say(SAM, "👍")  # no words: not a question, and the one before it stays
    await clean.say(NOOR, "en in de pauze?")
    clean.pass_time(minutes=4)
    await clean.say(SAM, "en in de pauze?")
    clean.pass_time(minutes=6)
    await clean.say(SAM, "en in de gang?")
    assert [text for text, previous in heard.asked if previous is None][:2] == [
        ALLOWED,
        "en in de pauze?",
    ]
    assert ("en in de pauze?", ALLOWED) in heard.asked
    assert heard.asked[-1] == ("en in de gang?", None)


async def test_a_follow_up_of_a_follow_up(clean: World) -> None:
    """A third question still goes on from the first, through the one between."""
    heard = listen(clean)
    first = "mag ik mijn telefoon in de les gebruiken?"
    for text in (first, "en in de pauze?", "en in de gang?"):
        await clean.say(SAM, text)
    assert ("en in de gang?", f"{first} en in de pauze?") in heard.asked


async def test_danger_comes_first_with_help_lines(clean: World) -> None:
    """Danger gets the help lines before anything else, and the offer to report as urgent."""
    card = await clean.say(SAM, DANGER)
    assert card.text.startswith("Praat hier nu met iemand over\n• ")
    assert "113" in card.text
    assert labels(card) == ["Dringend melden"]


async def test_a_long_story_is_asked_for_in_short(clean: World) -> None:
    """A long text is asked for in one or two sentences, with the way to the mentor."""
    fix(clean, out_of_scope())
    assert "/melden" in (await clean.say(SAM, "we zaten gewoon in de klas. " * 30)).text


async def test_danger_in_a_long_story(clean: World) -> None:
    """However long a text is, danger in it gets the help lines."""
    story = "we zaten gewoon in de klas en toen ging het over van alles. " * 12
    assert "113" in (await clean.say(SAM, f"{story} ik wil dood")).text


async def test_an_account_is_answered_with_the_offer_to_report(clean: World) -> None:
    """Something that happened gets warmth, the rule, and the way to the mentor."""
    card = await clean.say(SAM, TOLD)
    assert "Goed dat je het vertelt" in card.text
    assert labels(card)[0] == "Dit melden"


@pytest.mark.parametrize(
    "text",
    ["🙂", "...", "   ", "?", "👨‍👩‍👧", "\u200f", "<>", "a" * 4096, "مرحبا", "<b>hoi", "{school}"],
)
async def test_odd_texts_get_one_kind_answer(clean: World, text: str) -> None:
    """Emoji, signs, spaces, very long, right-to-left and HTML get one message each, no error."""
    answer = await clean.say(SAM, text)
    assert len(clean.telegram.chat(SAM)) == 1
    assert answer.text
    assert "Er ging iets mis" not in answer.text


async def test_two_people_do_not_mix(clean: World) -> None:
    """A button under another person's answer keeps nothing, not even one's own last question."""
    await clean.say(SAM, ALLOWED)
    card = await clean.say(NOOR, ENGLISH)
    await clean.press(SAM, card.data("Not right").replace("wrong", "keep"), clean.last(SAM))
    assert await clean.run(kept.grouped) == ()


@pytest.mark.parametrize(
    "data",
    [
        "sit",
        "sit:",
        "sit:no-such",
        "sit:2-class-photo:x",
        "none",
        "keep",
        "keep:",
        "wrong:999",
        "sit:2-class-photo",
    ],
)
async def test_old_and_forged_buttons(clean: World, data: str) -> None:
    """Buttons of an older version or tampered data get a kind answer."""
    card = await clean.say(SAM, ALLOWED)
    await clean.press(SAM, data, card)
    assert "Er ging iets mis" not in clean.texts(SAM)


async def test_same_update_twice_is_answered_once(clean: World) -> None:
    """An update that Telegram sends again has no second answer."""
    raw = {"update_id": 9, "message": clean._message(SAM) | {"text": ALLOWED}}
    await clean.again(raw)
    await clean.again(raw)
    assert len(clean.telegram.chat(SAM)) == 1


async def test_reporting_takes_the_words_above_the_button(clean: World) -> None:
    """A report from an older card does not begin with the words of a later question."""
    card = await clean.say(SAM, TOLD)
    await clean.say(SAM, ALLOWED)
    await clean.tap(SAM, "Dit melden", card)
    draft = await clean.run(drafts.load, SAM)
    assert draft is not None
    assert "what" not in draft.data
    card = await clean.say(NOOR, TOLD)
    await clean.tap(NOOR, "Dit melden", card)
    assert (await clean.run(drafts.load, NOOR)).data["what"] == TOLD
