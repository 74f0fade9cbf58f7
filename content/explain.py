"""Put the reasons beside a decision: telling words, nearest phrasings, what was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from content.cases import Entry
from content.evidence import Evidence
from content.heard import Heard
from content.match import Explanation, NearExample
from content.models import Kind
from content.nearest import Nearest, Similarities, nearest_places


class Explainer:
    """Works out why a case was chosen."""

    def __init__(self, evidence: Evidence, nearest: Nearest, cases: Sequence[Entry]) -> None:
        self._evidence, self._nearest, self._cases = evidence, nearest, cases

    def explain(
        self, heard: Heard, winner: int | None, kinds: Mapping[Kind, float], margin: float
    ) -> Explanation:
        """The reasons for ``winner`` (place of its case; None: nothing was near)."""
        ordered = sorted(kinds.items(), key=lambda pair: -pair[1])
        return Explanation(
            words=self._words(heard, winner),
            corrected=_corrected(heard),
            examples=self._examples(heard, winner),
            margin=margin,
            kinds=tuple(ordered),
            signals=tuple(phrase for _, phrase in heard.signals),
        )

    def _words(self, heard: Heard, winner: int | None) -> tuple[tuple[str, float], ...]:
        if winner is None:
            return ()
        shares = self._evidence.shares(list(dict.fromkeys(heard.words)), winner)
        return tuple(sorted(shares.items(), key=lambda pair: -pair[1]))

    def _examples(self, heard: Heard, winner: int | None) -> tuple[NearExample, ...]:
        if winner is None or winner >= len(self._cases):
            return ()
        case = self._cases[winner]
        similar = heard.similar if winner in heard.similar else self._similar(heard, winner)
        near = nearest_places(similar[winner]) if winner in similar else []
        phrasings = case.phrasings
        return tuple(
            NearExample(case.about.id, phrasings[place][1], similarity)
            for similarity, place in near
        )

    def _similar(self, heard: Heard, winner: int) -> Similarities:
        return self._nearest.similarities(heard.singles, [winner])


def _corrected(heard: Heard) -> tuple[tuple[str, str], ...]:
    """Words that were read as others; in order, as far as both have the same number of words."""
    if len(heard.typed) != len(heard.words):
        known = set(heard.typed)
        changed = " ".join(word for word in heard.words if word not in known)
        missing = " ".join(word for word in heard.typed if word not in set(heard.words))
        return ((missing, changed),)
    pairs = zip(heard.typed, heard.words, strict=True)
    return tuple((typed, word) for typed, word in pairs if typed != word)
