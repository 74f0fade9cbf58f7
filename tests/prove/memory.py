"""A simulated pupil's memory: the activation model of the spacing effect, which is not FSRS's own.

Pavlik and Anderson (2005), "Practice and Forgetting Effects on Vocabulary Memory: An
Activation-Based Model of the Spacing Effect", Cognitive Science 29, 559-586. Every practice leaves
a trace that decays as a power of time; the more active the memory is at that moment, the faster
the new trace decays. So what is repeated too soon is soon gone.

All figures were fixed before the first run and are not to be turned until a favourite wins.
``DECAY``, ``SCALE``, ``THRESHOLD``, ``NOISE`` and ``BETWEEN`` are the paper's, for Japanese-English
word pairs, as they are usually quoted; the others are our assumptions.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Final

DECAY: Final = 0.177
SCALE: Final = 0.217
THRESHOLD: Final = -0.704
NOISE: Final = 0.255
BETWEEN: Final = 0.025
"""Time between sessions counts so much less than time within one."""
SPREAD_PUPILS: Final = 0.3
SPREAD_RULES: Final = 0.3
"""Standard deviations of the threshold: among pupils, and among the rules of one pupil."""
GUESS: Final = 1 / 3
"""Chance of a right answer to a quiz question by who remembers nothing."""

DAY: Final = 86400.0


@dataclass(slots=True)
class Trace:
    """What one pupil remembers of one rule."""

    threshold: float
    times: list[float] = field(default_factory=list)
    decays: list[float] = field(default_factory=list)

    def strength(self, day: float) -> float:
        """Return the sum of all traces on ``day``: e to the power of the activation."""
        return sum(
            math.pow((day - then) * DAY * BETWEEN, -decay)
            for then, decay in zip(self.times, self.decays, strict=True)
        )

    def recall(self, day: float) -> float:
        """Return the chance from 0 to 1 that the rule is remembered on ``day``."""
        strength = self.strength(day)
        if not strength:
            return 0.0
        return 1 / (1 + math.exp((self.threshold - math.log(strength)) / NOISE))

    def practise(self, day: float) -> None:
        """Add the trace of a question with its explanation."""
        self.decays.append(SCALE * self.strength(day) + DECAY)
        self.times.append(day)


class Pupil:
    """One pupil, with a memory of each rule."""

    def __init__(self, rules: tuple[str, ...], rng: random.Random) -> None:
        own = rng.gauss(THRESHOLD, SPREAD_PUPILS)
        self.traces = {rule: Trace(own + rng.gauss(0, SPREAD_RULES)) for rule in rules}

    def answer(self, rule: str, day: float, rng: random.Random) -> bool:
        """Answer a question about a rule, read the explanation; tell whether it was right."""
        trace = self.traces[rule]
        known = rng.random() < trace.recall(day)
        lucky = rng.random() < GUESS
        trace.practise(day)
        return known or lucky

    def recall(self, day: float) -> float:
        """Return the mean chance of remembering over all rules."""
        return sum(trace.recall(day) for trace in self.traces.values()) / len(self.traces)
