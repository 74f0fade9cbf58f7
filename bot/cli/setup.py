"""``setup``: from nothing to a bot that can run, step by step; what stands already stays.

Each step finds out how it stands, asks only for what is missing or asked for, and says so. In a
terminal with questions; without one by options. The token is never shown.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from bot.cli import assistant, show
from bot.cli.assistant import Assistant
from bot.cli.botapi import Away, BotApi, Me, WrongToken
from bot.cli.setupschool import SchoolSetup, prepare
from bot.errors import SettingsProblem
from bot.settings import PREFIX, Settings, load_settings, need

if TYPE_CHECKING:
    from content.pack import Pack

FILE: Final = Path(".env")
STEPS: Final = ("token", "school", "admin", "classes")


def setup(
    token_file: Annotated[
        Path | None, typer.Option(help='File with the token, or "-" for stdin.')
    ] = None,
    content: Annotated[Path | None, typer.Option(help="Folder of the school's pack.")] = None,
    admin: Annotated[
        list[int] | None, typer.Option(help="Telegram id of an administrator; may be repeated.")
    ] = None,
    database: Annotated[str, typer.Option(help="sqlite:///PATH or postgresql://…")] = "",
    classes: Annotated[Path | None, typer.Option(help="CSV file with the classes.")] = None,
    link: Annotated[str, typer.Option(help="Code of who gets a personal link now.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Carry out what would be asked.")] = False,
    again: Annotated[
        list[str] | None,
        typer.Option(help="Ask for this although it stands: token, school, admin or classes."),
    ] = None,
    lang: Annotated[Literal["nl", "en"], typer.Option(help="Language of the questions.")] = "nl",
) -> None:
    """Set the bot up: token, school, key, administrator, database, classes, first link.

    Writes .env, readable by you alone; may be stopped and repeated at any time.
    """
    for step in again or ():
        if step not in STEPS:
            raise typer.BadParameter(f"not one of {', '.join(STEPS)}", param_hint="--again")
    ask = Assistant(lang, asking=assistant.in_terminal() and not yes)
    steps = _Setup(ask, frozenset(again or ()))
    show.line(ask.text("setup.hello"))
    steps.place(database)
    me = steps.token(token_file)
    pack = steps.school(content)
    steps.key()
    asyncio.run(prepare(steps.settings()))  # before a key is kept that would not fit
    steps.write()
    steps.administrator(tuple(admin or ()), me)
    steps.write()
    school = SchoolSetup(ask, load_settings(), me.username, yes=yes)
    again_classes = "classes" in (again or ())
    asyncio.run(school.run(classes, link, again=again_classes))
    _holidays(ask, pack)
    show.line(ask.text("setup.next"))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(epilog="Example: vuistregel setup --token-file token.txt --classes k.csv --yes")(
        setup
    )


class _Setup:
    """The steps. What is to be written to ``.env`` is collected until ``write``."""

    def __init__(self, ask: Assistant, again: frozenset[str]) -> None:
        self._ask, self._again = ask, again
        self._settings = load_settings()
        self._new: dict[str, str] = {}

    def place(self, url: str) -> None:
        """Take over a database address that was given."""
        if url:
            self._set("DATABASE_URL", url)

    def token(self, file: Path | None) -> Me:
        """Check the token that stands or is given. Raises SettingsProblem when none is right."""
        stands = self._settings.token
        if stands and file is None and "token" not in self._again:
            me = BotApi(stands.get_secret_value(), self._settings.api_url).me()
        else:
            me = self._new_token(file)
        self._ask.stands("setup.token", self._ask.text("setup.token.good", name=me.username))
        if not me.inline:
            self._ask.stands("setup.token", self._ask.text("setup.inline"), good=False)
        return me

    def school(self, folder: Path | None) -> Pack:
        """Choose and check the pack. Raises PackError when it cannot be used."""
        from content.loader import load_pack

        wanted = folder or self._settings.content
        begins = self._settings.secret_key is None and wanted is None
        if folder is None and self._ask.asking and (begins or "school" in self._again):
            name = load_pack().school.name
            if typed := self._ask.ask("setup.school.ask", name=name):
                wanted = Path(typed).expanduser()
        pack = load_pack(wanted)
        if wanted is not None and (place := wanted.resolve()) != self._settings.content:
            self._set("CONTENT", str(place))
        counted = pack.counts()["rules"]
        found = self._ask.text("setup.school.good", name=pack.school.full_name, count=counted)
        self._ask.stands("setup.school", found)
        return pack

    def key(self) -> None:
        """Make a key where none is; one that stands is never replaced."""
        from storage.crypto import new_key

        if self._settings.secret_key:
            self._ask.stands("setup.key", self._ask.text("kept"))
        else:
            self._set("SECRET_KEY", new_key())
            self._ask.stands("setup.key", self._ask.text("setup.key.made"))

    def administrator(self, given: tuple[int, ...], me: Me) -> None:
        """Note who is warned; in a terminal that person only has to press Start."""
        ids = given or self._settings.admin_ids
        if not given and self._ask.asking and (not ids or "admin" in self._again):
            found = self._asked_id(me)
            ids = (found,) if found else ids
        if ids and ids != self._settings.admin_ids:
            self._set("ADMIN_IDS", ",".join(map(str, ids)))
        shown = ", ".join(map(str, ids)) or self._ask.text("setup.admin.none")
        self._ask.stands("setup.admin", shown, good=bool(ids))

    def write(self) -> None:
        """Write what is new to ``.env``."""
        from bot.envfile import update

        if self._new:
            update(FILE, self._new)
            found = self._ask.text("setup.file.written", path=FILE)
            self._ask.stands("setup.file", found)
            self._new.clear()
            self._settings = load_settings()

    def settings(self) -> Settings:
        """The settings with what is new among them. Raises SettingsProblem."""
        return load_settings(**{name.lower(): value for name, value in self._new.items()})

    def _new_token(self, file: Path | None) -> Me:
        found: list[Me] = []

        def check(typed: str) -> str | None:
            try:
                found.append(self._checked(typed))
            except SettingsProblem:
                return self._ask.text("setup.token.form")
            except WrongToken:
                return self._ask.text("setup.token.wrong")
            except Away:
                return self._ask.text("setup.token.away")
            return None

        def typed() -> str:
            show.line(self._ask.text("setup.token.how"))
            return self._ask.secret("setup.token").strip()

        if file is not None:
            text = typer.get_text_stream("stdin").read() if str(file) == "-" else _read(file)
            if problem := check(text.strip()):
                raise SettingsProblem(problem)
            given = text.strip()
        elif self._ask.asking:
            given = self._ask.until_right(typed, check)
        else:
            raise SettingsProblem(f"{PREFIX}TOKEN is not set: give --token-file FILE")
        self._set("TOKEN", given)
        return found[-1]

    def _checked(self, token: str) -> Me:
        """Ask Telegram; SettingsProblem for what cannot be a token, before it goes anywhere."""
        number, _, rest = token.partition(":")
        if not number.isdigit() or not rest:
            raise SettingsProblem("no token")
        load_settings(token=token)
        return BotApi(token, self._settings.api_url).me()

    def _asked_id(self, me: Me) -> int | None:
        """Find out an id from who pressed Start last, or from what was typed."""
        typed = self._ask.ask("setup.admin.chat", name=me.username)
        if typed.isascii() and typed.isdigit():
            return int(typed)
        token = need(self._settings.token, "TOKEN")
        try:
            writer = BotApi(token, self._settings.api_url).last_writer()
        except Away:  # a webhook is set, or the bot runs: then the id has to be typed
            return None
        if writer and self._ask.agrees("setup.admin.you", default=True, name=writer.name):
            return writer.id
        return None

    def _set(self, name: str, value: str) -> None:
        """Note a setting. Raises SettingsProblem where the environment would win over the file."""
        if os.environ.get(f"{PREFIX}{name}"):
            raise SettingsProblem(f"{PREFIX}{name} stands in the environment: change it there")
        self._new[name] = value
        load_settings(**{name.lower(): value})  # a value that is wrong is said before it is kept


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsProblem(f"{file}: is no text") from None


def _holidays(ask: Assistant, pack: Pack) -> None:
    if not pack.school.holidays:
        ask.stands("setup.school", ask.text("setup.holidays"), good=False)
