"""The bot, which notes every run of a job in a file: ``python -m tests.prove.counted FILE``."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot import upkeep
from bot.cli import main
from bot.upkeep import Job


def noted(job: Job, log: Path) -> Job:
    """Return the job with a line in ``log`` for each run."""

    async def run(services: Any) -> None:
        with log.open("a", encoding="ascii") as file:
            file.write(f"{job.name} {time.time():.3f}\n")
        await job.run(services)

    return replace(job, run=run)


if __name__ == "__main__":
    every = tuple(noted(job, Path(sys.argv[1])) for job in upkeep.JOBS)
    upkeep.JOBS = every  # type: ignore[assignment,misc]
    main(["run"])
