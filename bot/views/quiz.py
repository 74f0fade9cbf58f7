"""Quiz polls and the result of a round."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bot.screen import Button, Html, Screen, Speech
from bot.views.answers import rule_button
from content.models import QuizItem
from content.pack import OPENING
from storage.quiz import RoundView


@dataclass(frozen=True, slots=True)
class Poll:
    """What a native quiz poll needs; ``right`` is the position after shuffling."""

    question: str
    options: tuple[str, ...]
    right: int
    explanation: str
    shown: tuple[int, ...]
    """The pack's option at each position."""


def poll(say: Speech, item: QuizItem, position: int, total: int, rng: random.Random) -> Poll:
    """Show one item as a poll, its options shuffled."""
    order = list(range(len(item.options)))
    rng.shuffle(order)
    question = item.question.in_(say.lang)
    if total > 1:
        question = say.label("quiz.question", position=position + 1, total=total, question=question)
    options = tuple(item.options[n].in_(say.lang) for n in order)
    explanation = item.explanation.in_(say.lang)
    return Poll(question, options, order.index(0), explanation, tuple(order))


def begin(say: Speech, topic: str | None) -> Screen:
    """Open a round."""
    stop = ((say.button("button.stop", "quizstop"),),)
    if topic is None:
        return Screen(say("quiz.start"), stop)
    title = say.pack.rule(topic).title.in_(say.lang)
    if topic == OPENING:
        return Screen(say("quiz.start_opening", title=title), stop)
    return Screen(say("quiz.start_topic", rule=topic, title=title), stop)


def right(say: Speech, item: QuizItem) -> Screen:
    """Explain after a right answer: Telegram shows the explanation only on a wrong one."""
    return Screen(say("quiz.right", explanation=item.explanation.in_(say.lang)))


def result(say: Speech, done: RoundView) -> Screen:
    """Show how a round went and what to reread."""
    labels = _missed(say, done)
    advice = Html(
        say("quiz.advice_some" if labels else "quiz.advice_all") + "\n\n" + say("quiz.later")
    )
    text = say("quiz.result", right=done.right, total=len(done.polls), advice=advice)
    reread = tuple((rule_button(say, label),) for label in labels)
    again = (say.button("quiz.again", "quiz"), say.button("remind.button", "quizremind"))
    return Screen(text, (*reread, again))


def _missed(say: Speech, done: RoundView) -> list[str]:
    """Return the labels of the items that were wrong, each once, as far as the pack has them."""
    wrong = {poll.item for poll in done.polls if poll.right is False}
    found = [item.rule for item in say.pack.quiz if item.id in wrong and item.rule]
    return list(dict.fromkeys(found))


def late(say: Speech) -> Screen:
    """Answer a vote in a round that is over."""
    return Screen(say("quiz.late"), ((say.button("quiz.again", "quiz"),),))


def broken_off(say: Speech) -> Screen:
    """Say that a round ends early, since its questions are gone."""
    return Screen(say("stop.quiz"), ((say.button("quiz.again", "quiz"),),))


def own_chat(say: Speech, username: str) -> Screen:
    """Show the way from a group's poll to the private chat."""
    link = f"https://t.me/{username}?start=q-mix"
    return Screen("", ((Button(say.label("quiz.group"), url=link),),))


def none(say: Speech) -> Screen:
    """Say that there are no items about a rule."""
    return Screen(say("quiz.none"), ((say.button("start.button.quiz", "quiz"),),))
