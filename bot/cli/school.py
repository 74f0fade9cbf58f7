"""``school import``, ``invite``, ``confirm`` and ``revoke``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bot.bootstrap import build_services
from bot.cli import show
from bot.cli.opened import with_database
from bot.clock import system_clock
from bot.errors import BotError
from bot.menu import bot_name
from bot.posters import class_link, save_qr, staff_link
from bot.settings import Settings, need
from bot.upkeep import hand_over
from storage import access, classes, roster, roster_file, staff
from storage.database import Database
from storage.errors import NotNow
from storage.roster import RosterDiff
from storage.staff import StaffView

app = typer.Typer(help="Classes and staff.", no_args_is_help=True)
invite = typer.Typer(help="Links for staff and classes.", no_args_is_help=True)
app.add_typer(invite, name="invite")

CLASS_CODE_LASTS: Final = timedelta(days=365)
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file, one row a class.")],
    apply: Annotated[bool, typer.Option("--apply", help="Carry the difference out.")] = False,
) -> None:
    """Show what a roster file would change; with --apply carry it out, whole or not at all."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BotError(f"{file}: {error.strerror}") from None
    wanted = roster_file.read(data)

    async def work(db: Database, settings: Settings) -> RosterDiff:
        if not apply:
            return await db.run(roster.diff, wanted)
        done = await db.run(roster.apply, wanted, system_clock())
        await hand_over(await asyncio.to_thread(build_services, settings, db=db))
        return done

    found = with_database(work)
    for text in (*wanted.warnings, *_changes(found)):
        show.line(text)
    if found.blocked and not apply:
        raise typer.Exit(1)
    if not found.empty:
        show.line("Uitgevoerd." if apply else "Nog niets veranderd; voer uit met --apply.")


@invite.command("staff")
def invite_staff(
    names: Annotated[list[str] | None, typer.Argument(help="Names or codes; all who wait.")] = None,
    as_json: Json = False,
) -> None:
    """Print personal links for staff who have no access yet; a link lasts seven days."""

    async def work(db: Database, settings: Settings) -> list[tuple[StaffView, str]]:
        username = await bot_name(need(settings.token, "TOKEN"), settings.api_url)
        chosen = await _chosen(db, names)
        links = []
        for member in chosen:
            code = await db.run(access.invite, member.id, system_clock())
            links.append((member, staff_link(username, code)))
        return links

    for member, link in with_database(work):
        role = member.posts[0].role if member.posts else ""
        label = ", ".join(dict.fromkeys(p.class_label for p in member.posts if p.class_label))
        _print_link(member.name, role, label, link, as_json=as_json)


@invite.command("class")
def invite_class(
    label: Annotated[str, typer.Argument(help="For example H3b.")],
    kind: Annotated[Literal["svg", "png", "pdf"], typer.Option("--format")] = "svg",
    out: Annotated[Path | None, typer.Option(help="File to write.")] = None,
    renew: Annotated[bool, typer.Option(help="Void the code that is in use.")] = False,
    as_json: Json = False,
) -> None:
    """Make the QR code of a class."""

    async def work(db: Database, settings: Settings) -> tuple[str, str]:
        username = await bot_name(need(settings.token, "TOKEN"), settings.api_url)
        found = await db.run(classes.by_label, label)
        if found is None:
            raise BotError(f"klas {label} is niet bekend")
        now = system_clock()
        try:
            code = await db.run(
                classes.new_code, found.id, now + CLASS_CODE_LASTS, now, renew=renew
            )
        except NotNow:
            raise BotError(
                f"klas {label} heeft al een code die werkt; vervang die met --renew"
            ) from None
        return found.label, class_link(username, code)

    name, link = with_database(work)
    if out is not None:
        save_qr(link, out, kind)
    _print_link(name, "class", name, link, as_json=as_json)


@app.command("confirm")
def confirm(name: Annotated[str, typer.Argument(help="Name or code.")]) -> None:
    """Confirm a member of staff who opened the personal link."""

    async def work(db: Database, settings: Settings) -> StaffView:
        member = await _one(db, name)
        if not member.waiting:
            raise BotError(f"{name}: heeft de link nog niet geopend")
        confirmed = await db.run(access.confirm, member.id, system_clock())
        await hand_over(await asyncio.to_thread(build_services, settings, db=db))
        return confirmed

    show.line(f"bevestigd: {with_database(work).name}")


@app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="Name or code.")]) -> None:
    """End a member of staff's access at once; open reports go to the next person."""

    async def work(db: Database, settings: Settings) -> StaffView:
        member = await _one(db, name)
        ended = await db.run(access.revoke, member.id, system_clock())
        await hand_over(await asyncio.to_thread(build_services, settings, db=db))
        return ended

    show.line(f"toegang beëindigd: {with_database(work).name}")


async def _one(db: Database, name: str) -> StaffView:
    found = await db.run(staff.by_name, name)
    if len(found) != 1:
        why = "niemand met die naam" if not found else "meer mensen met die naam, noem de afkorting"
        raise BotError(f"{name}: {why}")
    return found[0]


async def _chosen(db: Database, names: list[str] | None) -> list[StaffView]:
    if names:
        return [await _one(db, name) for name in names]
    return [each for each in await db.run(staff.everyone) if not each.active and not each.waiting]


def _print_link(name: str, role: str, label: str, link: str, *, as_json: bool) -> None:
    if as_json:
        row = {"name": name, "role": role, "class": label, "link": link}
        show.line(json.dumps(row, ensure_ascii=False))
    else:
        show.line(f"{name}\t{role}\t{label}\t{link}")


def _changes(found: RosterDiff) -> Iterator[str]:
    yield from (f"nieuwe klas: {label}" for label in found.new_classes)
    yield from (f"klas weg: {label}" for label in found.dropped_classes)
    yield from (f"kan niet weg, heeft open meldingen: {label}" for label in found.blocked)
    yield from (f"nieuw: {name} ({code})" for code, name in found.new_staff)
    yield from (f"andere naam: {name} ({code})" for code, name in found.renamed)
    yield from (f"vertrekt: {each.name} ({each.code})" for each in found.leaving)
    for sign, changes in (("+", found.added), ("-", found.removed)):
        yield from (f"{sign} {c.label or '*'}: {c.role} {c.code}" for c in changes)
