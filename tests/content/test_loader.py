"""Reading a content pack: whole packs load, and every fault is named by file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.errors import PackError, Problem
from content.loader import load_pack, read_pack
from content.pack import Pack
from tests.content.sample import (
    ANGRY,
    FILES,
    PHOTO,
    write_pack,
)


def problems(folder: Path, changes: dict[str, str | None]) -> list[Problem]:
    """The problems of the sample pack with some files replaced."""
    with pytest.raises(PackError) as caught:
        load_pack(write_pack(folder, changes))
    return list(caught.value.problems)


def test_shipped_pack_loads(pack: Pack) -> None:
    """The ECL pack is valid and holds what the design asks for."""
    counts = pack.counts()
    assert counts["rules"] == 10
    assert counts["situations"] >= 150
    assert counts["examples"] >= 4000
    assert counts["languages"] == ["nl", "en"]


def test_shipped_pack_has_quiz_items_for_every_rule(pack: Pack) -> None:
    """At least eight quiz items a rule."""
    for rule in pack.rules:
        if rule.id != "0":
            assert len(pack.quiz_items(rule.id)) >= 8, rule.id


def test_foreign_pack_loads(tmp_path: Path) -> None:
    """A pack with two rules and free labels works; bot texts it lacks are the shipped ones."""
    pack = load_pack(write_pack(tmp_path))
    assert pack.labels == ("FOTO", "FOTO-a", "BOOS")
    assert pack.number("FOTO-a") == "FOTO"
    assert pack.text("hello", "en", name="Sam") == "Hello Sam"
    assert "verdict.no" in pack.texts


@pytest.mark.parametrize(
    ("name", "old", "new", "mark", "field", "words"),
    [
        ("rules/02-angry.yaml", "verdict: no", "verdict: nope", "nope", "verdict", "'no'"),
        ("rules/02-angry.yaml", "plain:", "plan:", "plan:", "plan", "not permitted"),
        ("rules/02-angry.yaml", "official: Scheld niet.\n", "", "id: BOOS", "official", "required"),
        ("rules/01-photo.yaml", "[BOOS]", "[BOZ]", "also", "also", "unknown rule"),
        ("rules/01-photo.yaml", "rule: FOTO-a", "rule: BOOS", "rule: BOOS", "rule", "no part"),
        ("rules/01-photo.yaml", "Docent filmen", "D" * 41, "DDD", "title.nl", "allows 40"),
        ("rules/01-photo.yaml", "Always", "a" * 101, "aaa", "options.1.en", "allows 100"),
        ("rules/01-photo.yaml", "en: Always", "en: ask first", "options", "options", "the same"),
        ("rules/01-photo.yaml", "Mag dat?", "m" * 297, "mmm", "question.nl", "allows 296"),
        ("crisis.yaml", "[emergency]", "[hulp]", "lines: [hulp]", "lines", "unknown help line"),
        ("check.yaml", "to: agreed", "to: naked", "questions", "questions", "circle"),
        ("check.yaml", "to: fine", "to: fien", "to: fien", "to", "neither"),
        ("check.yaml", "start: naked", "start: help", "start", "start", "not a question"),
        ("texts/bot.yaml", "Hello {name}", "Hello {nam}", "{nam}", "hello", "placeholders"),
        ("texts/bot.yaml", "Hello {name}", "Hello {name", "hello", "hello", "braces"),
        ("school.yaml", "2027-01-03", "2026-01-03", "- name:", "holidays.0", "before it starts"),
        ("school.yaml", "mon: {start: 08", "mon: {start: 18", "mon:", "mon", "before it starts"),
        ("school.yaml", "apps: [", "timezone: Mars/Base\napps: [", "Mars", "timezone", "Mars"),
        ("lexicon.yaml", "ff: even", "k: even", "spellings", "k", "twice"),
        ("lexicon.yaml", "follow_ups:", "  ? [a\nfollow_ups:", "? [a", "", "not valid YAML"),
    ],
)
def test_fault_is_named(
    tmp_path: Path, name: str, old: str, new: str, mark: str, field: str, words: str
) -> None:
    """A fault in a pack is reported with its file, line and field."""
    assert old in FILES[name]
    changed = FILES[name].replace(old, new, 1)
    line = 1 + next(n for n, text in enumerate(changed.splitlines()) if mark in text)
    found = problems(tmp_path, {name: changed})
    assert any(
        one.file == name and one.line == line and field in one.field and words in one.message
        for one in found
    ), (line, [str(one) for one in found])


def test_all_faults_at_once(tmp_path: Path) -> None:
    """Faults of several files come in one error, a line each, in the order of the files."""
    changes = {"lexicon.yaml": None, "crisis.yaml": "a: [", "school.yaml": "name: x\n"}
    found = problems(tmp_path, dict(changes))
    assert [one.file for one in found] == sorted(one.file for one in found)
    assert {"crisis.yaml", "lexicon.yaml", "school.yaml"} <= {one.file for one in found}
    assert str(found[0]).startswith("crisis.yaml:")


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("texts/")])
def test_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """A pack without one of its files names it; a rule that nobody mentions may be missing."""
    folder = write_pack(tmp_path, {name: None})
    pack, found = read_pack(folder)
    assert pack is None or found or name == "rules/02-angry.yaml"


def test_missing_folder(tmp_path: Path) -> None:
    """No folder, or a file in its place, is an error of the pack and not a traceback."""
    with pytest.raises(PackError, match="no such folder"):
        load_pack(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackError, match="no such folder"):
        load_pack(tmp_path / "file")


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe\x00", b"", b"&a [*a]", b"[" * 5000, b"a: \x07", b"- 1\n"]
)
def test_broken_file(tmp_path: Path, raw: bytes) -> None:
    """Bytes that are no text, empty files, endless aliases and the like are reported."""
    folder = write_pack(tmp_path)
    (folder / "lexicon.yaml").write_bytes(raw)
    with pytest.raises(PackError, match=r"lexicon\.yaml"):
        load_pack(folder)


def test_repeated_phrasing(tmp_path: Path) -> None:
    """The same words under two cases are a fault, whatever their capitals and commas."""
    changed = ANGRY.replace("is schelden erg", "'Mag ik de docent, filmen?'")
    found = problems(tmp_path, {"rules/02-angry.yaml": changed})
    assert "film-teacher" in found[0].message


def test_repeated_ids(tmp_path: Path) -> None:
    """An id that is used twice is a fault of the second one."""
    changed = ANGRY.replace("id: name-calling", "id: film-teacher")
    found = problems(tmp_path, {"rules/02-angry.yaml": changed})
    assert [(one.file, one.line) for one in found] == [("rules/02-angry.yaml", 6)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_pack_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is done to a file, loading gives a pack, or problems that each name a file."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    junk = data.draw(st.text(max_size=8))
    damaged = (text[:start] + junk + text[end:]).encode("utf-8", "surrogatepass")
    folder = write_pack(tmp_path / "pack")
    (folder / name).write_bytes(damaged)
    loaded, found = read_pack(folder)
    assert loaded is not None or found
    assert all(one.file and one.message for one in found)


def test_a_rule_fits_on_its_card(tmp_path: Path) -> None:
    """The official text and the plain one stand in one message: together they must fit."""
    long = "Vraag het eerst. " * 200
    for official, plain, fits in ((long, "Kort.", True), (long, long, False)):
        photo = PHOTO.replace("official: Vraag het eerst.", f"official: {official}")
        photo = photo.replace("nl: Vraag of het mag.", f"nl: {plain}")
        folder = write_pack(tmp_path / str(fits), {"rules/01-photo.yaml": photo})
        _, found = read_pack(folder)
        assert [problem.field for problem in found] == ([] if fits else ["official"])
