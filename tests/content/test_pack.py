"""Look-ups in a pack, and the numbers of Telegram that it keeps to."""

from __future__ import annotations

from itertools import pairwise

import pytest
import telegram.constants as telegram

from content import limits
from content.errors import TextError, UnknownIdError
from content.pack import Pack


def test_limits_are_telegrams() -> None:
    """The numbers in content.limits are those of the Bot API."""
    assert {
        "message": int(telegram.MessageLimit.MAX_TEXT_LENGTH),
        "question": int(telegram.PollLimit.MAX_QUESTION_LENGTH),
        "option": int(telegram.PollLimit.MAX_OPTION_LENGTH),
        "explanation": int(telegram.PollLimit.MAX_EXPLANATION_LENGTH),
        "line feeds": int(telegram.PollLimit.MAX_EXPLANATION_LINE_FEEDS),
        "callback": int(telegram.InlineKeyboardButtonLimit.MAX_CALLBACK_DATA),
    } == {
        "message": limits.MESSAGE,
        "question": limits.POLL_QUESTION,
        "option": limits.POLL_OPTION,
        "explanation": limits.POLL_EXPLANATION,
        "line feeds": limits.POLL_EXPLANATION_LINE_FEEDS,
        "callback": limits.CALLBACK_DATA_BYTES,
    }
    assert limits.CALLBACK_ID_BYTES < limits.CALLBACK_DATA_BYTES


def test_labels_in_order(pack: Pack) -> None:
    """Rules come in the protocol's order, letters right after their rule."""
    numbers = [int(pack.number(label)) for label in pack.labels]
    assert numbers == sorted(numbers)
    assert [label for label in pack.labels if label.startswith("7")] == [
        "7", "7a", "7b", "7c", "7d", "7e",
    ]  # fmt: skip


def test_look_ups(pack: Pack) -> None:
    """Every id leads back to its object; an unknown one raises UnknownIdError."""
    for situation in pack.situations:
        assert pack.situation(situation.id) is situation
    for topic in pack.topics:
        assert pack.topic(topic.id) is topic
    for case in pack.crisis.cases:
        assert pack.crisis_case(case.id) is case
        assert all(pack.help_line(line) for line in case.lines)
    for look_up in (pack.rule, pack.situation, pack.topic, pack.crisis_case, pack.help_line):
        with pytest.raises(UnknownIdError, match="xyz"):
            look_up("xyz")


def test_letters_are_rules_too(pack: Pack) -> None:
    """A letter has a title, an official and a plain text, and quiz items of its own."""
    assert pack.rule("7c").official
    assert pack.rule_file("7c").id == "7"
    items = pack.quiz_items("7c")
    assert items
    assert set(items) < set(pack.quiz_items("7"))


def test_text_names_what_is_missing(pack: Pack) -> None:
    """A text that is missing, or a value for it, is named; a value is never shown."""
    with pytest.raises(TextError, match=r"nothing\.such"):
        pack.text("nothing.such", "nl")
    key = next(key for key, text in pack.texts.items() if "{verdict}" in text.nl)
    with pytest.raises(TextError, match=key) as caught:
        pack.text(key, "nl", geheim="een geheim")
    assert "een geheim" not in str(caught.value)


def test_every_situation_answers_in_both_languages(pack: Pack) -> None:
    """Each situation has both languages among its phrasings and differing answers."""
    for situation in pack.situations:
        assert situation.answer.nl != situation.answer.en, situation.id
        assert situation.examples.nl or situation.reports.nl, situation.id
        assert situation.examples.en or situation.reports.en, situation.id


def test_holidays_do_not_overlap(pack: Pack) -> None:
    """School holidays come in order, each after the one before."""
    spans = sorted((one.first, one.last) for one in pack.school.holidays)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
