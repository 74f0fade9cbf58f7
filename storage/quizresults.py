"""What answers say together: of a class in one quiz, and of everybody per item. No names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.progress import FEWEST, RuleResult
from storage.tables import ClassQuiz, QuizPoll, QuizRound

FEWEST_WRONG = 2
"""A wrong answer is named from this number on: one pupil's slip is nobody's business."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one item was answered. ``wrong``: the pack's option and its number, most chosen first."""

    item: str
    asked: int
    right: int
    wrong: tuple[tuple[int, int], ...]

    @property
    def share(self) -> float:
        """Return the share of right answers, 0 to 1."""
        return self.right / self.asked if self.asked else 0.0

    @property
    def misled(self) -> int | None:
        """Return the wrong option that was chosen most, by two or more; else None."""
        if self.wrong and self.wrong[0][1] >= FEWEST_WRONG:
            return self.wrong[0][0]
        return None


@dataclass(frozen=True, slots=True)
class ClassResult:
    """What a class did in a quiz; empty below five participants."""

    participants: int
    rules: tuple[RuleResult, ...]
    items: tuple[ItemResult, ...]

    @property
    def share(self) -> float:
        """Return the share of right answers, 0 to 1."""
        asked = sum(each.asked for each in self.items)
        return sum(each.right for each in self.items) / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class WeekResult:
    """First answers of people to a rule in one week (its Monday)."""

    rule: str
    monday: datetime
    asked: int
    right: int


@dataclass(slots=True)
class _Tally:
    people: set[str] = field(default_factory=set)
    asked: int = 0
    right: int = 0
    wrong: Counter[int] = field(default_factory=Counter)

    def add(self, person_id: str, right: bool | None, chosen: int | None) -> None:
        self.people.add(person_id)
        self.asked += 1
        self.right += right is True
        if right is False and chosen is not None:
            self.wrong[chosen] += 1


Row = tuple[str, str, bool | None, int | None]


def of_quiz(session: Session, quiz_id: str, rule_of: Callable[[str], str | None]) -> ClassResult:
    """Return what a class did in a quiz, per rule and per item in the order of asking.

    Only rules and items that at least five pupils answered before the quiz was closed.
    """
    row = session.get_one(ClassQuiz, quiz_id)
    query = (
        select(QuizRound.person_id, QuizPoll.item, QuizPoll.right, QuizPoll.chosen)
        .join(QuizRound, QuizRound.id == QuizPoll.round_id)
        .where(QuizRound.class_quiz_id == quiz_id, QuizPoll.answered_at.is_not(None))
    )
    if row.closed_at is not None:
        query = query.where(QuizPoll.answered_at <= row.closed_at)
    answers: list[Row] = [(who, item, right, c) for who, item, right, c in session.execute(query)]
    people = len({who for who, *_ in answers})
    items = _tally(answers, lambda item: item)
    rules = _tally(answers, rule_of)
    return ClassResult(
        people,
        tuple(
            RuleResult(rule, len(each.people), each.asked, each.right)
            for rule, each in rules.items()
            if len(each.people) >= FEWEST
        ),
        tuple(_item(item, items[item]) for item in row.items if _enough(items, item)),
    )


def per_item(session: Session) -> tuple[ItemResult, ...]:
    """Return how every item was answered by everybody; only items with five people or more."""
    query = select(QuizRound.person_id, QuizPoll.item, QuizPoll.right, QuizPoll.chosen).join(
        QuizRound, QuizRound.id == QuizPoll.round_id
    )
    rows = session.execute(query.where(QuizPoll.answered_at.is_not(None)))
    items = _tally(((who, item, right, c) for who, item, right, c in rows), lambda item: item)
    return tuple(_item(item, items[item]) for item in sorted(items) if _enough(items, item))


def first_answers(session: Session, rule_of: Callable[[str], str | None]) -> tuple[WeekResult, ...]:
    """Return how often the first answer to an item was right, per rule and week.

    In aggregate: only weeks in which at least five people answered such an item of that rule.
    """
    query = (
        select(QuizRound.person_id, QuizPoll.item, QuizPoll.right, QuizPoll.answered_at)
        .join(QuizRound, QuizRound.id == QuizPoll.round_id)
        .where(QuizPoll.answered_at.is_not(None))
        .order_by(QuizPoll.answered_at)
    )
    seen: set[tuple[str, str]] = set()
    tallies: dict[tuple[str, datetime], _Tally] = {}
    for who, item, right, at in session.execute(query):
        rule = rule_of(item)
        if rule is None or at is None or (who, item) in seen:
            continue
        seen.add((who, item))
        tallies.setdefault((rule, _monday(at)), _Tally()).add(who, right, None)
    return tuple(
        WeekResult(rule, monday, each.asked, each.right)
        for (rule, monday), each in sorted(tallies.items())
        if len(each.people) >= FEWEST
    )


def _monday(at: datetime) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _tally(answers: Iterable[Row], key: Callable[[str], str | None]) -> dict[str, _Tally]:
    found: dict[str, _Tally] = {}
    for who, item, right, chosen in answers:
        if (under := key(item)) is not None:
            found.setdefault(under, _Tally()).add(who, right, chosen)
    return found


def _enough(items: dict[str, _Tally], item: str) -> bool:
    return item in items and len(items[item].people) >= FEWEST


def _item(item: str, each: _Tally) -> ItemResult:
    wrong = sorted(each.wrong.items(), key=lambda chosen: (-chosen[1], chosen[0]))
    return ItemResult(item, each.asked, each.right, tuple(wrong))
