"""How time grows with the school: run with ``python -m tests.prove.growth``.

A small and a hundred times larger database (ten times on SQLite) stand beside each other on the
same server. Each operation is measured in both by turns; the bar is twice the time. Printed are
the medians, the plans by which the large one finds its rows, and the memory of this process.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import resource
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.crypto import Vault
from storage.database import any_engine
from storage.migration import upgrade
from tests.prove.growth_fill import fill
from tests.prove.growth_ops import MEASURES, Measure, World
from tests.prove.growth_plans import plans_of, size_on_disk, unwanted_in
from tests.prove.growth_school import Size
from tests.storage.postgres import running

BAR: Final = 2.0
VAULT: Final = Vault([bytes(range(32))])
SMALL: Final = Size(1_000, 10_000)
LARGE: Final = {"postgresql": Size(100_000, 1_000_000), "sqlite": Size(10_000, 100_000)}
WARM: Final = 3
MEGABYTE: Final = 1 << 20


@dataclass(frozen=True)
class Line:
    """One operation: median milliseconds in the small and the large school, its peak of memory."""

    name: str
    small: float
    large: float
    peaks: tuple[int, int]
    bounded: bool

    @property
    def ratio(self) -> float:
        """Return how many times longer it takes in the large school."""
        return self.large / self.small

    @property
    def good(self) -> bool:
        """Tell whether the bar is met."""
        return self.bounded or self.ratio <= BAR


def worlds(engine: str, sizes: tuple[Size, Size]) -> contextlib.AbstractContextManager[list[World]]:
    """Return filled databases of these sizes, gone when the block ends."""
    return _postgres_worlds(sizes) if engine == "postgresql" else _sqlite_worlds(sizes)


@contextlib.contextmanager
def _postgres_worlds(sizes: tuple[Size, Size]) -> Iterator[list[World]]:
    with (
        running() as server,
        _opened([server.url(server.create()) for _ in sizes], sizes) as found,
    ):
        yield found


@contextlib.contextmanager
def _sqlite_worlds(sizes: tuple[Size, Size]) -> Iterator[list[World]]:
    with tempfile.TemporaryDirectory(prefix="vr-growth-") as folder:
        urls = [f"sqlite:///{Path(folder) / str(number)}.db" for number in range(len(sizes))]
        for url in urls:
            upgrade(url)
        with _opened(urls, sizes) as found:
            yield found


@contextlib.contextmanager
def _opened(urls: list[str], sizes: tuple[Size, Size]) -> Iterator[list[World]]:
    found = [World(size, any_engine(url), VAULT) for url, size in zip(urls, sizes, strict=True)]
    try:
        for world in found:
            began = time.perf_counter()
            fill(world.engine, world.size, VAULT)
            say(
                f"{world.size.people:,} people, {world.size.reports:,} reports:"
                f" filled in {time.perf_counter() - began:.0f} s,"
                f" {size_on_disk(world) / MEGABYTE:,.0f} MB"
            )
        yield found
    finally:
        for world in found:
            world.engine.dispose()


def measure_all(pair: list[World]) -> list[Line]:
    """Measure every operation in both worlds by turns; the steps of a report follow each other."""
    times: dict[str, tuple[list[float], list[float]]] = {m.name: ([], []) for m in MEASURES}
    for turn in range(WARM + max(measure.times for measure in MEASURES)):
        for measure in MEASURES:
            if turn >= WARM + measure.times:
                continue
            for number in (0, 1) if turn % 2 else (1, 0):
                pair[number].turn = turn
                taken = _timed(measure, pair[number])
                if turn >= WARM:
                    times[measure.name][number].append(taken)
    return [_line(measure, *times[measure.name], pair) for measure in MEASURES]


def _line(measure: Measure, small: list[float], large: list[float], pair: list[World]) -> Line:
    first, second = (_peak(measure, world, 1000 + n) for n, world in enumerate(pair))
    medians = statistics.median(small), statistics.median(large)
    return Line(measure.name, *medians, (first, second), measure.bounded)


def _timed(measure: Measure, world: World) -> float:
    began = time.perf_counter()
    count = measure.run(world)
    return (time.perf_counter() - began) * 1000 / max(count, 1)


def _peak(measure: Measure, world: World, turn: int) -> int:
    """Return the most memory that an operation holds at once, in bytes."""
    world.turn = turn
    gc.collect()
    tracemalloc.start()
    measure.run(world)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def prove(engine: str, small: Size, large: Size) -> bool:
    """Measure one engine, print its tables, and tell whether all bars are met."""
    say(f"\n{engine}")
    with worlds(engine, (small, large)) as pair:
        lines = measure_all(pair)
        say(f"{'':36}{'small ms':>10}{'large ms':>10}{'times':>8}{'peak kB':>16}")
        for line in lines:
            kept = " / ".join(f"{peak / 1024:.0f}" for peak in line.peaks)
            missed = "" if line.good else "  over the bar"
            say(
                f"{line.name:36}{line.small:10.2f}{line.large:10.2f}{line.ratio:8.2f}"
                f"{kept:>16}{missed}"
            )
        scans = print_plans(pair[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"this process held {most:.0f} MB at most")
    return not scans and all(line.good for line in lines)


def print_plans(world: World) -> bool:
    """Print by which indexes each operation finds its rows; tell whether a table is read whole."""
    scanned = False
    for number, measure in enumerate(MEASURES):
        world.turn = 2000 + number // 8
        found = plans_of(world, measure.run)
        say(f"{measure.name}: {', '.join(sorted(found.used))}")
        if found.full:
            say(f"   reads whole: {', '.join(sorted(found.full))}")
            scanned |= bool(unwanted_in(measure.name, found))
    return scanned


def say(line: str) -> None:
    """Write a line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Prove what the arguments ask for; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="+", default=["postgresql", "sqlite"])
    parser.add_argument("--part", type=int, default=1, help="only a part: 10 is a tenth")
    options = parser.parse_args()
    met = [
        prove(
            engine,
            SMALL,
            Size(*(n // options.part for n in (LARGE[engine].people, LARGE[engine].reports))),
        )
        for engine in options.engines
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
