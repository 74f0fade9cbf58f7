"""How well a person knows the rules: a caption that says the same as the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.pictures import Line
from bot.screen import Html, Screen, Speech
from content import learning
from content.models import RuleFile
from content.pack import OPENING
from storage.progress import ProgressView

BLOCKS: Final = "▁▂▄▆█"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person: by rule, at a moment, with the weeks practised in a row."""

    known: Mapping[str, ProgressView]
    today: date
    now: datetime
    weeks: int

    def share(self, rule: str) -> float | None:
        """Return how well a rule sits now, from 0 to 1; None when it was never asked."""
        known = self.known.get(rule)
        if known is None:
            return None
        return learning.strength(known.state, self.now) * known.right / max(known.asked, 1)

    def is_due(self, rule: str) -> bool:
        """Tell whether a rule should be repeated."""
        known = self.known.get(rule)
        return known is not None and known.due_on is not None and known.due_on <= self.today


def none(say: Speech) -> Screen:
    """Say that there is nothing to show yet."""
    return Screen(say("progress.none"), ((say.button("start.button.quiz", "quiz"),),))


def caption(say: Speech, standing: Standing, *, dark: bool) -> Screen:
    """Say in words what the picture shows, for who cannot see it."""
    lines = [
        say(
            "progress.line",
            bar=block(standing.share(rule.id)),
            rule=rule.id,
            title=rule.title.in_(say.lang),
        )
        for rule in _rules(say)
    ]
    text = say(
        "progress.card",
        lines=Html("\n".join(lines)),
        due=_due(say, standing),
        weeks=weeks(say, standing),
    )
    theme = say.button("progress.light", "progress:light") if dark else None
    other = theme or say.button("progress.dark", "progress:dark")
    remind = say.button("remind.button", "quizremind")
    return Screen(text, ((say.button("start.button.quiz", "quiz"), other), (remind,)))


def lines(say: Speech, standing: Standing) -> list[Line]:
    """Return the bars of the picture."""
    return [
        Line(
            rule.id,
            rule.title.in_(say.lang),
            standing.share(rule.id),
            "!" if standing.is_due(rule.id) else "",
        )
        for rule in _rules(say)
    ]


def weeks(say: Speech, standing: Standing) -> str:
    """Return the calm streak: weeks in a row, never days."""
    return say.label("progress.weeks", weeks=standing.weeks) if standing.weeks > 1 else ""


def block(share: float | None) -> str:
    """Return one block that grows with how well a rule sits."""
    return BLOCKS[min(int((share or 0.0) * len(BLOCKS)), len(BLOCKS) - 1)]


def _rules(say: Speech) -> Sequence[RuleFile]:
    return [rule for rule in say.pack.rules if rule.id != OPENING and rule.quiz]


def _due(say: Speech, standing: Standing) -> Html:
    due = [rule.id for rule in _rules(say) if standing.is_due(rule.id)]
    if not due:
        return say("progress.nothing_due")
    return say("progress.due", rules=", ".join(due))
