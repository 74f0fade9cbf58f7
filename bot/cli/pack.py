"""``pack new``: a pack for another school, from answers and its protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli import assistant, show
from bot.cli.assistant import Assistant
from bot.cli.problems import FOUND
from bot.errors import BotError

if TYPE_CHECKING:
    from content.newpack import Answers
    from content.protocol import Protocol

app = typer.Typer(help="Content packs: what the bot knows.", no_args_is_help=True)
Lang = Literal["nl", "en"]


@app.callback()
def pack() -> None:
    """Content packs: what the bot knows."""


@app.command(
    "new", epilog="Example: vuistregel pack new our-school --protocol rules.txt --name OLV"
)
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; new or empty.")],
    protocol: Annotated[
        Path | None, typer.Option(help="Text file with the school's numbered rules.")
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help='A rule as "Title: text"; instead of a protocol.')
    ] = None,
    name: Annotated[str, typer.Option(help="Short name of the school.")] = "",
    full_name: Annotated[str, typer.Option(help="Its full name.")] = "",
    city: Annotated[str, typer.Option(help="Its city.")] = "",
    website: Annotated[str, typer.Option(help="Its website.")] = "",
    language: Annotated[Lang, typer.Option(help="Language of the rules; spoken first.")] = "nl",
    mentor: Annotated[
        str, typer.Option(help='What a mentor is called, in Dutch and English: "coach,tutor".')
    ] = "",
    lang: Annotated[Lang, typer.Option(help="Language of the questions asked here.")] = "nl",
) -> None:
    """Make a pack for another school; asks for what was not given as an option.

    Every rule answers by its own words at once. What is still to be done says TO DO.
    """
    from content.newpack import Answers, NewPack

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BotError(f"{folder}: stands there already, and is not empty")
    ask = Assistant(lang, asking=assistant.in_terminal() and not (name and (protocol or rule)))
    nl, _, en = mentor.partition(",")
    given = Answers(name, full_name, city, website, language, "", nl.strip(), en.strip())
    answers = _answers(ask, given)
    rules = _rules(ask, protocol, rule or [])
    from content.loader import load_pack

    files = NewPack(answers, rules, load_pack()).files()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    show.line(ask.text("pack.found", count=len(rules.rules)))
    for each in rules.rules:
        show.line(f"  {each.label}  {each.title}")
    show.line(ask.text("pack.written", count=len(files), folder=folder))
    _check(folder)
    show.line(ask.text("pack.todo", folder=folder))


def _answers(ask: Assistant, given: Answers) -> Answers:
    """Ask for what was not given. Raises BotError when the name is missing."""
    if ask.asking:
        show.line(ask.text("pack.hello"))
    name = given.name or ask.ask("pack.name")
    if not name:
        raise BotError("the school's name is missing: --name")
    full_name = given.full_name or ask.ask("pack.full_name", name)
    return replace(
        given,
        name=name,
        full_name=full_name,
        city=given.city or ask.ask("pack.city", "-"),
        website=given.website or ask.ask("pack.website", "-"),
        mentor_nl=given.mentor_nl or ask.ask("pack.mentor_nl", "mentor"),
        mentor_en=given.mentor_en or ask.ask("pack.mentor_en", given.mentor_nl or "mentor"),
    )


def _rules(ask: Assistant, file: Path | None, typed: list[str]) -> Protocol:
    """Read or ask for the rules. Raises BotError when there are none."""
    from content.newpack import from_sentences
    from content.protocol import decode, read_protocol

    if file is None and not typed and (answered := ask.ask("pack.protocol_file")):
        file = Path(answered).expanduser()
    if file is not None:
        return read_protocol(decode(file.read_bytes()))
    while ask.asking and (said := ask.ask("pack.rule", number=len(typed) + 1)):
        typed.append(said)
    if not typed:
        raise BotError('no rules: give --protocol FILE, or --rule "Title: text" for each')
    return from_sentences(typed)


def _check(folder: Path) -> None:
    from content.errors import PackError
    from content.loader import load_pack

    try:
        counts = load_pack(folder).counts()
    except PackError as error:
        show.line(str(error), err=True)
        raise typer.Exit(FOUND) from None
    show.line(", ".join(f"{name}: {value}" for name, value in counts.items()))
