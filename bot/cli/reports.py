"""``reports list``, ``reports export`` and ``reports stats``: for the administrator."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.clock import system_clock
from bot.settings import Settings
from storage import overview
from storage.database import Database
from storage.errors import NotAllowed
from storage.overview import OverviewLine, Stats

app = typer.Typer(help="Reports, without their words.", no_args_is_help=True)


@app.command("list")
def list_(
    open_only: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
) -> None:
    """List reports without a word of them."""

    async def work(db: Database, settings: Settings) -> tuple[OverviewLine, ...]:
        return await db.run(overview.list_reports, open_only=open_only)

    for each in with_database(work):
        marks = " urgent" if each.urgent else ""
        hands = "" if each.in_hands else " NOBODY HAS IT"
        show.line(f"{each.number} {each.created_at:%Y-%m-%d} {each.state}{marks}{hands}")


@app.command("export")
def export(
    number: Annotated[str, typer.Argument(help="For example M-2026-0042.")],
    reason: Annotated[str, typer.Option(help="Why; stays on record.")],
) -> None:
    """Print one report as JSON; refused for reports about staff. The export stays on record."""

    async def work(db: Database, settings: Settings) -> dict[str, Any]:
        return await db.run(overview.export, number, reason, system_clock())

    try:
        show.line(json.dumps(with_database(work), ensure_ascii=False, indent=2))
    except (NotAllowed, ValueError):
        typer.echo("vuistregel: no report with this number can be exported", err=True)
        raise typer.Exit(1) from None


@app.command("stats")
def stats(
    school_year: Annotated[int, typer.Argument(help="The year in which the school year began.")],
) -> None:
    """Print counts of a school year; what is under five is hidden."""

    async def work(db: Database, settings: Settings) -> Stats:
        return await db.run(overview.stats, school_year)

    found = with_database(work)
    show.line(f"total: {_count(found.total)}")
    for rule, count in found.by_rule.items():
        show.line(f"rule {rule}: {_count(count)}")
    for state, count in found.by_state.items():
        show.line(f"{state}: {_count(count)}")


def _count(value: int | None) -> str:
    return "hidden" if value is None else str(value)
