"""Score a matcher on labelled questions, by the definitions that go with the question files.

A row is a dict with ``q``, ``lang`` (nl, en, mix), ``kind``, ``rules`` (any of them is right as
first answer), ``also`` (fine as second or third) and ``verdict`` (acceptable ones, ``ask`` only).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from content.errors import ContentError
from content.match import RULED, Match

Row = Mapping[str, Any]


class Answers(Protocol):
    """All that ``evaluate`` needs of a matcher."""

    def ask(self, text: str) -> Match:
        """Understand one question."""

    def number(self, label: str) -> str:
        """The rule number of a label: 7 for 7c."""


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1; None where no row counts towards a figure. ``rows``: how many in all."""

    rows: int
    first_rule: float | None
    first_three: float | None
    letter: float | None
    confident: float | None
    confident_wrong: float | None
    kind: float | None
    verdict: float | None
    rule_and_verdict: float | None
    answered_with_rule: float | None
    crisis_found: float | None
    false_alarms: float | None
    report_found: float | None


@dataclass(frozen=True)
class Report:
    """Scores over all rows, and by kind, language and the number of a row's first rule."""

    total: Scores
    by_kind: Mapping[str, Scores]
    by_lang: Mapping[str, Scores]
    by_rule: Mapping[str, Scores]

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``evaluate --json``: the total's figures, and ``by_…`` tables."""
        return {**asdict(self.total), **{k: v for k, v in asdict(self).items() if k != "total"}}


@dataclass(frozen=True)
class Marked:
    """A row with the matcher's answer, and what of it is right."""

    row: Row
    match: Match
    numbers: Sequence[str]
    """Different rule numbers of the answer, best first."""
    right: frozenset[str]
    fine: frozenset[str]

    @property
    def kind(self) -> str:
        """The kind by the label."""
        return str(self.row["kind"])

    @property
    def ruled(self) -> bool:
        """Whether the row has rules to find."""
        return bool(self.row["rules"])

    @property
    def first_right(self) -> bool:
        """Whether the first rule named is one of the right ones."""
        return bool(self.numbers) and self.numbers[0] in self.right

    @property
    def verdict_right(self) -> bool:
        """Whether the verdict is an acceptable one."""
        return self.match.verdict in self.row.get("verdict", ())

    @property
    def has_letter(self) -> bool:
        """Whether a right label is a lettered part of a rule."""
        return bool(set(self.row["rules"]) - self.right)

    @property
    def wrong(self) -> bool:
        """Whether the first rule is neither right nor fine."""
        return not self.numbers or self.numbers[0] not in self.right | self.fine


def evaluate(matcher: Answers, rows: Iterable[Row]) -> Scores:
    """The figures over all rows."""
    return _scores(mark(matcher, rows))


def report(matcher: Answers, rows: Iterable[Row]) -> Report:
    """The figures over all rows and by kind, language and rule."""
    marked = mark(matcher, rows)
    return Report(
        total=_scores(marked),
        by_kind=_by(marked, lambda one: one.kind),
        by_lang=_by(marked, lambda one: str(one.row["lang"])),
        by_rule=_by(
            [one for one in marked if one.ruled], lambda one: matcher.number(one.row["rules"][0])
        ),
    )


def mark(matcher: Answers, rows: Iterable[Row]) -> list[Marked]:
    """Ask every row's question and set the answer beside its labels."""
    return [_marked(matcher, row) for row in rows]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON Lines file; empty lines are skipped.

    Raises ContentError, naming the line, for a line that is not a row.
    """
    return list(_rows(path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: cannot be read as UTF-8 text") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            complete = {"lang": "nl", "also": [], "verdict": [], **row}
            if not (isinstance(row["q"], str) and isinstance(row["rules"], list)):
                raise TypeError
            yield {**complete, "kind": str(row["kind"])}
        except (ValueError, TypeError, KeyError) as error:
            raise ContentError(f"{path.name}:{number}: not a row with q, kind, rules") from error


def _marked(matcher: Answers, row: Row) -> Marked:
    match = matcher.ask(row["q"])
    numbers = tuple(dict.fromkeys(matcher.number(label) for label, _ in match.rules))
    right = frozenset(matcher.number(label) for label in row["rules"])
    fine = frozenset(matcher.number(label) for label in row.get("also", ()))
    return Marked(row, match, numbers, right, fine)


def _by(marked: Iterable[Marked], key: Callable[[Marked], str]) -> dict[str, Scores]:
    groups: dict[str, list[Marked]] = {}
    for one in marked:
        groups.setdefault(key(one), []).append(one)
    return {name: _scores(group) for name, group in groups.items()}


def _share(hits: Iterable[bool]) -> float | None:
    found = list(hits)
    return sum(found) / len(found) if found else None


def _scores(marked: Sequence[Marked]) -> Scores:
    ruled = [one for one in marked if one.ruled]
    asked = [one for one in marked if one.kind == "ask"]
    crisis = [one for one in marked if one.kind == "crisis"]
    sure = [one for one in ruled if one.match.confident]
    return Scores(
        rows=len(marked),
        first_rule=_share(one.first_right for one in ruled),
        first_three=_share(bool(one.right & set(one.numbers[:3])) for one in ruled),
        letter=_share(one.match.rule in one.row["rules"] for one in ruled if one.has_letter),
        confident=_share(one.match.confident for one in ruled),
        confident_wrong=_share(one.wrong for one in sure),
        kind=_share(one.match.kind == one.kind for one in marked),
        verdict=_share(one.verdict_right for one in asked),
        rule_and_verdict=_share(one.verdict_right and one.first_right for one in asked),
        answered_with_rule=_share(
            one.match.confident and one.match.kind in RULED
            for one in marked
            if one.kind not in RULED
        ),
        crisis_found=_share(one.match.kind == "crisis" for one in crisis),
        false_alarms=_share(one.match.kind == "crisis" for one in marked if one.kind != "crisis"),
        report_found=_share(
            one.match.kind in ("report", "crisis")
            for one in marked
            if one.kind in ("report", "crisis")
        ),
    )
