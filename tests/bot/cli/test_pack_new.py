"""``pack new``: a protocol becomes a pack that passes ``check`` and answers by its own words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from bot.cli import assistant
from bot.screen import Speech
from bot.views import answers
from content.loader import load_pack
from content.matcher import Matcher
from content.protocol import read_protocol, sentences
from tests.bot.cli.conftest import Cli

RULES: Final = """\
Afspraken van onze school
Deze afspraken gelden voor iedereen.

Regel 1: Telefoons
De telefoon blijft tot de laatste bel in de kluis.
Regel 2: Foto's en filmpjes
Vraag toestemming voor je een foto of filmpje van een ander deelt.
a. Dat geldt ook voor docenten.
b. Het geldt ook voor stiekeme opnamen tijdens een feest.
Regel 3: Groepsapps
In de groepsapp praten we netjes. Schelden en buitensluiten mag niet.
Regel 4: Het wifi van school
Downloaden van films over het netwerk is verboden.
"""
SCHOOL: Final = ("--name", 'Sint Jan\'s: "de #1"', "--city", "Gouda")


@pytest.fixture
def made(call: Cli, tmp_path: Path) -> Path:
    """A pack that was made from RULES, without a terminal."""
    Path("regels.txt").write_text(RULES, encoding="utf-8")
    done = call(
        "pack", "new", "ons", "--protocol", "regels.txt", *SCHOOL, "--mentor", "coach,tutor"
    )
    assert (done.code, done.err) == (0, "")
    assert "4 regels gevonden" in done.out
    return tmp_path / "ons"


def test_it_passes_the_check_and_answers(call: Cli, made: Path) -> None:
    """Each rule and part answers its own sentences and title, and never with a made-up verdict."""
    assert call("check", str(made)).code == 0
    pack = load_pack(made)
    matcher = Matcher(pack)
    for rule in read_protocol(RULES).rules:
        for part in (rule, *rule.parts):
            own = [part.title, *sentences(part.text)]
            found = [matcher.ask(text) for text in own]
            assert [match.rules[0][0] for match in found] == [part.label] * len(own)
            assert {match.verdict for match in found} == {"info"}
            assert all(match.confident for match in found)


def test_what_it_knows_at_once(made: Path) -> None:
    """Danger, accounts, greetings and what no rule answers yet are told apart at once."""
    pack = load_pack(made)
    matcher = Matcher(pack)
    assert matcher.ask("ik wil dood").kind == "crisis"
    assert matcher.ask("ze hebben een nepaccount van mij gemaakt").kind in {"report", "crisis"}
    assert matcher.ask("hoi").kind == "smalltalk"
    shown = matcher.ask("mag ik mijn docent volgen op insta")
    assert not (shown.kind == "ask" and shown.confident)
    told = matcher.ask("iemand heeft mij uitgescholden op snap")
    text = answers.answer(Speech(pack, "nl"), told).text
    assert "egel 0" not in text
    assert "coach" in text


def test_nothing_of_the_first_school(made: Path) -> None:
    """No file names the ECL or its number of rules; the school's own names stand there."""
    own = re.compile(r"\bECL\b|\btien (vuist)?regels|\bten (school )?rules|Haarlem", re.IGNORECASE)
    for file in made.rglob("*.yaml"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if not line.lstrip().startswith(("#", "-", "[")) and file.name != "lexicon.yaml":
                assert not own.search(line), (file.name, line)
    pack = load_pack(made)
    assert pack.school.name == 'Sint Jan\'s: "de #1"'
    assert pack.school.roles["mentor"].nl == "je coach"
    assert "je coach" in pack.text("report.intro", "nl", line="x")
    assert "your tutor" in pack.text("report.intro", "en", line="x")


def test_rules_without_a_file(call: Cli) -> None:
    """Rules given one by one make a pack too; in English, English is spoken first."""
    one = "No phones: Phones stay in the locker until the last bell rings."
    two = "Ask before you post a picture of someone else."
    done = call(
        "pack", "new", "ours", "--name", "Bay", "--language", "en", "--rule", one, "--rule", two
    )
    assert (done.code, done.err) == (0, "")
    pack = load_pack(Path("ours"))
    assert pack.main_language == "en"
    assert pack.rule("1").title.en == "No phones"
    assert Matcher(pack).ask("until when do phones stay in the locker").rules[0][0] == "1"


def test_asked_in_a_terminal(call: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal what is missing is asked for, and Enter takes what stands in brackets."""
    monkeypatch.setattr(assistant, "in_terminal", lambda: True)
    typed = ["De Baai", "", "Delft", "", "", "", "", "Telefoon: In de kluis.", ""]
    done = call("pack", "new", "baai", stdin="\n".join([*typed, ""]).encode())
    assert done.code == 0, done
    school = load_pack(Path("baai")).school
    assert (school.name, school.full_name, school.city) == ("De Baai", "De Baai", "Delft")


def test_refusals(call: Cli, made: Path) -> None:
    """A folder in use, no name, no rules, a file without rules: one line, and nothing is made."""
    call.refused("pack", "new", str(made), "--name", "X", "--rule", "a", words="not empty")
    call.refused("pack", "new", "other", "--rule", "a", words="--name")
    call.refused("pack", "new", "other", "--name", "X", words="--protocol")
    Path("empty.txt").write_text("Wees aardig", encoding="utf-8")
    call.refused(
        "pack", "new", "other", "--name", "X", "--protocol", "empty.txt", words="no rule found"
    )
    assert not Path("other").exists()
