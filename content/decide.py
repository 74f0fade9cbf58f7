"""From the chances of cases to an answer: kind, rule, letter, verdict, situation, confidence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from content.cases import Entry, Standing
from content.corpus import added_up
from content.heard import Heard
from content.kinds import KINDS
from content.match import RULED
from content.models import Kind, Situation, Verdict
from content.pack import Pack
from content.ruleshares import RuleShares
from content.tuning import Tuning

MOST_OPTIONS = 3
_NEVER = 1e-9
_TELLING = 3
_VERY_SAME = 0.999


@dataclass(frozen=True)
class Decided:
    """A decision in the matcher's own terms; ``winner`` is the place of the case that fits best."""

    kind: Kind
    rules: tuple[tuple[str, float], ...]
    winner: int | None
    verdict: Verdict | None
    confident: bool
    options: tuple[Situation, ...]
    kinds: Mapping[Kind, float]
    margin: float


class Decision:
    """Decides for one pack."""

    def __init__(
        self, pack: Pack, cases: Sequence[Entry], standings: Sequence[Standing], tuning: Tuning
    ) -> None:
        self._pack, self._cases, self._standings = pack, cases, standings
        self._tuning = tuning
        self._rule_shares = RuleShares(pack, standings, tuning)
        self._kinds_of = np.array([KINDS.index(one.kind) for one in standings], np.int64)
        self._verdicts = _verdicts(standings)
        counts = Counter(case.kind for case in cases)
        self._has = {kind: kind in counts or kind == "oos" for kind in KINDS}
        # A kind with many cases collects much by chance alone.
        self._breadth = {kind: counts[kind] or 1 for kind in KINDS}

    def of(self, heard: Heard, within: str | None = None) -> Decided:
        """Decide about a question; ``within``: only this rule's situations can be the answer."""
        kinds = self._kinds(heard)
        kind = self._kind(kinds, heard)
        same = self._same(heard) if within is None and kind != "crisis" else None
        if same is not None:
            return self._as_said(same, kinds, heard)
        if within is not None and kind not in ("ask", "report"):
            kind = "ask"
        if kind not in RULED:
            winner = self._best(heard, lambda case: case.kind == kind)
            return Decided(kind, (), winner, None, kind != "oos", (), kinds, 0.0)
        return self._ruled(kind, kinds, heard, within)

    def _ruled(
        self, kind: Kind, kinds: Mapping[Kind, float], heard: Heard, within: str | None
    ) -> Decided:
        rules = self._rule_shares.best(kind, heard.masses, within)
        label, number = rules[0][0], self._pack.number(rules[0][0])
        verdict = self._verdict(heard, label) if kind == "ask" else None
        winner = self._winner(heard, kind, number, label, verdict)
        if within is not None and kind == "ask":
            # A follow-up turns on one detail: the case that fits best, not what most cases say.
            winner = self._best(heard, lambda case: case.kind == "ask" and case.number == number)
            verdict = verdict if winner is None else self._cases[winner].verdict
        margin = rules[0][1] - rules[1][1] if len(rules) > 1 else 1.0
        sure = winner is not None and self._sure(kind, rules[0][1], margin, kinds, heard)
        confident = kind == "crisis" or sure
        options = () if confident else self._options(heard)
        return Decided(kind, rules, winner, verdict, confident, options, kinds, margin)

    def _same(self, heard: Heard) -> int | None:
        """The one case that holds this very phrasing, in whatever order; None for a word or two."""
        if len(heard.typed) < _TELLING:
            return None
        found = [place for place, near in heard.similar.items() if near.max() > _VERY_SAME]
        one = len(found) == 1 and found[0] < len(self._cases)
        return found[0] if one and self._cases[found[0]].kind != "crisis" else None

    def _as_said(self, place: int, kinds: Mapping[Kind, float], heard: Heard) -> Decided:
        """Decide for the case that a message is a phrasing of."""
        case = self._cases[place]
        if case.kind not in RULED or case.label is None:
            return Decided(case.kind, (), place, None, case.kind != "oos", (), kinds, 0.0)
        shares = self._rule_shares.best(case.kind, heard.masses, None)
        others = tuple((label, share) for label, share in shares if label != case.label)
        rules = ((case.label, 1.0), *others)
        verdict = case.verdict if case.kind == "ask" else None
        margin = 1.0 - (others[0][1] if others else 0.0)
        return Decided(case.kind, rules, place, verdict, True, (), kinds, margin)

    def _kinds(self, heard: Heard) -> dict[Kind, float]:
        """The chance of each kind: a logistic model over what cases, words and small words say."""
        tuning = self._tuning
        level = heard.level.tolist()
        mean = sum(level) / len(KINDS)
        # Evidence of many overlapping features grows faster than what it is worth.
        scale = tuning.level_weight / math.sqrt(heard.features + 5)
        masses = self._masses(heard)
        alike: dict[Kind, float] = {}
        logits = {
            kind: tuning.kind_bias[place]
            + scale * (level[place] - mean)
            + tuning.small_weight * math.log(heard.small[kind] + _NEVER)
            + tuning.mass_weight * math.log(masses[kind] / self._breadth[kind] + _NEVER)
            for place, kind in enumerate(KINDS)
        }
        for place, like in heard.likeness.items():
            if place < len(self._cases):
                kind = self._cases[place].kind
                alike[kind] = max(alike.get(kind, 0.0), like)
            else:
                logits["crisis"] -= tuning.alike * like**2
        for kind, like in alike.items():
            logits[kind] += tuning.alike * like**2
        logits["oos"] += tuning.unknown * (1 - heard.known)
        logits["crisis"] += tuning.crisis_length * math.log(len(heard.words) + 1)
        logits["crisis"] += tuning.signal if heard.signals else 0.0
        return _softmax({kind: logit for kind, logit in logits.items() if self._has[kind]})

    def _masses(self, heard: Heard) -> dict[Kind, float]:
        masses = added_up(self._kinds_of, heard.sharp, len(KINDS)).tolist()
        return dict(zip(KINDS, masses, strict=True))

    def _kind(self, kinds: Mapping[Kind, float], heard: Heard) -> Kind:
        if not heard.known:
            return "smalltalk" if len(heard.typed) <= 2 else "oos"
        enough = self._tuning.crisis_told if heard.signals else self._tuning.crisis_from
        if kinds.get("crisis", 0.0) >= enough:
            return "crisis"
        return max((kind for kind in kinds if kind != "crisis"), key=lambda kind: kinds[kind])

    def _verdict(self, heard: Heard, label: str) -> Verdict | None:
        """The likeliest verdict of a rule; other letters of it count half."""
        sums: dict[Verdict, float] = {}
        for place, own, verdict in self._verdicts.get(self._pack.number(label), ()):
            weight = 1.0 if own == label else 0.5
            sums[verdict] = sums.get(verdict, 0.0) + weight * float(heard.masses[place])
        if not sums:
            return None
        return max(sums, key=lambda verdict: sums[verdict])

    def _winner(
        self, heard: Heard, kind: Kind, number: str, label: str, verdict: Verdict | None
    ) -> int | None:
        """The case to answer with: of the decided kind, rule and verdict, if need be of less."""
        if kind == "crisis":
            told = [place for place, _ in heard.signals]
            best = self._best(heard, lambda case: case.kind == kind)
            return best if best is not None or not told else told[0]
        wishes: tuple[Callable[[Entry], bool], ...] = (
            lambda case: case.kind == kind and case.label == label and case.verdict == verdict,
            lambda case: case.kind == kind and case.number == number and case.verdict == verdict,
            lambda case: case.number == number and case.kind in ("ask", "report"),
        )
        found = (self._best(heard, wish) for wish in wishes)
        return next((place for place in found if place is not None), None)

    def _best(self, heard: Heard, fits: Callable[[Entry], bool]) -> int | None:
        return next((place for place, _ in heard.leading if fits(self._cases[place])), None)

    def _sure(
        self, kind: Kind, rule: float, margin: float, kinds: Mapping[Kind, float], heard: Heard
    ) -> bool:
        tuning = self._tuning
        return (
            rule >= tuning.sure_rule
            and margin >= tuning.sure_margin
            and kinds.get(kind, 0.0) >= tuning.sure_kind
            and heard.known >= tuning.sure_known
            and sum(chance for kind, chance in kinds.items() if kind not in RULED)
            <= tuning.sure_refusal
        )

    def _options(self, heard: Heard) -> tuple[Situation, ...]:
        """Two or three different situations for "bedoel je …?"; none when only one is near."""
        found: dict[str, Situation] = {}
        for place, _ in heard.leading:
            about = self._cases[place].about
            if isinstance(about, Situation) and len(found) < MOST_OPTIONS:
                found.setdefault(about.id, about)
        return tuple(found.values()) if len(found) > 1 else ()


def _softmax(logits: Mapping[Kind, float]) -> dict[Kind, float]:
    best = max(logits.values())
    odds = {kind: math.exp(logit - best) for kind, logit in logits.items()}
    total = sum(odds.values())
    return {kind: odd / total for kind, odd in odds.items()}


def _verdicts(
    standings: Iterable[Standing],
) -> dict[str | None, list[tuple[int, str | None, Verdict]]]:
    """For each rule the standings that have a verdict: place, label and verdict."""
    found: dict[str | None, list[tuple[int, str | None, Verdict]]] = {}
    for place, one in enumerate(standings):
        if one.verdict is not None:
            found.setdefault(one.number, []).append((place, one.label, one.verdict))
    return found
