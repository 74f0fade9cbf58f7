"""Quiz polls, the result of a round, and progress."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.screen import Html, Screen, Speech
from content import learning
from content.models import QuizItem
from content.pack import OPENING
from storage.progress import ProgressView
from storage.quiz import RoundView

BARS: Final = "▁▂▄▆█"


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


def progress(say: Speech, known: Mapping[str, ProgressView], today: date, now: datetime) -> Screen:
    """Show the ten rules with how well each one sits, and what is due."""
    again = ((say.button("start.button.quiz", "quiz"),),)
    if not known:
        return Screen(say("progress.none"), again)
    rules = [rule for rule in say.pack.rules if rule.id != OPENING and rule.quiz]
    lines = [
        say(
            "progress.line",
            bar=bar(known.get(rule.id), now),
            rule=rule.id,
            title=rule.title.in_(say.lang),
        )
        for rule in rules
    ]
    due = [p.rule for p in known.values() if p.due_on and p.due_on <= today]
    text = say("progress.card", lines=Html("\n".join(lines)), due=_due(say, due))
    return Screen(text, again)


def bar(known: ProgressView | None, now: datetime) -> str:
    """Return one block that grows with the chance that the rule is remembered now."""
    if known is None:
        return BARS[0]
    strength = learning.strength(known.state, now) * known.right / max(known.asked, 1)
    return BARS[min(int(strength * len(BARS)), len(BARS) - 1)]


def _due(say: Speech, rules: Sequence[str]) -> Html:
    if not rules:
        return say("progress.nothing_due")
    return say("progress.due", rules=", ".join(sorted(rules, key=lambda r: (len(r), r))))
