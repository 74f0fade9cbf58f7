"""``check`` and ``evaluate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.conftest import Cli
from tests.content.sample import write_pack

COUNTS = ["rules", "situations", "examples", "quiz_items", "languages"]
ROW = {"q": "mag ik mijn docent volgen", "lang": "nl", "kind": "ask", "rules": ["9"]}


def test_shipped_pack_is_right(call: Cli) -> None:
    """Without a folder the shipped pack is checked, and has what was promised."""
    done = call("check", "--json")
    (counts,) = done.rows
    assert (done.code, list(counts)) == (0, COUNTS)
    assert counts["situations"] >= 80
    assert counts["quiz_items"] >= 40
    assert "situations: " in call("check").out


def test_problems_by_file_and_line(call: Cli, tmp_path: Path) -> None:
    """A wrong pack: exit code 1, and each problem on a line that begins with file and line."""
    folder = write_pack(tmp_path / "elders")
    rule = next(folder.glob("rules/*.yaml"))
    wrong = rule.read_text(encoding="utf-8").replace("verdict: conditional", "verdict: maybe")
    rule.write_text(wrong, encoding="utf-8")
    number = wrong.splitlines().index("    verdict: maybe") + 1
    done = call("check", str(folder), "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"rules/{rule.name}:{number}: situations.0.verdict: ")


@pytest.mark.parametrize("name", ["nowhere", "README.md"])
def test_no_such_folder(call: Cli, name: str) -> None:
    """A folder that is not there is said, with exit code 1."""
    Path("README.md").write_text("x", encoding="utf-8")
    done = call("check", name)
    assert done.code == 1
    assert name in done.err


def test_sample_pack_counts(call: Cli, tmp_path: Path) -> None:
    """Another school's pack is checked in the same way."""
    done = call("check", "--json", str(write_pack(tmp_path / "elders")))
    assert (done.code, done.rows[0]["rules"]) == (0, 2)


def test_evaluate_gives_all_figures(call: Cli) -> None:
    """Figures as JSON are one object; for people they are a table without colours."""
    Path("some.jsonl").write_text(json.dumps(ROW) + "\n\n", encoding="utf-8")
    (row,) = call("evaluate", "some.jsonl", "--json").rows
    assert (row["rows"], row["first_rule"], row["kind"]) == (1, 1.0, 1.0)
    assert {"by_kind", "by_lang", "by_rule", "crisis_found", "verdict"} <= row.keys()
    shown = call("evaluate", "some.jsonl").out
    assert "first rule" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("data", [b"{}", b"no json", b"\xff\xfe", b'{"q": 1}', b"[]"])
def test_evaluate_names_the_bad_line(call: Cli, data: bytes) -> None:
    """A file that is no labelled file is one line with its name, and the number of the line."""
    Path("bad.jsonl").write_bytes(json.dumps(ROW).encode() + b"\n" + data)
    call.refused("evaluate", "bad.jsonl", words="bad.jsonl:" if data != b"\xff\xfe" else "UTF-8")


def test_evaluate_without_file(call: Cli) -> None:
    """A file that is not there is one line."""
    call.refused("evaluate", "nowhere.jsonl", words="nowhere.jsonl")
