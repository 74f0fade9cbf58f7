"""A question as it was understood, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content.corpus import Floats
from content.models import Kind
from content.nearest import Similarities


@dataclass(frozen=True)
class Heard:
    """The outcome of listening: words, and the chances that they give.

    ``typed`` and ``words``: before and after correction. ``singles``: the
    different words with their concepts; ``features``: how many different features the message has
    (``content.features``). ``masses``: the odds of all cases added
    up by their standing (kind, label, verdict), in the order of ``cases.Standings``; ``sharp``
    the same, good cases standing out more, to tell kinds apart. ``leading``: place and odds of
    the cases that fit best, best first; ``similar`` how alike the
    phrasings of the foremost ones are, by place of the case (the place behind the last one is
    that of what only sounds like danger), ``likeness`` the same for each case as a whole.
    ``small``: the chance of each kind by the small words
    alone; ``level``: the evidence of all words for each kind, in the order of ``KINDS``.
    ``signals``: crisis phrases with the place of their case. ``known``: the share of the telling
    words that the pack knows.
    """

    typed: Sequence[str]
    words: Sequence[str]
    singles: Sequence[str]
    features: int
    masses: Floats
    sharp: Floats
    leading: Sequence[tuple[int, float]]
    similar: Similarities
    likeness: Mapping[int, float]
    small: Mapping[Kind, float]
    level: Floats
    signals: Sequence[tuple[int, str]]
    known: float
