"""``school invite staff`` and ``school invite class``."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.people import one
from bot.clock import system_clock
from bot.errors import BotError
from bot.settings import Settings, need

if TYPE_CHECKING:
    from storage.database import Database
    from storage.staff import StaffView

app = typer.Typer(help="Links for staff and classes.", no_args_is_help=True)

CLASS_CODE_LASTS: Final = timedelta(days=365)
NAME_NEEDED: Final = "a link holds the bot's name, and Telegram tells that name for the token"
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Format = Literal["svg", "png", "pdf"]


@app.command("staff", epilog="Example: vuistregel school invite staff VOS --json")
def invite_staff(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names or codes; else all without access who do not wait for yours."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print personal links; a link lasts seven days and ends an earlier one of that person."""
    for member, link in with_database(lambda db, settings: _staff(db, settings, names)):
        role = member.posts[0].role if member.posts else ""
        label = ", ".join(dict.fromkeys(p.class_label for p in member.posts if p.class_label))
        _print_link(member.name, role, label, link, as_json=as_json)


@app.command("class", epilog="Example: vuistregel school invite class H3b --out H3b.pdf")
def invite_class(
    label: Annotated[str, typer.Argument(help="For example H3b.")],
    kind: Annotated[
        Format | None, typer.Option("--format", help="Else by the name of the file, else svg.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write the QR code to.")] = None,
    renew: Annotated[bool, typer.Option("--renew", help="Void the code that is in use.")] = False,
    as_json: Json = False,
) -> None:
    """Make the link and the QR code of a class; it is shown only this once."""
    from bot.posters import check_writable, save_poster

    if out is not None:
        check_writable(out)  # before the code is made: it could not be shown again
    name, link = with_database(lambda db, settings: _class(db, settings, label, renew=renew))
    if out is not None:
        save_poster(link, name, out, kind or _kind_of(out))
    _print_link(name, "class", name, link, as_json=as_json)


def add_to(app_: typer.Typer) -> None:
    """Add the group of this module."""
    app_.add_typer(app, name="invite")


async def _staff(
    db: Database, settings: Settings, names: list[str] | None
) -> list[tuple[StaffView, str]]:
    from bot.posters import staff_link
    from storage import access

    chosen = await _chosen(db, names)
    username = await _bot_name(settings) if chosen else ""
    links = []
    for member in chosen:
        code = await db.run(access.invite, member.id, system_clock())
        links.append((member, staff_link(username, code)))
    return links


async def _class(db: Database, settings: Settings, label: str, *, renew: bool) -> tuple[str, str]:
    from bot.posters import class_link
    from storage import classes
    from storage.errors import NotNow

    found = await db.run(classes.by_label, label)
    if found is None:
        raise BotError(f"klas {label} is niet bekend")
    username = await _bot_name(settings)
    now = system_clock()
    try:
        code = await db.run(classes.new_code, found.id, now + CLASS_CODE_LASTS, now, renew=renew)
    except NotNow:
        raise BotError(
            f"klas {found.label} heeft al een code die werkt; vervang die met --renew"
        ) from None
    return found.label, class_link(username, code)


async def _chosen(db: Database, names: list[str] | None) -> list[StaffView]:
    """Return who is named; else who has no access, nobody waits for, and was not shut out."""
    from storage import staff

    if names:
        named = [await one(db, name) for name in names]
        return list({member.id: member for member in named}.values())
    everyone = await db.run(staff.everyone)
    return [each for each in everyone if not (each.active or each.waiting or each.revoked_at)]


async def _bot_name(settings: Settings) -> str:
    from bot.menu import bot_name

    return await bot_name(need(settings.token, "TOKEN", NAME_NEEDED), settings.api_url)


def _kind_of(out: Path) -> Format:
    kinds: dict[str, Format] = {".png": "png", ".pdf": "pdf"}
    return kinds.get(out.suffix.lower(), "svg")


def _print_link(name: str, role: str, label: str, link: str, *, as_json: bool) -> None:
    if as_json:
        row = {"name": name, "role": role, "class": label, "link": link}
        show.line(json.dumps(row, ensure_ascii=False))
    else:
        show.line(f"{name}\t{role}\t{label}\t{link}")
