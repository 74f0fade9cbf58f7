"""From the chances of cases to those of rules, and of the letters within them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from content.cases import Standing
from content.corpus import Floats, added_up
from content.match import RULED
from content.models import Kind
from content.pack import Pack
from content.tuning import Tuning

MOST_RULES = 5
_OUTSIDE = 0.01
"""What rules outside the one that a follow-up is about count."""


class RuleShares:
    """Adds up what the standings of a pack's cases count: for their rule, and for the next."""

    def __init__(self, pack: Pack, standings: Sequence[Standing], tuning: Tuning) -> None:
        self._rules = pack.rule_ids
        shares = list(_shares(standings, tuning.also))
        labels = list(dict.fromkeys(label for _, label, _ in shares))
        rules = [self._rules.index(pack.number(label)) for label in labels]
        self._labels: list[list[tuple[int, str]]] = [[] for _ in self._rules]
        for place, (label, rule) in enumerate(zip(labels, rules, strict=True)):
            self._labels[rule].append((place, label))
        self._count = len(labels)
        self._places = np.array([place for place, _, _ in shares], np.int64)
        self._of_label = np.array([labels.index(label) for _, label, _ in shares], np.int64)
        self._of_rule = np.array(rules, np.int64)
        self._by_kind = {
            kind: np.array(
                [
                    share * (1.0 if standings[place].kind == kind else tuning.other_kind)
                    for place, _, share in shares
                ]
            )
            for kind in {one.kind for one in standings} | RULED
        }

    def best(
        self, kind: Kind, masses: Floats, within: str | None = None
    ) -> tuple[tuple[str, float], ...]:
        """Each rule's likeliest label with the rule's chance among all rules, best first.

        ``masses``: by standing; ``within``: the rule that a follow-up stays with.
        """
        counted = masses[self._places] * self._by_kind[kind]
        letters = added_up(self._of_label, counted, self._count)
        sums = added_up(self._of_rule, letters, len(self._rules))
        if within is not None:
            sums *= np.array([1.0 if rule == within else _OUTSIDE for rule in self._rules])
        chances = (sums / (sums.sum() or 1.0)).tolist()
        best = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)[:MOST_RULES]
        return tuple((self._likeliest(rule, letters), chances[rule]) for rule in best)

    def _likeliest(self, rule: int, letters: Floats) -> str:
        labels = self._labels[rule]
        if not labels:
            return self._rules[rule]
        return max(labels, key=lambda label: letters[label[0]])[1]


def _shares(standings: Iterable[Standing], also: float) -> Iterator[tuple[int, str, float]]:
    """Place of each standing, a label that it counts for, and its share."""
    for place, standing in enumerate(standings):
        for label, share in ((standing.label, 1.0), (standing.also, also)):
            if label is not None:
                yield place, label, share
