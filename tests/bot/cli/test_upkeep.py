"""``keys``, ``db``, ``purge``, ``questions`` and ``reports``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import classes, kept
from storage.crypto import new_key
from tests.bot.cli.conftest import ROSTER, Cli
from tests.storage.postgres import running
from tests.storage.rows import add_person, add_report

Run = Callable[..., Any]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def _reports(session: Session) -> None:
    """Add a report of H3b that nobody has, and one about its mentor."""
    person = add_person(session, 5, "Noor de Vries")
    found = classes.by_label(session, "H3b")
    assert found is not None
    add_report(session, "M-2026-0001", person, found.id, state="sent", rule="2")
    add_report(session, "M-2026-0002", person, found.id, state="sent", rule="1", route="staff")


def _questions(session: Session) -> None:
    for minutes, text in enumerate(("mag ik vapen", "Mag ik vapen?", "hoe laat is het")):
        kept.keep(session, text, "nl", None, NOW + timedelta(minutes=minutes))


def test_new_key(call: Cli) -> None:
    """A new key is 32 random bytes, without any setting, and another one each time."""
    first, second = call("keys", "new").out.strip(), call("keys", "new").out.strip()
    assert len(base64.urlsafe_b64decode(first)) == 32
    assert first != second


def test_rotation(school: Cli, key: str, run: Run) -> None:
    """After a rotation the new key alone opens everything; a second one has nothing to do."""
    new = new_key()
    school.set(SECRET_KEY=f"{new},{key}")
    done = school("keys", "rotate")
    assert (done.code, done.out.splitlines()[0]) == (0, "sealed anew: 6")
    assert school("keys", "rotate").out.startswith("sealed anew: 0\n")
    school.set(SECRET_KEY=new)
    assert school("reports", "list").code == 0
    school.set(SECRET_KEY=key)
    school.refused("reports", "list", words="sealed with a key that is not set")


def test_upgrade_makes_the_tables(call: Cli, tmp_path: Path) -> None:
    """A new database gets its tables, without a key, for its owner's eyes; again is harmless."""
    call.set(DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    for _ in range(2):
        assert call("db", "upgrade").out == "The database is up to date.\n"
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
    call.set(SECRET_KEY=new_key(), DATABASE_URL=f"sqlite:///{tmp_path / 'other.db'}")
    assert call("reports", "list").code == 0
    assert (tmp_path / "other.db").stat().st_mode & 0o077 == 0


def test_purge_counts(school: Cli) -> None:
    """A purge says what it removed, kind by kind."""
    done = school("purge")
    assert done.code == 0
    assert {"reports: 0", "people: 0"} <= set(done.out.splitlines())


def test_json_for_scripts(school: Cli, run: Run) -> None:
    """What scripts read comes as one object a line: no words of reports, no names."""
    run(_reports)
    run(_questions)
    listed = school("reports", "list", "--json")
    assert [row["number"] for row in listed.rows] == ["M-2026-0001", "M-2026-0002"]
    assert listed.rows[0]["created_at"].startswith("2026-03-10T09:00:00")
    assert "Noor" not in listed.out + listed.err
    assert school("reports", "stats", "2025", "--json").rows[0]["total"] is None
    counts = [row["count"] for row in school("questions", "missed", "--json").rows]
    assert counts == [2, 1]
    assert school("purge", "--json").rows[0]["reports"] == 0


def test_questions_missed(school: Cli, run: Run) -> None:
    """Kept questions come grouped, the most frequent first."""
    run(_questions)
    assert school("questions", "missed").out.splitlines() == [
        "2\t-\tnl\tMag ik vapen?",
        "1\t-\tnl\thoe laat is het",
    ]


def test_reports_without_words(school: Cli, run: Run) -> None:
    """The list shows numbers and states, not a word and no name; what nobody has stands out."""
    run(_reports)
    done = school("reports", "list", "--open")
    assert done.out.splitlines()[0].startswith("M-2026-0001 2026-03-10 sent")
    assert "NOBODY HAS IT" in done.out
    assert "woorden" not in done.out
    assert "Noor" not in done.out
    assert school("reports", "stats", "2025").out.splitlines()[0] == "total: hidden"


def test_export_with_a_reason(school: Cli, run: Run) -> None:
    """An export is one JSON object; an unknown number and a report about staff look alike."""
    run(_reports)
    done = school("reports", "export", "m-2026-0001", "--reason", "bezwaar van ouders")
    shown = json.loads(done.out)
    assert (shown["number"], shown["what"]) == ("M-2026-0001", "woorden van M-2026-0001")
    assert "exported" in [each["what"] for each in shown["events"]]
    for number in ("M-2026-0002", "M-2026-0099"):
        done = school("reports", "export", number, "--reason", "x")
        assert (done.code, done.out) == (1, "")
        assert done.err == "vuistregel: no report with this number can be exported\n"


@pytest.mark.slow  # a server of its own
def test_postgresql_is_upgraded_by_command(call: Cli, key: str) -> None:
    """On PostgreSQL nothing runs until the tables were made by command; then all commands do."""
    Path("k.csv").write_text(ROSTER, encoding="utf-8")
    with running() as server:
        call.set(SECRET_KEY=key, DATABASE_URL=server.url(server.create("template1")))
        call.refused("school", "import", "k.csv", words="run `vuistregel db upgrade`")
        assert call("db", "upgrade").code == 0
        assert call("school", "import", "k.csv", "--apply").out.endswith("Uitgevoerd.\n")
        assert call("purge").code == 0
        assert call("reports", "list").out == ""
        assert "ok    database" in call("doctor").out


def test_copy_to_another_database(school: Cli, tmp_path: Path) -> None:
    """``db copy`` moves a school, counts it, and refuses a target that holds rows."""
    target = f"sqlite:///{tmp_path / 'other.db'}"
    done = school("db", "copy", target)
    assert done.code == 0, done
    assert "classes: 2" in done.out
    school.refused("db", "copy", target, words="the target is not empty")
