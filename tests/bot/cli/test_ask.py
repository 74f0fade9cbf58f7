"""``ask``: one JSON line a question whatever the bytes, and a card for people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from content.pack import Pack
from tests.bot.cli.conftest import Cli
from tests.content.sample import write_pack

KEYS = ["kind", "verdict", "rules", "situation", "lang", "confident"]
KINDS = {"ask", "report", "crisis", "meta", "smalltalk", "oos"}
QUESTIONS = Path(__file__).parents[2] / "questions"


def all_questions() -> list[str]:
    """Return the questions that pupils typed, one line each."""
    lines = [f.read_text(encoding="utf-8").splitlines() for f in QUESTIONS.glob("*.jsonl")]
    return [json.loads(line)["q"].replace("\n", " ") for part in lines for line in part]


def check_row(row: dict[str, object], pack: Pack) -> None:
    """Check one object against the contract."""
    assert list(row) == KEYS
    assert row["kind"] in KINDS
    assert row["lang"] in {"nl", "en"}
    assert isinstance(row["confident"], bool)
    assert row["situation"] is None or isinstance(row["situation"], str)
    verdicts = {"no", "conditional", "yes", "info"} if row["kind"] == "ask" else {None}
    assert row["verdict"] in verdicts
    rules = row["rules"]
    assert isinstance(rules, list)
    if row["kind"] in {"meta", "smalltalk", "oos"}:
        assert rules == []
        assert not (row["kind"] == "oos" and row["confident"])
        return
    assert all(list(each) == ["rule", "score"] for each in rules)
    assert len({pack.number(each["rule"]) for each in rules[:3]}) == 3
    scores = [each["score"] for each in rules]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert not (row["kind"] == "crisis" and not row["confident"])


def test_contract_on_pupils_questions(call: Cli, pack: Pack) -> None:
    """Questions that pupils typed give an object with exactly the agreed keys and values."""
    questions = all_questions()[::3]
    done = call("ask", "-", stdin="\n".join(questions).encode())
    assert len(done.rows) == len(questions)
    for row in done.rows:
        check_row(row, pack)
    assert {row["kind"] for row in done.rows} == KINDS
    assert any(row["kind"] == "ask" and not row["confident"] for row in done.rows)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"\n\n\n", 3),
        (b"hoi", 1),
        (b"hoi\n", 1),
        (b"hoi\r\n\r\nmag dit\r\n", 3),
        ("mag ik één café-foto 📸\u2028of\x85twee\x0cposten".encode(), 1),
        (b"\xff\xfe\x00mag ik\xc3(\n\xed\xa0\x80\n", 2),
        (b"\r\rhoi\n", 1),
    ],
)
def test_one_line_out_per_line_in(call: Cli, pack: Pack, given: bytes, lines: int) -> None:
    """Empty lines, CRLF, a last line without end, and broken bytes each keep their place."""
    done = call("ask", "-", stdin=given)
    assert (done.code, len(done.out.splitlines()), done.out.count("\n")) == (0, lines, lines)
    for row in done.rows:
        check_row(row, pack)


def test_a_megabyte_is_a_question(call: Cli, pack: Pack) -> None:
    """A line of a megabyte gets its answer, and so does the line after it."""
    for flood in ("mag ik dit posten " * 56_000, "a" * 1_000_000):
        done = call("ask", "-", stdin=f"{flood}\nhoi\n".encode())
        assert (done.code, len(done.rows)) == (0, 2)
        check_row(done.rows[0], pack)
        assert done.rows[1]["kind"] == "smalltalk"


def test_same_answer_as_argument(call: Cli) -> None:
    """A question as argument and on stdin is the same question."""
    text = "mag ik een foto van mijn docent op mijn story zetten"
    assert call("ask", "--json", text).out == call("ask", "-", stdin=text.encode()).out


def test_explain_beside_json(call: Cli) -> None:
    """An explanation with JSON goes to stderr, so that stdout keeps one line a question."""
    done = call("ask", "-", "--explain", stdin=b"mag ik mijn docent volgen\nhoi\n")
    assert len(done.rows) == 2
    assert "rules:" in done.err


def test_card_with_reasons(call: Cli) -> None:
    """For people: the card with its buttons, without mark-up; then the words that decided."""
    done = call("ask", "--explain", "mag ik mijn docent volgen op insta?")
    assert done.code == 0
    assert "Regel 9" in done.out
    assert "[" in done.out
    assert "<b>" not in done.out
    assert "kinds: ask" in done.out
    assert "near:" in done.out


def test_another_pack(call: Cli, tmp_path: Path) -> None:
    """A pack with fewer than three rules gives what it has; the setting CONTENT counts too."""
    folder = write_pack(tmp_path / "elders")
    row = call("ask", "--json", "--pack", str(folder), "mag ik een foto van mijn vriend posten")
    assert row.rows[0]["rules"][0]["rule"].startswith("FOTO")
    call.set(CONTENT=str(folder))
    again = call("ask", "--json", "mag ik een foto van mijn vriend posten")
    assert again.out == row.out


def test_pack_that_is_wrong(call: Cli, tmp_path: Path) -> None:
    """A pack that cannot be used is one line and exit code 2, not a traceback."""
    folder = write_pack(tmp_path / "elders", {"school.yaml": "name: [", "check.yaml": None})
    line = call.refused("ask", "hoi", "--pack", str(folder), words="check.yaml")
    assert "1 more" in line


def test_real_process_in_a_plain_locale(tmp_path: Path) -> None:
    """As a process under LC_ALL=C without UTF-8 mode: UTF-8 in, UTF-8 out, nothing on stderr."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    env = {**os.environ, **plain, "PYTHONPATH": str(Path(__file__).parents[3])}
    questions = "mag ik één foto posten? 📸\n\nzoë"
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "-"],
        input=questions.encode(),
        capture_output=True,
        cwd=tmp_path,
        env=env,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 3
