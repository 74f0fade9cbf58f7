"""``school import``: shows, carries out whole, or names every bad line and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage import classes, people, staff
from tests.bot.cli.conftest import ROSTER, Cli
from tests.storage.rows import add_person, add_report

BAD = """\
klas;mentor;mentor_code
H3b;Marit Vos;
V2a;Jan de Boer;BOE
V2A;Els Mol;MOL
;Piet Puk;PUK
H4a;Els Mol;BOE
"""


def labels(run: Callable[..., Any]) -> list[str]:
    """Return the classes that are known."""
    return [each.label for each in run(classes.active)]


def test_preview_changes_nothing(at_school: Cli, run: Callable[..., Any]) -> None:
    """Without --apply the difference is shown, and nothing is done."""
    Path("k.csv").write_text(ROSTER, encoding="utf-8")
    done = at_school("school", "import", "k.csv")
    assert done.code == 0
    assert "nieuwe klas: H3b" in done.out
    assert "+ V2a: mentor BO2" in done.out
    assert done.out.endswith("voer uit met --apply.\n")
    assert labels(run) == []


def test_apply_and_again(at_school: Cli, run: Callable[..., Any]) -> None:
    """With --apply it is done; a second time there is nothing left to change."""
    Path("klassen.csv").write_text(ROSTER, encoding="utf-8")
    assert at_school("school", "import", "klassen.csv", "--apply").out.endswith("Uitgevoerd.\n")
    assert labels(run) == ["H3b", "V2a"]
    assert at_school("school", "import", "klassen.csv").out == "Niets te veranderen.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_encodings_and_separators(
    at_school: Cli, run: Callable[..., Any], encoding: str, sign: str
) -> None:
    """What spreadsheets write is read: UTF-8 with or without BOM, Windows-1252; ; , or tab."""
    text = ROSTER.replace("Marit Vos", "Zoë Müller").replace(";", sign).replace("\n", "\r\n")
    Path("k.csv").write_bytes(text.encode(encoding))
    assert at_school("school", "import", "k.csv", "--apply").code == 0
    assert run(staff.by_code, "VOS").name == "Zoë Müller"


def test_every_bad_line_is_named(school: Cli, run: Callable[..., Any]) -> None:
    """Exit code 1, each bad line by its number, in Dutch; what was known stays."""
    Path("bad.csv").write_text(BAD, encoding="utf-8")
    done = school("school", "import", "bad.csv", "--apply")
    assert (done.code, done.out) == (1, "")
    named = {line.split(":")[0] for line in done.err.splitlines()}
    assert named == {"regel 2", "regel 4", "regel 5", "regel 6"}
    assert "ontbreekt de code" in done.err
    assert labels(run) == ["H3b", "V2a"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "ontbreekt"),
        (b"klas;mentor;mentor_code\n", "geen enkele klas"),
        (b"a,b\n1,2\n", "onbekende kolom"),
        ("klas;mentor;mentor_code\n".encode("utf-16"), "geen UTF-8"),
        (b'klas;mentor;mentor_code\nH3b;"Marit;VOS\n', "aanhalingsteken"),
    ],
)
def test_no_roster_at_all(at_school: Cli, data: bytes, words: str) -> None:
    """A file that is something else says in what way."""
    Path("k.csv").write_bytes(data)
    done = at_school("school", "import", "k.csv")
    assert done.code == 1
    assert "regel 1" in done.err or "regel 2" in done.err
    assert words in done.err


def test_no_such_file(at_school: Cli) -> None:
    """A file that is not there, or a folder, is one line."""
    at_school.refused("school", "import", "nowhere.csv", words="nowhere.csv")
    at_school.refused("school", "import", ".", words="directory")


def _open_report(session: Any) -> None:
    label = classes.by_label(session, "V2a")
    assert label is not None
    add_report(session, "M-2026-0001", add_person(session, 5, "Noor"), label.id, state="sent")


def test_class_with_open_reports_stays(school: Cli, run: Callable[..., Any]) -> None:
    """Dropping a class with an open report stops the import, shown or carried out."""
    run(_open_report)
    kept = [line for line in ROSTER.splitlines(keepends=True) if not line.startswith("V2a")]
    Path("k.csv").write_text("".join(kept), encoding="utf-8")
    for more in ([], ["--apply"]):
        done = school("school", "import", "k.csv", *more)
        assert done.code == 1
        assert "klas V2a ontbreekt, maar heeft nog open meldingen" in done.err
    assert labels(run) == ["H3b", "V2a"]


def _of_last_year(session: Any) -> None:
    label = classes.by_label(session, "V2a")
    assert label is not None
    people.join_class(session, 5, label.id, "Noor Bakker", datetime(2020, 9, 1, tzinfo=UTC))


def test_new_year_must_be_chosen(school: Cli, run: Callable[..., Any]) -> None:
    """Pupils of an earlier year stop an import until it says which year it is for."""
    run(_of_last_year)
    Path("k.csv").write_text(ROSTER.replace("H3b", "H3c"), encoding="utf-8")
    done = school("school", "import", "k.csv", "--apply")
    assert done.code == 1
    assert "1 leerlingen zitten nog van een vorig schooljaar" in done.err
    assert labels(run) == ["H3b", "V2a"]
    shown = school("school", "import", "k.csv", "--new-year")
    assert (shown.code, "schooljaar" in shown.err) == (0, False)
    assert "nieuw schooljaar: 1 klassen beginnen opnieuw" in shown.out
    assert "1 leerlingen zijn daarna in geen klas" in shown.out
    assert school("school", "import", "k.csv", "--apply", "--same-year").code == 0
    assert run(people.find, 5).class_label == "V2a"
    done = school("school", "import", "k.csv", "--apply", "--new-year")
    assert done.out.endswith("Maak nu nieuwe QR-codes: vuistregel school invite class KLAS\n")
    assert run(people.find, 5).class_id is None
    assert labels(run) == ["H3c", "V2a"]


def _of_this_year(session: Any) -> None:
    label = classes.by_label(session, "V2a")
    assert label is not None
    people.join_class(session, 5, label.id, "Noor Bakker", datetime(2026, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(("day", "asked"), [("2027-04-30", False), ("2027-05-01", True)])
def test_other_classes_before_the_summer(
    school: Cli,
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    asked: bool,
) -> None:
    """From May on other classes or staff may be next year's: pupils of now stay until said."""
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    monkeypatch.setattr("bot.cli.roster.system_clock", lambda: now)
    run(_of_this_year)
    Path("k.csv").write_text(ROSTER.replace("Marit Vos;VOS", "Els Mol;MOL"), encoding="utf-8")
    done = school("school", "import", "k.csv", "--apply")
    assert (done.code == 1, "nieuwe schooljaar: --new-year" in done.err) == (asked, asked)
    assert (run(staff.by_code, "MOL") is None) is asked
    assert school("school", "import", "k.csv", "--apply", "--same-year").code == 0
    assert run(people.find, 5).class_label == "V2a"
    assert "schooljaar" not in school("school", "import", "k.csv").err  # nothing differs now


def test_broken_pack_stops_before_the_change(
    at_school: Cli, run: Callable[..., Any], tmp_path: Path
) -> None:
    """Where reports could not be passed on afterwards, nothing is changed beforehand."""
    Path("k.csv").write_text(ROSTER, encoding="utf-8")
    at_school.set(CONTENT=str(tmp_path / "nowhere"))
    at_school.refused("school", "import", "k.csv", "--apply", words="content pack")
    assert labels(run) == []


def test_warnings(at_school: Cli) -> None:
    """What leaves a report with nobody to go to is said beside the difference."""
    Path("k.csv").write_text("klas;mentor;mentor_code\nH3b;Marit Vos;VOS\n", encoding="utf-8")
    done = at_school("school", "import", "k.csv")
    assert done.code == 0
    assert "let op: geen vertrouwenspersoon" in done.err


def test_json_for_scripts(at_school: Cli, run: Callable[..., Any]) -> None:
    """The difference is one object without names; "applied" says whether it was carried out."""
    Path("k.csv").write_text(ROSTER, encoding="utf-8")
    (shown,) = at_school("school", "import", "k.csv", "--json").rows
    (done,) = at_school("school", "import", "k.csv", "--json", "--apply").rows
    assert (shown["applied"], done["applied"]) == (False, True)
    assert shown["new_classes"] == done["new_classes"] == ["H3b", "V2a"]
    assert {"label": "H3b", "role": "mentor", "code": "VOS", "rank": 0} in shown["added"]
    assert "Marit" not in str(shown)
    (again,) = at_school("school", "import", "k.csv", "--json", "--apply").rows
    assert again["applied"] is False
