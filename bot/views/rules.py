"""The rules to browse, and as cards to share in a class chat."""

from __future__ import annotations

from typing import Final

from bot.screen import Button, Html, Screen, Speech, in_rows
from bot.views.paging import part, turns
from content.models import RuleFile
from content.pack import OPENING, Pack

LISTED: Final = 40
"""Rules of one page: with their titles they fit in one message."""


def overview(say: Speech, page: int = 0) -> Screen:
    """List the rules with a button for each."""
    rules = [rule for rule in say.pack.rules if rule.id != OPENING]
    shown = part(rules, page, LISTED)
    lines = [say("rules.line", rule=r.id, title=r.title.in_(say.lang)) for r in shown]
    text = say("rules.list", school=say.pack.school.name, rules=Html("\n".join(lines)))
    buttons = [Button(rule.id, f"rule:{rule.id}") for rule in shown]
    turn = turns(say, len(rules), page, lambda to: f"rules:{to}", LISTED)
    return Screen(text, (*in_rows(buttons), *turn))


def rule(say: Speech, label: str) -> Screen:
    """Show one rule or lettered part: plain words first, the official text below."""
    found = say.pack.rule(label)
    text = say(
        "rules.card_opening" if label == OPENING else "rules.card",
        rule=label,
        title=found.title.in_(say.lang),
        plain=found.plain.in_(say.lang),
        official=found.official,
        source=say.pack.school.protocol.in_(say.lang),
    )
    rows: list[tuple[Button, ...]] = []
    if isinstance(found, RuleFile) and found.letters:
        text = Html(text + "\n\n" + say("rules.letters"))
        rows += in_rows(Button(each.id, f"rule:{each.id}") for each in found.letters)
    rows.append(_below(say, label))
    return Screen(text, tuple(rows))


def unknown(say: Speech) -> Screen:
    """Answer a label that does not exist."""
    return Screen(say("rules.unknown", labels=", ".join(_known(say.pack))))


def _below(say: Speech, label: str) -> tuple[Button, ...]:
    every = say.button("rules.all", "rules")
    if label == OPENING:
        return (every,)
    return (every, say.button("answer.button.quiz", f"quiz:{label}"))


def _known(pack: Pack) -> list[str]:
    return [label for label in pack.labels if label != OPENING]
