"""Draw the pictures of the README with the bot's own code, on figures that are made up.

``python -m tests.prove.pictures`` writes them to ``docs/pictures``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from bot import charts, pictures
from bot.screen import Speech
from bot.views import classquiz, progress
from content import learning
from content.loader import load_pack
from content.pack import Pack
from storage.progress import ProgressView, RuleResult
from storage.quizresults import ClassResult, ItemResult

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
NOW: Final = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ITEMS: Final = ("2", "4", "6", "7c", "9")
SHARES: Final = (18, 12, 21, 9, 15)
BEFORE: Final = (15, 13, 17, 6, 16)
CLASS: Final = 24


def standing() -> progress.Standing:
    """Return what a pupil knows who practised for three weeks and skipped two rules."""
    known = {}
    for number, rule in enumerate(("1", "2", "3", "4", "5", "7", "9", "10")):
        last = NOW - timedelta(days=number * 2)
        state = learning.review(None, correct=True, now=last - timedelta(days=6))
        state = learning.review(state, correct=number % 3 != 2, now=last)
        due = datetime.fromisoformat(str(state["due"])).date()
        asked = 3 + number % 4
        known[rule] = ProgressView(rule, state, asked, asked - number % 3, None, due, last)
    return progress.Standing(known, date(2026, 11, 24), NOW, 3)


def outcome(pack: Pack) -> classquiz.Outcome:
    """Return the result of a class of 24 with one misconception, and of the quiz before."""
    items = tuple(
        ItemResult(pack.quiz_items(label)[0].id, CLASS, right, ((1, CLASS - right),))
        for label, right in zip(ITEMS, SHARES, strict=True)
    )
    return classquiz.Outcome(
        "H3b", None, ClassResult(CLASS, _rules(pack, SHARES), items), _before(pack, items)
    )


def _before(pack: Pack, items: tuple[ItemResult, ...]) -> ClassResult:
    shares = tuple(
        ItemResult(each.item, CLASS, right, ()) for each, right in zip(items, BEFORE, strict=True)
    )
    return ClassResult(CLASS, _rules(pack, BEFORE), shares)


def _rules(pack: Pack, shares: tuple[int, ...]) -> tuple[RuleResult, ...]:
    return tuple(
        RuleResult(pack.number(label), CLASS, CLASS, right)
        for label, right in zip(ITEMS, shares, strict=True)
    )


def drawn(pack: Pack) -> dict[str, bytes]:
    """Return every picture by its file name."""
    say, now = Speech(pack, "nl"), standing()
    foot = " ".join([say.label("progress.legend"), progress.weeks(say, now)])
    title, lines = say.label("progress.title"), progress.lines(say, now)
    chart = classquiz.chart(say, outcome(pack))
    return {
        "progress-light.png": pictures.bars(title, lines, foot=foot),
        "progress-dark.png": pictures.bars(title, lines, dark=True, foot=foot),
        "class-quiz.png": charts.png(chart),
        "class-quiz-dark.png": charts.png(chart, dark=True),
        "class-quiz.pdf": charts.pdf(chart),
    }


SHOWN: Final = ("progress-light.png", "progress-dark.png", "class-quiz.png")


def main() -> None:
    """Write the pictures that the README shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in drawn(load_pack()).items():
        if name in SHOWN:
            (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
