"""``school invite staff`` and ``school invite class``."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from bot.cli import show
from bot.cli.opened import with_database
from bot.cli.people import one
from bot.cli.problems import FOUND
from bot.clock import system_clock
from bot.errors import BotError
from bot.settings import Settings, load_settings, need

if TYPE_CHECKING:
    from bot.screen import Speech
    from storage.classes import ClassView
    from storage.database import Database
    from storage.staff import StaffView

app = typer.Typer(help="Links for staff and classes.", no_args_is_help=True)

CLASS_CODE_LASTS: Final = timedelta(days=365)
NAME_NEEDED: Final = "a link holds the bot's name, and Telegram tells that name for the token"
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Lang = Annotated[
    Literal["nl", "en"] | None, typer.Option(help="Language on paper; else the school's first.")
]
Format = Literal["svg", "png", "pdf"]


@app.command("staff", epilog="Example: vuistregel school invite staff VOS --json")
def invite_staff(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names or codes; else all without access who do not wait for yours."),
    ] = None,
    letters: Annotated[
        Path | None, typer.Option(help="Folder for a letter to each, instead of printed links.")
    ] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Make personal links; a link lasts seven days and ends an earlier one of that person."""
    from bot.posters import Receiver, letter, save

    if letters is not None:
        _folder(letters)
    say = _speech(lang) if letters is not None else None
    for member, link in with_database(lambda db, settings: _staff(db, settings, names)):
        role = member.posts[0].role if member.posts else ""
        label = ", ".join(dict.fromkeys(p.class_label for p in member.posts if p.class_label))
        shown = link
        if letters is not None and say is not None:
            shown = str(letters / f"{_name(member)}.pdf")
            save(letter(say, Receiver(member.name, role, label, link)), Path(shown), private=True)
        _print_link(member.name, role, label, shown, as_json=as_json)


@app.command("class", epilog="Example: vuistregel school invite class H3b --out H3b.pdf")
def invite_class(
    label: Annotated[str, typer.Argument(help="For example H3b.")],
    kind: Annotated[
        Format | None, typer.Option("--format", help="Else by the name of the file, else svg.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write the QR code to.")] = None,
    renew: Annotated[bool, typer.Option("--renew", help="Void the code that is in use.")] = False,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Make the link and the poster of a class; the link is shown only this once.

    As pdf or png an A4 page with the rules in short; as svg the QR code alone.
    """
    from bot.posters import check_writable, poster, save

    if out is not None:
        check_writable(out)  # before the code is made: it could not be shown again
    say = _speech(lang)
    made, username = with_database(lambda db, settings: _classes(db, settings, [label], renew))
    (name, link), *_ = made or [(label, "")]
    if not link:
        raise BotError(f"klas {name} heeft al een code die werkt; vervang die met --renew")
    if out is not None:
        save(poster(say, username, link, name, kind or _kind_of(out)), out)
    _print_link(name, "class", name, link, as_json=as_json)


def posters(
    labels: Annotated[
        list[str] | None, typer.Argument(help="Classes; else all of them.", metavar="[CLASS]...")
    ] = None,
    out: Annotated[Path, typer.Option(help="PDF with a page for each class.")] = Path(
        "posters.pdf"
    ),
    renew: Annotated[bool, typer.Option("--renew", help="Void the codes that are in use.")] = False,
    lang: Lang = None,
) -> None:
    """Make an A4 poster for each class: QR code, the rules in short, what the bot keeps.

    A class whose code is in use is left out, unless it is renewed.
    """
    from bot.posters import check_writable, save
    from bot.posters import posters as drawn

    check_writable(out, private=True)
    say = _speech(lang)
    made, username = with_database(lambda db, settings: _classes(db, settings, labels, renew))
    ready = [(label, link) for label, link in made if link]
    for label, link in made:
        if not link:
            show.line(
                f"klas {label} heeft al een code die werkt; vervang die met --renew", err=True
            )
    if not ready:
        raise typer.Exit(FOUND)
    save(drawn(say, username, show.progress(ready, "posters")), out, private=True)
    show.line(f"{out}: {', '.join(label for label, _ in ready)}")


def add_to(app_: typer.Typer) -> None:
    """Add the commands of this module."""
    app_.add_typer(app, name="invite")
    app_.command("posters", epilog="Example: vuistregel school posters --out posters.pdf")(posters)


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


async def _classes(
    db: Database, settings: Settings, labels: list[str] | None, renew: bool
) -> tuple[list[tuple[str, str]], str]:
    """Make codes: label and link of each class (empty where one is in use), and the bot's name."""
    from bot.posters import class_link
    from storage import classes
    from storage.errors import NotNow

    named = [await _known(db, label) for label in labels or ()]
    chosen = named or list(await db.run(classes.active))
    username = await _bot_name(settings)
    made = []
    for each in {found.id: found for found in chosen}.values():
        now = system_clock()
        try:
            code = await db.run(classes.new_code, each.id, now + CLASS_CODE_LASTS, now, renew=renew)
            made.append((each.label, class_link(username, code)))
        except NotNow:
            made.append((each.label, ""))
    return made, username


async def _known(db: Database, label: str) -> ClassView:
    from storage import classes

    found = await db.run(classes.by_label, label)
    if found is None:
        raise BotError(f"klas {label} is niet bekend")
    return found


def _speech(lang: str | None) -> Speech:
    """The texts of the school's pack, in ``lang`` or its main language."""
    from bot.screen import Speech
    from content.loader import load_pack

    pack = load_pack(load_settings().content)
    return Speech(pack, lang or pack.main_language)


def _folder(path: Path) -> None:
    """Make a folder before the links that go into it: they could not be shown again."""
    from bot.posters import check_writable

    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_writable(path / "brief.pdf", private=True)


def _name(member: StaffView) -> str:
    """Return a staff code as the name of a file; "A.B" and "A/B" get different ones."""
    plain = re.sub(r"[^\w-]", "_", member.code)
    return plain if plain == member.code else f"{plain}-{member.id[:6]}"


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
