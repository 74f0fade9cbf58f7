"""Telegram's limits, replicas, and a database that goes away: ``python -m tests.prove.scale``.

Prints what was measured beside its bar; exit code 1 when a bar was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.prove.scale_limits import LEEWAY, Burst, polled, shared
from tests.prove.scale_replicas import REPLICAS, Chaos, Course, chaos
from tests.prove.scale_restart import WITHIN_SECONDS, Restart, restart
from tests.storage.postgres import Postgres, running

Row = tuple[str, str, str]
PARTS = ("limits", "replicas", "restart")


def of_burst(found: Burst) -> list[Row]:
    """Return the rows of a burst."""
    late = found.took / found.bound if found.bound > 0 else 0.0
    return [
        (f"burst: {found.where}", f"{found.answered} of {found.pupils}", "all answered"),
        ("  refused with 429", f"{found.refused}", "0"),
        ("  seconds, and the limit's own", f"{found.took:.1f}, {found.bound:.1f}", ""),
        ("  of what the limit allows", f"{late:.0%}", f"at most {LEEWAY:.0%}"),
    ]


def of_chaos(found: Chaos) -> list[Row]:
    """Return the rows of a kill and a freeze."""
    left = found.left
    return [
        (f"{REPLICAS} replicas, one killed, one frozen", f"{left.reports} reports", ""),
        ("  updates answered by each", " ".join(map(str, found.shares)), ""),
        ("  dialogues under way at the kill", f"{found.midway}", ""),
        ("  dialogues that came to their end", f"{found.finished}", f"{left.reports}"),
        ("  reports lost, doubled", f"{left.lost}, {left.doubled}", "0, 0"),
        ("  reports that reached nobody", f"{left.undelivered}", "0"),
        ("  most extra copies of a message", f"{left.most_copies}", "at most 1"),
        ("  extra copies, unsure sends", f"{left.copies}, {left.unsure}", ""),
        ("  notices out of order", f"{left.disordered}", "0"),
        ("  jobs run, too early", f"{found.jobs}, {found.doubled_jobs}", "0 too early"),
        ("  unhandled exceptions", f"{sum(found.exceptions.values())}", "0"),
        *((f"    {what}"[:70], f"{count}", "") for what, count in found.exceptions.items()),
    ]


def of_restart(found: Restart) -> list[Row]:
    """Return the rows of a restart of the database."""
    left, bar = found.left, f"at most {WITHIN_SECONDS:.0f}"
    return [
        ("PostgreSQL restarted under load", f"{left.reports} reports", ""),
        ("  seconds until all was as before", f"{found.recovered:.1f}", bar),
        ("  reports lost, doubled", f"{left.lost}, {left.doubled}", "0, 0"),
        ("  reports that reached nobody", f"{left.undelivered}", "0"),
        ("  dialogues that came to their end", f"{found.finished}", f"{found.pupils}"),
        ("  pupils told that nothing is lost", f"{found.told}", "some"),
        ("  unhandled exceptions", f"{sum(found.exceptions.values())}", "0"),
        *((f"    {what}"[:70], f"{count}", "") for what, count in found.exceptions.items()),
    ]  # fmt: skip


def limits(server: Postgres, pupils: int) -> list[tuple[bool, list[Row]]]:
    """Play the burst on SQLite and on one and two replicas on PostgreSQL."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        found.append(asyncio.run(polled(Path(folder), pupils)))
    for count in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            url = server.url(server.create())
            found.append(asyncio.run(shared(url, Path(folder), pupils, count)))
    return [(each.good, of_burst(each)) for each in found]


def replicas(server: Postgres, pupils: int) -> list[tuple[bool, list[Row]]]:
    """Play the kill and the freeze."""
    with tempfile.TemporaryDirectory() as folder:
        played = asyncio.run(chaos(server.url(server.create()), Path(folder), Course(pupils)))
    return [(played.good, of_chaos(played))]


def restarted(server: Postgres, pupils: int) -> list[tuple[bool, list[Row]]]:
    """Play the restart."""
    with tempfile.TemporaryDirectory() as folder:
        played = asyncio.run(restart(server, Path(folder), pupils))
    return [(played.good, of_restart(played))]


def show(parts: Sequence[tuple[bool, list[Row]]]) -> bool:
    """Print the rows; tell whether every bar was met."""
    for good, rows in parts:
        for name, value, bar in rows:
            sys.stdout.write(f"{name:<48}{value:>18}   {bar}\n")
        sys.stdout.write(f"{'good' if good else 'WRONG'}\n\n")
        sys.stdout.flush()
    return all(good for good, _ in parts)


def main() -> int:
    """Run the parts that are named, or all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", metavar="|".join(PARTS))
    options.add_argument("--pupils", type=int, default=1500, help="in the burst")
    options.add_argument("--reporters", type=int, default=60, help="with replicas and restart")
    given = options.parse_args()
    wanted = given.parts or PARTS
    good = True
    with running() as server:
        if "limits" in wanted:
            good = show(limits(server, given.pupils)) and good
        if "replicas" in wanted:
            good = show(replicas(server, given.reporters)) and good
        if "restart" in wanted:
            good = show(restarted(server, given.reporters)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
