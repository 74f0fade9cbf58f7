"""The dials of the matcher, all in one place; the defaults were chosen on held-out questions.

Each part can be switched off to see what it is worth (``make bench-understanding`` does).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """How much each source of evidence counts. Weights are factors on log-likelihood ratios."""

    spelling: bool = True
    """Correct words that the pack does not know."""
    weighting: bool = True
    """Weigh features by how telling they are; without it each hit counts the same."""
    concepts: bool = True
    """Count words for the same thing together."""
    nearest: float = 16.0
    """Weight of the nearest examples; 0 leaves them out."""
    compared: int = 6
    """Leading cases whose phrasings are compared one by one."""
    bigrams: float = 0.5
    grams: float = 1.0
    """Weight of the parts of words (character n-grams), all parts of a word together."""
    concept_weight: float = 0.6

    contrast: float = 0.5
    """How steeply evidence grows with the ratio of chances in a case and in general."""
    group_contrast: float = 1.0
    shrink: float = 4.0
    """Examples that a case is short of before its counts are taken at face value."""
    common: float = 2.0
    """Added to each feature's count over all cases, so that a word seen once decides nothing."""
    letter_level: float = 0.5
    kind_level: float = 0.3
    temperature: float = 8.0
    """Divides scores before they become chances: features overlap, so raw sums are too sure."""
    sharpness: float = 2.0
    """Power of the chances where kinds are told apart: one good case says more there than many."""

    breadth: float = 0.5
    """How far the number of cases of a kind is taken out of its chance: 0 not, 1 wholly."""
    kind_words: float = 1.0
    """Weight of the model that hears question or account from the small words alone."""
    leading: int = 48
    """Best cases among which the situation is looked for."""

    signal: float = 3.0
    """Factor on the chance of a crisis when one of its telling phrases was found."""
    signal_floor: float = 0.3
    """Added to it, so that a phrase alone is enough."""
    crisis_from: float = 0.35
    """The chance from which a message is a crisis: a false alarm costs less than a miss."""
    unknown: float = 0.3
    """Chance of being out of scope when none of the words is known."""
    other_kind: float = 0.5
    """What cases of another kind than the one decided count for a rule."""

    sure_rule: float = 0.5
    sure_margin: float = 0.2
    sure_kind: float = 0.4
    sure_known: float = 0.5
