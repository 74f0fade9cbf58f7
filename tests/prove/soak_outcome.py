"""What a soak left behind, and its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Final

GROWTH: Final = 0.10


@dataclass
class Outcome:
    """What was counted; memory in megabytes (of a million bytes), ``waits`` in seconds."""

    seconds: float = 0.0
    updates: int = 0
    held: float = 0.0
    """Seconds in which nobody did anything new, since too many waited already."""
    processor: float = 0.0
    """Seconds of processor that the bot used, its start included."""
    faults: int = 0
    reports: int = 0
    lost: int = 0
    doubled: int = 0
    unfinished: int = 0
    left: int = 0
    """Updates and orders that were not done in the end."""
    exceptions: dict[str, int] = field(default_factory=dict)
    retried: int = 0
    memory: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def settled(self) -> float:
        """Memory once everything was used: the median of the second tenth of the time."""
        tenth = max(1, len(self.memory) // 10)
        return median(self.memory[tenth : 2 * tenth] or self.memory)

    @property
    def growth(self) -> float:
        """Growth from there to the median of the last tenth."""
        tenth = max(1, len(self.memory) // 10)
        return median(self.memory[-tenth:]) / self.settled - 1

    @property
    def good(self) -> bool:
        """Tell whether nothing was lost and nothing went wrong; memory is judged apart."""
        return not (self.lost or self.doubled or self.unfinished or self.left or self.exceptions)


def table(outcome: Outcome) -> str:
    """Return what was counted, beside the bars."""
    waits = sorted(outcome.waits) or [0.0]
    late = waits[len(waits) * 99 // 100]
    settled, ended = outcome.settled, outcome.settled * (1 + outcome.growth)
    rows = [
        ("minutes", f"{outcome.seconds / 60:.1f}", ""),
        ("updates a second", f"{outcome.updates / outcome.seconds:.1f}", ""),
        ("held back for the machine (s)", f"{outcome.held:.0f}", ""),
        ("processor per update (ms)", f"{1000 * outcome.processor / outcome.updates:.1f}", ""),
        ("calls that went wrong", f"{outcome.faults}", ""),
        ("handlers tried again for that", f"{outcome.retried}", ""),
        ("answer, median / 99th (s)", f"{median(waits):.2f} / {late:.2f}", ""),
        ("reports", f"{outcome.reports}", ""),
        ("reports lost", f"{outcome.lost}", "0"),
        ("reports doubled", f"{outcome.doubled}", "0"),
        ("pupils without a number", f"{outcome.unfinished}", "0"),
        ("left undone", f"{outcome.left}", "0"),
        ("unhandled exceptions", f"{sum(outcome.exceptions.values())}", "0"),
        ("memory settled / at the end (MB)", f"{settled:.0f} / {ended:.0f}", ""),
        ("growth of memory", f"{outcome.growth:+.1%}", f"{GROWTH:+.0%}"),
    ]
    lines = [f"{name:34}{value:>16}   {bar and f'at most {bar}'}" for name, value, bar in rows]
    series = " ".join(
        f"{each:.0f}" for each in outcome.memory[:: max(1, len(outcome.memory) // 15)]
    )
    lines.append(f"memory in the course (MB): {series}")
    found = [f"  {count} x {what}" for what, count in outcome.exceptions.items()]
    return "\n".join([*lines, *found])
