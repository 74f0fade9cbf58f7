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
    nearest: float = 8.0
    """Weight of the nearest examples; 0 leaves them out."""
    compared: int = 6
    """Leading cases whose phrasings are compared one by one."""
    bigrams: float = 0.5
    grams: float = 1.0
    """Weight of the parts of words (character n-grams), all parts of a word together."""
    concept_pairs: float = 0.4
    """Weight of two concepts in one message, in whatever language and order they stand."""
    concept_weight: float = 0.3

    contrast: float = 1.0
    """How steeply evidence grows with the ratio of chances in a case and in general."""
    group_contrast: float = 0.6
    shrink: float = 12.0
    """Examples that a case is short of before its counts are taken at face value."""
    common: float = 2.0
    """Added to each feature's count over all cases, so that a word seen once decides nothing."""
    letter_level: float = 1.2
    kind_level: float = 0.3
    temperature: float = 8.0
    """Divides scores before they become chances: features overlap, so raw sums are too sure."""
    sharpness: float = 3.0
    """Power of the chances where kinds are told apart: one good case says more there than many."""

    level_weight: float = 4.6
    """What the evidence of all words for a kind counts, telling kinds apart."""
    small_weight: float = 0.21
    """What the small words count there."""
    mass_weight: float = 0.28
    """What the cases that fit count there."""
    alike: float = 7.0
    """What a nearest phrasing that is the very same counts there; squared, so little for others."""
    kind_bias: tuple[float, ...] = (0.6, -0.9, -2.5, 0.3, 1.6, 1.35)
    """How readily each of ask, report, crisis, meta, smalltalk, oos is taken."""
    running: float = 3.0
    """Temperatures below the best score at which a case is out of the running."""
    leading: int = 48
    """Best cases among which the situation is looked for."""

    signal: float = 6.0
    """What a telling phrase adds for a crisis: nearly always enough."""
    crisis_length: float = 0.7
    """What the length of a message (the logarithm of its words) adds: danger is told at length."""
    crisis_from: float = 0.29
    """The chance from which a message is a crisis: a false alarm costs less than a miss."""
    crisis_told: float = 0.05
    """The same where a telling phrase was found: whatever stands beside it."""
    surely: float = 0.7
    """The chance from which what opens like a follow-up is a crisis by itself."""
    unknown: float = 1.1
    """What is added for out of scope when none of the words is known."""
    also: float = 0.3
    """What a case counts for the rule that applies to it next."""
    other_kind: float = 0.5
    """What cases of another kind than the one decided count for a rule."""

    sure_rule: float = 0.5
    """An answer is sure from this chance of its rule among all rules,"""
    sure_margin: float = 0.15
    """with this lead over the second one,"""
    sure_kind: float = 0.65
    """from this chance of its kind,"""
    sure_refusal: float = 0.005
    """with at most this chance that the rules do not answer it at all,"""
    sure_known: float = 0.4
    """and when the pack knows this share of the telling words."""
