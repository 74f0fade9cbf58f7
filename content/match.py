"""What the matcher makes of a question: the contract between understanding and answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from content.models import CrisisCase, Kind, Language, Situation, Topic, Verdict

Case: TypeAlias = Situation | CrisisCase | Topic
RULED: frozenset[Kind] = frozenset({"ask", "report", "crisis"})
"""The kinds that are about a rule."""


@dataclass(frozen=True)
class NearExample:
    """A phrasing of the pack that the question resembles; ``similarity`` from 0 to 1."""

    case: str
    text: str
    similarity: float


@dataclass(frozen=True)
class Explanation:
    """Why the matcher decided as it did, for ``ask --explain``.

    ``words`` are the words as they were understood with what each adds to the case that won,
    strongest first; ``corrected`` pairs of typed and understood words; ``margin`` how far the
    first rule leads the second (0 to 1); ``kinds`` the six kinds with their chances, best first;
    ``signals`` the crisis phrases that were found.
    """

    words: tuple[tuple[str, float], ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    examples: tuple[NearExample, ...] = ()
    margin: float = 0.0
    kinds: tuple[tuple[Kind, float], ...] = ()
    signals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """How one question was understood.

    ``rules``: labels with a score from 0 to 1, best first; for ask, report and crisis at least
    three different rule numbers among the first ones (when the pack has them), else empty.
    ``situation``: the case that fits best, also when not confident; a Topic for meta, small talk
    and out of scope; None when nothing in the pack is near. ``verdict``: for ``ask`` only.
    ``confident``: the bot may answer without asking back; never for a refusal (``oos``), always
    for a crisis. ``options``: two or three situations for "bedoel je …?" when not confident and
    something is near.
    """

    kind: Kind
    lang: Language
    rules: tuple[tuple[str, float], ...]
    situation: Case | None
    verdict: Verdict | None
    confident: bool
    options: tuple[Situation, ...] = ()
    explanation: Explanation = Explanation()

    @property
    def rule(self) -> str | None:
        """The first rule's label, if there is one."""
        return self.rules[0][0] if self.rules else None

    def to_json(self) -> dict[str, Any]:
        """The object that ``ask --json`` prints."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "rules": [{"rule": rule, "score": round(score, 4)} for rule, score in self.rules],
            "situation": self.situation.id if self.situation else None,
            "lang": self.lang,
            "confident": self.confident,
        }
