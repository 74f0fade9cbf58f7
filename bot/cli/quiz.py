"""``quiz preview`` and ``quiz stats``: for teachers who write questions."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from bot.cli import show
from bot.cli.answers import PackFolder
from bot.cli.opened import with_database
from bot.settings import Settings

if TYPE_CHECKING:
    from content.models import QuizItem
    from content.pack import Pack
    from storage.database import Database
    from storage.quizresults import ItemResult, WeekResult

app = typer.Typer(help="Quiz questions, for who writes them.", no_args_is_help=True)

EASY: Final = 0.95
HARD: Final = 0.4
UNUSED_FROM: Final = 20
"""From so many answers on, an option that nobody chose is no distractor."""


@app.callback()
def quiz() -> None:
    """Quiz questions, for who writes them."""


@app.command("preview", epilog="Example: vuistregel quiz preview 7c --lang en")
def preview(
    which: Annotated[
        str | None, typer.Argument(help="An item or a rule; else all.", metavar="[ITEM|RULE]")
    ] = None,
    lang: Annotated[Literal["nl", "en"], typer.Option(help="Language.")] = "nl",
    pack: PackFolder = None,
) -> None:
    """Show questions as a pupil sees them, the right option marked."""
    from content.loader import load_pack

    loaded = load_pack(pack)
    for item in _chosen(loaded, which):
        show.line(_shown(loaded, item, lang))


def _chosen(pack: Pack, which: str | None) -> tuple[QuizItem, ...]:
    """Return the items meant; raises UnknownIdError for what the pack does not have."""
    if which is None:
        return pack.quiz
    label = pack.label(which)
    return pack.quiz_items(label) if label else (pack.quiz_item(which),)


def _shown(pack: Pack, item: QuizItem, lang: str) -> str:
    from bot.screen import Speech
    from bot.views.quiz import poll

    asked = poll(Speech(pack, lang), item, 0, 5, random.Random(item.id))
    marks = ("(x)" if place == asked.right else "( )" for place in range(len(asked.options)))
    options = [f"  {mark} {option}" for mark, option in zip(marks, asked.options, strict=True)]
    head = f"{item.id}  rule {item.rule}, {item.level}"
    return "\n".join([head, asked.question, *options, f"  {asked.explanation}", ""])


@app.command("stats", epilog="Example: vuistregel quiz stats")
def stats(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say which questions are too easy or too hard, from five people's answers on; no names.

    After the items: how often first answers were right, per rule and week.
    """
    items, weeks = with_database(_stats)
    for each in items:
        show.line(json.dumps(_row(each)) if as_json else _line(each))
    if not as_json and not items:
        show.line("No question has five people's answers yet.")
    for week in weeks:
        row = {"rule": week.rule, "week": f"{week.monday:%G-W%V}", "first_answers": week.asked}
        share = round(week.right / week.asked, 3)
        if as_json:
            show.line(json.dumps(row | {"share": share}))
        else:
            show.line(f"rule {week.rule}\t{row['week']}\t{week.asked} first answers\t{share:.0%}")


async def _stats(
    db: Database, settings: Settings
) -> tuple[tuple[ItemResult, ...], tuple[WeekResult, ...]]:
    from bot.learning import PackLearning
    from content.loader import load_pack
    from content.schoolclock import SchoolClock
    from storage import quizresults

    pack = load_pack(settings.content)
    rule_of = PackLearning(pack, SchoolClock(pack.school)).rule_of
    return (
        await db.run(quizresults.per_item),
        await db.run(quizresults.first_answers, rule_of),
    )


def _row(each: ItemResult) -> dict[str, object]:
    """Return one item's figures; ``options``: share by option of the pack, from 1 on."""
    options = {str(option + 1): round(number / each.asked, 3) for option, number in each.wrong}
    return {
        "item": each.item,
        "answers": each.asked,
        "facility": round(each.share, 3),
        "distractors": options,
        "remark": _remark(each),
    }


def _line(each: ItemResult) -> str:
    wrong = ", ".join(f"option {option + 1}: {n / each.asked:.0%}" for option, n in each.wrong)
    return f"{each.item}\t{each.asked} answers\t{each.share:.0%} right\t{wrong}\t{_remark(each)}"


def _remark(each: ItemResult) -> str:
    if each.share >= EASY:
        return "too easy"
    if each.share <= HARD:
        return "too hard, or not clear"
    return "one wrong option does all" if _one_does_all(each) else ""


def _one_does_all(each: ItemResult) -> bool:
    return each.asked >= UNUSED_FROM and len(each.wrong) == 1
