"""The figures are what the question files define."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.errors import ContentError
from content.evaluate import evaluate, read_rows, report
from content.match import Match
from content.models import Kind, Verdict


class Fixed:
    """Answers by what the question says: kind, labels, verdict, confident."""

    def ask(self, text: str) -> Match:
        """Read the answer off the question."""
        kind, labels, verdict, sure = text.split("|")
        kinds: dict[str, Kind] = {
            "ask": "ask",
            "report": "report",
            "crisis": "crisis",
            "oos": "oos",
        }
        verdicts: dict[str, Verdict] = {"no": "no", "yes": "yes", "info": "info"}
        rules = tuple((label, 0.5) for label in labels.split(",") if label)
        return Match(kinds[kind], "nl", rules, None, verdicts.get(verdict), sure == "sure")

    def number(self, label: str) -> str:
        """Numbers without letters."""
        return label.rstrip("abcde")


def row(q: str, kind: str, rules: str = "", also: str = "", verdict: str = "") -> dict[str, object]:
    """A labelled row; lists by commas."""
    lists = {"rules": rules, "also": also, "verdict": verdict}
    split = {key: [one for one in text.split(",") if one] for key, text in lists.items()}
    return {"q": q, "lang": "nl", "kind": kind, **split}


ROWS = [
    row("ask|7b,2,3|no|sure", "ask", "7c", "2", "no,info"),
    row("ask|2,7a,1|yes|sure", "ask", "1", "2", "no"),
    row("ask|3,5,8,1|no|sure", "ask", "1", "", "no"),
    row("report|2,1,3||unsure", "report", "2"),
    row("report|1,2,3||sure", "crisis", ""),
    row("crisis|1,2,3||sure", "crisis", "1"),
    row("ask|1,2,3|no|sure", "oos"),
    row("oos|||unsure", "oos"),
    row("crisis|1,2,3||sure", "report", "2", "1"),
]


def test_definitions() -> None:
    """Each figure over a handful of rows, counted by hand."""
    scores = evaluate(Fixed(), ROWS)
    assert scores.rows == 9
    assert scores.first_rule == pytest.approx(3 / 6)
    assert scores.first_three == pytest.approx(5 / 6)
    assert scores.letter == 0.0
    assert scores.confident == pytest.approx(5 / 6)
    assert scores.confident_wrong == pytest.approx(1 / 5)
    assert scores.kind == pytest.approx(6 / 9)
    assert scores.verdict == pytest.approx(2 / 3)
    assert scores.rule_and_verdict == pytest.approx(1 / 3)
    assert scores.answered_with_rule == pytest.approx(1 / 2)
    assert scores.crisis_found == pytest.approx(1 / 2)
    assert scores.false_alarms == pytest.approx(1 / 7)
    assert scores.report_found == 1.0


def test_report_by_group() -> None:
    """The same figures by kind, language and rule."""
    groups = report(Fixed(), ROWS)
    assert groups.by_kind["crisis"].crisis_found == pytest.approx(1 / 2)
    assert groups.by_rule["7"].first_rule == 1.0
    assert groups.by_lang["nl"] == groups.total
    assert groups.to_json()["kind"] == groups.total.kind


def test_nothing_to_count() -> None:
    """A figure without rows is None and not 0."""
    assert evaluate(Fixed(), []).kind is None


def test_reading_rows(tmp_path: Path) -> None:
    """A line that is no row is named by its number; empty lines do not count."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"q": "a", "kind": "oos", "rules": []}\n\n{"q": 1}\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"x\.jsonl:3"):
        read_rows(path)
    path.write_text('\ufeff{"q": "a", "kind": "oos", "rules": []}\n', encoding="utf-8")
    assert len(read_rows(path)) == 1
