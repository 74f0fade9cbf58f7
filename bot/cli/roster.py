"""``school import``: what a roster file would change, and the change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.problems import FOUND
from bot.clock import system_clock
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.database import Database
    from storage.roster import RosterDiff
    from storage.roster_file import RosterFile

LEFT_OVER: Final = (
    "let op: {} leerlingen zitten nog van een vorig schooljaar in hun klas. Is dit de lijst van het"
    " nieuwe schooljaar: --new-year. Zo niet: --same-year."
)
NEAR: Final = (
    "let op: de klassen of hun mentoren veranderen. Is dit de lijst van het nieuwe schooljaar:"
    " --new-year. Verandert er alleen iets in dit schooljaar: --same-year."
)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV file, one row a class.")],
    apply: Annotated[bool, typer.Option("--apply", help="Carry the difference out.")] = False,
    new_year: Annotated[
        bool | None,
        typer.Option(
            "--new-year/--same-year",
            help="A new school year: every class begins anew, and pupils join anew.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The difference as one object.")] = False,
) -> None:
    """Show what a roster file would change; with --apply carry it out, whole or not at all."""
    from storage import roster, roster_file

    wanted = roster_file.read(file.read_bytes())
    for text in wanted.warnings:
        show.line(f"let op: {text}", err=True)
    found, undecided = with_database(
        lambda db, settings: _work(db, settings, wanted, apply=apply, new_year=new_year)
    )
    stopped = roster.stopped(found)
    done = apply and not (stopped or undecided or found.empty)
    if as_json:
        show.rows([_row(found, done=done)])
    else:
        for text in _changes(found):
            show.line(text)
    if undecided:
        show.line(undecided, err=True)
    for text in stopped:
        show.line(text, err=True)
    if stopped or (undecided and apply):
        raise typer.Exit(FOUND)
    if as_json:
        return
    if found.empty:
        show.line("Niets te veranderen.")
    else:
        show.line("Uitgevoerd." if apply else "Nog niets veranderd; voer uit met --apply.")
    if found.renewed and apply:
        show.line("Maak nu nieuwe QR-codes: vuistregel school invite class KLAS")


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("import", epilog="Example: vuistregel school import klassen.csv --apply")(import_)


async def _work(
    db: Database, settings: Settings, wanted: RosterFile, *, apply: bool, new_year: bool | None
) -> tuple[RosterDiff, str]:
    """Return what changes, and what the administrator must decide on first, if anything.

    Silence is no answer there: other children may sit under the same label by now, or soon.
    """
    from storage import roster

    found = await db.run(roster.diff, wanted, new_year=bool(new_year))
    undecided = await _undecided(db, found) if new_year is None else ""
    if not apply or undecided:
        return found, undecided
    from bot.bootstrap import build_services
    from bot.upkeep import hand_over

    # before the change: a pack that cannot be read must not leave it half done
    services = await asyncio.to_thread(build_services, settings, db=db)
    done = await db.run(roster.apply, wanted, system_clock(), new_year=bool(new_year))
    await hand_over(services)
    return done, ""


async def _undecided(db: Database, found: RosterDiff) -> str:
    from storage import schoolyear

    now = system_clock()
    if left := await db.run(schoolyear.left_over, now):
        return LEFT_OVER.format(left)
    near = found.other_classes and await db.run(schoolyear.next_is_near, now)
    return NEAR if near else ""


def _row(found: RosterDiff, *, done: bool) -> dict[str, object]:
    """What changes, by codes and labels: a script needs no names."""
    return {
        "applied": done,
        "new_classes": found.new_classes,
        "dropped_classes": found.dropped_classes,
        "blocked": found.blocked,
        "emptied": found.emptied,
        "renewed": found.renewed,
        "pupils": found.pupils,
        "new_staff": [code for code, _ in found.new_staff],
        "renamed": [code for code, _ in found.renamed],
        "passed_on": found.passed_on,
        "leaving": [each.code for each in found.leaving],
        "added": [asdict(change) for change in found.added],
        "removed": [asdict(change) for change in found.removed],
    }


def _changes(found: RosterDiff) -> Iterator[str]:
    if found.renewed:
        count = len(found.renewed)
        yield f"nieuw schooljaar: {count} klassen beginnen opnieuw, hun QR-codes vervallen"
    if found.pupils:
        yield f"{found.pupils} leerlingen zijn daarna in geen klas en kiezen hun klas opnieuw"
    yield from (f"nieuwe klas: {label}" for label in found.new_classes)
    yield from (f"klas weg: {label}" for label in found.dropped_classes)
    yield from (f"nieuw: {name} ({code})" for code, name in found.new_staff)
    yield from (f"andere naam: {name} ({code})" for code, name in found.renamed)
    for code in found.passed_on:
        yield f"let op: code {code} is nu van iemand anders, die een eigen link nodig heeft"
    yield from (f"vertrekt: {each.name} ({each.code})" for each in found.leaving)
    for sign, changes in (("+", found.added), ("-", found.removed)):
        yield from (f"{sign} {c.label or '*'}: {c.role} {c.code}" for c in changes)
