"""What to ask whom next: spaced repetition per person and rule.

A rule that a person was asked about has a memory state, a plain dict that can be stored as JSON.
It is the card of FSRS, the Free Spaced Repetition Scheduler (Ye, Su and Cao, "A Stochastic
Shortest Path Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022; package ``fsrs``):
*stability* is the number of days in which the chance of remembering falls to 90 %, *difficulty*
how slowly stability grows. A right answer (``Rating.Good``) lets stability grow, most so when it
came just before forgetting; a wrong one (``Rating.Again``) cuts it to hours, so the rule is due
again the next day. A rule is due when the chance of remembering is down to 90 %, a day after the
last answer at the soonest.

Among what is due the rule asked longest ago comes first, not the weakest one: in a simulation
(``tests.prove.learning``, a memory model that is not FSRS's) asking the weakest first left less in
memory after twelve weeks, since a rule that goes wrong is then repeated too soon each time, and
others wait. For the same reason up to three rules in a round are new.

The memory is kept per rule, not per item: an item that is asked again is recognised, but a new
scene of the same rule has to be understood. Time and chance are passed in.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from fsrs import Card, Rating, Scheduler

from content.errors import ContentError
from content.models import Level, QuizItem
from content.pack import Pack

State = Mapping[str, Any]
ROUND = 5
NEW_IN_ROUND = 3
# Fuzzing would draw on the global random generator; learning steps in minutes suit a flash-card
# app, so a round counts as one step and the next interval is in days.
_SCHEDULER = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=())


def review(state: State | None, *, correct: bool, now: datetime) -> dict[str, Any]:
    """The state after an answer at ``now`` (aware); None as state: the first answer ever.

    Raises ContentError for a state that this module did not make.
    """
    card = _card(state) if state else Card(card_id=1, due=now.astimezone(UTC))
    rating = Rating.Good if correct else Rating.Again
    card, _ = _SCHEDULER.review_card(card, rating, now.astimezone(UTC))
    return dict(card.to_dict())


def is_due(state: State, now: datetime) -> bool:
    """Whether the rule should be asked again."""
    return bool(_card(state).due <= now.astimezone(UTC))


def strength(state: State | None, now: datetime) -> float:
    """The chance from 0 to 1 that the rule is remembered now; 0 when it was never asked."""
    if not state:
        return 0.0
    return float(_SCHEDULER.get_card_retrievability(_card(state), now.astimezone(UTC)))


def choose(
    pack: Pack,
    states: Mapping[str, State],
    *,
    now: datetime,
    rng: random.Random,
    recent: Sequence[str] = (),
    size: int = ROUND,
    level: Level | None = None,
) -> tuple[QuizItem, ...]:
    """The items of a round: rules that are due, longest ago first, and up to three new rules.

    ``states`` maps rule ids (no letters) to states; ``recent`` holds ids of items asked before,
    latest last. An item never comes twice in a round, nor is the last one asked the first one of
    the next; other recent items come only where a rule has no others. With ``level``, items of
    that level are preferred. Fewer than ``size`` items only when the pack holds fewer.
    """
    picker = _Picker(pack, rng, recent, level)
    order = _order(pack, states, now, rng, size)
    while order and len(picker.chosen) < size:
        order = [rule for rule in order if len(picker.chosen) < size and picker.take(rule)]
    return _not_the_last_first(picker.chosen, recent)


def rule_of(pack: Pack, item: QuizItem) -> str:
    """The rule id whose state an answer to ``item`` changes."""
    return pack.number(item.rule or "")


def _card(state: State) -> Card:
    try:
        return Card.from_dict(cast("Any", dict(state)))
    except (KeyError, TypeError, ValueError) as error:
        raise ContentError("not a memory state of a rule") from error


def _asked_at(state: State) -> datetime:
    return _card(state).last_review or datetime.min.replace(tzinfo=UTC)


def _order(
    pack: Pack, states: Mapping[str, State], now: datetime, rng: random.Random, size: int
) -> list[str]:
    """Every rule with quiz items in the order of asking."""
    rules = [rule.id for rule in pack.rules if rule.quiz]
    rng.shuffle(rules)
    known = [rule for rule in rules if states.get(rule)]
    known.sort(key=lambda rule: (not is_due(states[rule], now), _asked_at(states[rule])))
    new = [rule for rule in rules if not states.get(rule)]
    # New rules have their own places in the round, before what is known well would fill them.
    head = known[: size - min(NEW_IN_ROUND, len(new))]
    return [*head, *new[:NEW_IN_ROUND], *known[len(head) :], *new[NEW_IN_ROUND:]]


class _Picker:
    """Takes items of rules, fresh ones first."""

    def __init__(
        self, pack: Pack, rng: random.Random, recent: Sequence[str], level: Level | None
    ) -> None:
        self._pack, self._rng, self._level = pack, rng, level
        self._asked = {item: place for place, item in enumerate(recent)}
        self.chosen: list[QuizItem] = []

    def take(self, rule: str) -> bool:
        """Add the freshest item of ``rule``; False when all of them are in this round."""
        items = [item for item in self._pack.quiz_items(rule) if item not in self.chosen]
        if items:
            self.chosen.append(min(self._shuffled(items), key=self._staleness))
        return bool(items)

    def _shuffled(self, items: Iterable[QuizItem]) -> list[QuizItem]:
        shuffled = list(items)
        self._rng.shuffle(shuffled)
        return shuffled

    def _staleness(self, item: QuizItem) -> tuple[int, bool]:
        other_level = self._level is not None and item.level != self._level
        return self._asked.get(item.id, -1), other_level


def _not_the_last_first(items: Sequence[QuizItem], recent: Sequence[str]) -> tuple[QuizItem, ...]:
    if items and recent and items[0].id == recent[-1]:
        return (*items[1:], items[0]) if len(items) > 1 else tuple(items)
    return tuple(items)
