"""Everything a message can be about, as a flat list of cases that the matcher chooses from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

import numpy as np

from content.corpus import Floats
from content.evidence import Level
from content.kinds import KINDS
from content.match import Case
from content.models import Kind, Phrasings, Verdict
from content.pack import Pack
from content.tuning import Tuning


@dataclass(frozen=True)
class Entry:
    """One case: what it is about, and what is ``said`` of it.

    ``label`` is the rule it stands under and ``number`` that rule's own id, ``also`` the rule that
    applies next; None where there is none (topics, some kinds of danger).
    """

    about: Case
    kind: Kind
    label: str | None
    number: str | None
    verdict: Verdict | None
    also: str | None
    said: tuple[Phrasings, ...]

    @property
    def phrasings(self) -> tuple[tuple[str, str], ...]:
        """All that is said as ``(language, text)``; made anew each time, since kept it is large."""
        return tuple(chain.from_iterable(self.said))


@dataclass(frozen=True)
class Standing:
    """What cases have in common that are alike in all that is decided before the situation."""

    kind: Kind
    label: str | None
    number: str | None
    verdict: Verdict | None
    also: str | None


class Standings:
    """The standings of a pack's cases in order: ``all``."""

    def __init__(self, cases: Iterable[Entry]) -> None:
        """``cases``: as ``entries`` orders them, so that each standing is one span of places."""
        self.all: list[Standing] = []
        starts: list[int] = []
        start = 0
        for standing, group in groupby(map(_standing, cases)):
            self.all.append(standing)
            starts.append(start)
            start += len(list(group))
        self._starts = np.array(starts, np.int64)
        self._stop = start

    def masses(self, odds: Floats) -> Floats:
        """The odds of all cases added up by standing; those behind the last case are left out."""
        if not self.all:
            return np.zeros(0)
        return np.add.reduceat(odds[: self._stop], self._starts)


def _standing(case: Entry) -> Standing:
    return Standing(case.kind, case.label, case.number, case.verdict, case.also)


def entries(pack: Pack) -> tuple[Entry, ...]:
    """All cases of a pack that have a phrasing to learn from; those of one standing together."""
    found = [entry for entry in _entries(pack) if entry.phrasings]
    order = {standing: place for place, standing in enumerate(dict.fromkeys(map(_standing, found)))}
    return tuple(sorted(found, key=lambda entry: order[_standing(entry)]))


def levels(cases: Sequence[Entry], tuning: Tuning) -> list[Level]:
    """The groups of cases: by label, and last by kind in the order of ``KINDS``.

    Behind the cases stands one more, of what only sounds like danger: it is out of scope.
    """
    labels = _numbered(cases, lambda one: one.label or f"no rule: {one.kind}")
    kinds = [KINDS.index(case.kind) for case in cases]
    return [
        Level(tuning.letter_level, [*labels, max(labels, default=-1) + 1]),
        Level(tuning.kind_level, [*kinds, KINDS.index("oos")]),
    ]


def _entries(pack: Pack) -> Iterator[Entry]:
    for rule in pack.rules:
        for situation in rule.situations:
            own = situation.rule or rule.id
            also = situation.also[0] if situation.also else None
            asked, told = situation.examples, situation.reports
            yield Entry(situation, "ask", own, rule.id, situation.verdict, also, (asked,))
            yield Entry(situation, "report", own, rule.id, None, also, (told,))
    for case in pack.crisis.cases:
        label = case.rules[0] if case.rules else None
        number = pack.number(label) if label else None
        examples = (case.examples, case.signals)
        also = case.rules[1] if len(case.rules) > 1 else None
        yield Entry(case, "crisis", label, number, None, also, examples)
    for topic in pack.topics:
        yield Entry(topic, topic.kind, None, None, None, None, (topic.examples,))


def _numbered(cases: Iterable[Entry], key: Callable[[Entry], Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key(case), len(numbers)) for case in cases]
