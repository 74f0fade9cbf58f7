"""``reports list``, ``reports export`` and ``reports stats``: for the administrator."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.problems import FOUND
from bot.clock import system_clock
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database
    from storage.overview import OverviewLine, Stats

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
app = typer.Typer(help="Reports, without their words.", no_args_is_help=True)


@app.command("list", epilog="Example: vuistregel reports list --open")
def list_(
    open_only: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
    as_json: Json = False,
) -> None:
    """List reports without a word of them."""

    async def work(db: Database, settings: Settings) -> tuple[OverviewLine, ...]:
        from storage import overview

        return await db.run(overview.list_reports, open_only=open_only)

    found = with_database(work)
    if as_json:
        show.rows(asdict(each) for each in found)
        return
    for each in found:
        marks = " urgent" if each.urgent else ""
        hands = "" if each.in_hands else " NOBODY HAS IT"
        show.line(f"{each.number} {each.created_at:%Y-%m-%d} {each.state}{marks}{hands}")


@app.command("export", epilog='Example: vuistregel reports export M-2026-0042 --reason "…"')
def export(
    number: Annotated[str, typer.Argument(help="For example M-2026-0042.")],
    reason: Annotated[str, typer.Option(help="Why; stays on record.")],
) -> None:
    """Print one report as JSON; refused for reports about staff. The export stays on record."""
    from storage.errors import NotAllowed

    async def work(db: Database, settings: Settings) -> dict[str, Any]:
        from storage import overview

        return await db.run(overview.export, number.strip().upper(), reason, system_clock())

    if not reason.strip():
        raise typer.BadParameter("say why: it stays on record", param_hint="--reason")
    try:
        show.line(json.dumps(with_database(work), ensure_ascii=False, indent=2))
    except NotAllowed:
        show.line("vuistregel: no report with this number can be exported", err=True)
        raise typer.Exit(FOUND) from None


@app.command("stats", epilog="Example: vuistregel reports stats 2026")
def stats(
    school_year: Annotated[
        int, typer.Argument(help="The year in which the school year began.", min=2000, max=2200)
    ],
    as_json: Json = False,
) -> None:
    """Print counts of a school year; what is under five is hidden."""

    async def work(db: Database, settings: Settings) -> Stats:
        from storage import overview

        return await db.run(overview.stats, school_year)

    found = with_database(work)
    if as_json:
        show.rows([asdict(found)])
        return
    show.line(f"total: {'hidden' if found.total is None else found.total}")
    for rule, count in found.by_rule.items():
        show.line(f"rule {rule}: {count}")
    for state, count in found.by_state.items():
        show.line(f"{state}: {count}")
    show.line("What is under five is hidden, and what would give it away.")
