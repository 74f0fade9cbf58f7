"""Everything a message can be about, as a flat list of cases that the matcher chooses from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

from content.evidence import Level
from content.match import Case
from content.models import Kind, Phrasings, Verdict
from content.pack import Pack
from content.tuning import Tuning


@dataclass(frozen=True)
class Entry:
    """One case: what it is about, and its phrasings as ``(language, text)``.

    ``label`` is the rule it stands under and ``number`` that rule's own id; None where there is
    none (topics, some kinds of danger).
    """

    about: Case
    kind: Kind
    label: str | None
    number: str | None
    verdict: Verdict | None
    phrasings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Standing:
    """What cases have in common that are alike in all that is decided before the situation."""

    kind: Kind
    label: str | None
    number: str | None
    verdict: Verdict | None


class Standings:
    """Numbers the standings of a pack's cases: ``all`` in order, ``of`` by place of the case."""

    def __init__(self, cases: Iterable[Entry]) -> None:
        numbers: dict[Standing, int] = {}
        self.of: list[int] = []
        for case in cases:
            standing = Standing(case.kind, case.label, case.number, case.verdict)
            self.of.append(numbers.setdefault(standing, len(numbers)))
        self.all = tuple(numbers)

    def masses(self, odds: Iterable[float]) -> list[float]:
        """The odds of all cases added up by standing."""
        sums = [0.0] * len(self.all)
        for standing, odd in zip(self.of, odds, strict=False):
            sums[standing] += odd
        return sums


def entries(pack: Pack) -> tuple[Entry, ...]:
    """All cases of a pack that have a phrasing to learn from."""
    return tuple(entry for entry in _entries(pack) if entry.phrasings)


def levels(cases: Iterable[Entry], tuning: Tuning) -> list[Level]:
    """The groups of cases by rule, by letter and by kind, with their weights.

    A last group of its own is for the case of what only sounds like danger.
    """
    found = list(cases)
    keys: tuple[tuple[float, Callable[[Entry], str]], ...] = (
        (tuning.rule_level, lambda one: one.number or f"no rule: {one.kind}"),
        (tuning.letter_level, lambda one: one.label or f"no rule: {one.kind}"),
        (tuning.kind_level, lambda one: one.kind),
    )
    return [Level(weight, _numbered(found, key)) for weight, key in keys]


def _entries(pack: Pack) -> Iterator[Entry]:
    for rule in pack.rules:
        for situation in rule.situations:
            own = situation.rule or rule.id
            asked, told = _pairs(situation.examples), _pairs(situation.reports)
            yield Entry(situation, "ask", own, rule.id, situation.verdict, asked)
            yield Entry(situation, "report", own, rule.id, None, told)
    for case in pack.crisis.cases:
        label = case.rules[0] if case.rules else None
        number = pack.number(label) if label else None
        examples = (*_pairs(case.examples), *_pairs(case.signals))
        yield Entry(case, "crisis", label, number, None, examples)
    for topic in pack.topics:
        yield Entry(topic, topic.kind, None, None, None, _pairs(topic.examples))


def _pairs(phrasings: Phrasings) -> tuple[tuple[str, str], ...]:
    return tuple(phrasings)


def _numbered(cases: Iterable[Entry], key: Callable[[Entry], Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    groups = [numbers.setdefault(key(case), len(numbers)) for case in cases]
    return [*groups, len(numbers)]
