"""Quiz polls and the result of a round."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bot.screen import Html, Screen, Speech
from content.models import QuizItem
from storage.quiz import RoundView


@dataclass(frozen=True, slots=True)
class Poll:
    """What a native quiz poll needs; ``right`` is the position after shuffling."""

    question: str
    options: tuple[str, ...]
    right: int
    explanation: str


def poll(say: Speech, item: QuizItem, position: int, total: int, rng: random.Random) -> Poll:
    """Show one item as a poll, its options shuffled."""
    order = list(range(len(item.options)))
    rng.shuffle(order)
    question = say.label(
        "quiz.question", position=position + 1, total=total, question=item.question.in_(say.lang)
    )
    options = tuple(item.options[n].in_(say.lang) for n in order)
    return Poll(question, options, order.index(0), item.explanation.in_(say.lang))


def begin(say: Speech, topic: str | None) -> Screen:
    """Open a round."""
    stop = ((say.button("button.stop", "quizstop"),),)
    if topic is None:
        return Screen(say("quiz.start"), stop)
    title = say.pack.rule(topic).title.in_(say.lang)
    return Screen(say("quiz.start_topic", rule=topic, title=title), stop)


def right(say: Speech, item: QuizItem) -> Screen:
    """Explain after a right answer: Telegram shows the explanation only on a wrong one."""
    return Screen(say("quiz.right", explanation=item.explanation.in_(say.lang)))


def result(say: Speech, done: RoundView) -> Screen:
    """Show how a round went and what to reread."""
    wrong = [say.pack.quiz_item(p.item).rule or "" for p in done.polls if p.right is False]
    labels = list(dict.fromkeys(wrong))
    advice = Html(
        say("quiz.advice_some" if labels else "quiz.advice_all") + "\n\n" + say("quiz.later")
    )
    text = say("quiz.result", right=done.right, total=len(done.polls), advice=advice)
    reread = tuple(
        (say.button("answer.button.rule", f"rule:{label}", rule=label),) for label in labels[:5]
    )
    return Screen(text, (*reread, (say.button("quiz.again", "quiz"),)))


def none(say: Speech) -> Screen:
    """Say that there are no items about a rule."""
    return Screen(say("quiz.none"), ((say.button("start.button.quiz", "quiz"),),))
