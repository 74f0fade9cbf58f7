"""``school invite``, ``confirm`` and ``revoke``: links, QR codes and the access of staff."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, PdfParser
from sqlalchemy.orm import Session

from bot.demo.state import State
from bot.posters import save
from storage import access, classes, roster, roster_file, staff
from tests.bot.cli.conftest import ROSTER, Cli

Run = Callable[..., Any]
START = "https://t.me/{}?start={}-"


def opened(run: Run, link: str, account: int) -> None:
    """Open a personal link with an account."""
    assert run(access.open_invite, link.split("?start=s-")[1], account, datetime.now(UTC))


def test_links_for_all(school: Cli, telegram: State) -> None:
    """A line of JSON for each member of staff, with exactly the agreed keys."""
    rows = school("school", "invite", "staff", "--json").rows
    assert [list(row) for row in rows] == [["name", "role", "class", "link"]] * 6
    row = next(row for row in rows if row["name"] == "Marit Vos")
    assert (row["role"], row["class"]) == ("mentor", "H3b")
    assert row["link"].startswith(START.format(telegram.username, "s"))
    deputy = next(row for row in rows if row["name"] == "Aylin Demir")
    assert (deputy["role"], deputy["class"]) == ("deputy", "H3b, V2a")
    assert len({row["link"] for row in rows}) == 6
    assert "\t" in school("school", "invite", "staff", "VOS").out


def test_who_waits_keeps_the_place(school: Cli, telegram: State, run: Run) -> None:
    """Who waits, has access or was shut out gets no new link, unless named."""
    rows = school("school", "invite", "staff", "--json").rows
    links = {row["name"]: row["link"] for row in rows}
    opened(run, links["Marit Vos"], 71)
    opened(run, links["Karel Smit"], 72)
    opened(run, links["Ineke Bos"], 73)
    assert school("school", "confirm", "smi").out == "bevestigd: Karel Smit (SMI)\n"
    assert school("school", "confirm", "Ineke Bos").code == 0
    assert school("school", "revoke", "BOS").out == "toegang beëindigd: Ineke Bos (BOS)\n"
    again = [row["name"] for row in school("school", "invite", "staff", "--json").rows]
    assert again == ["Jan de Boer", "Jan de Boer", "Aylin Demir"]
    assert run(staff.by_code, "VOS").waiting
    named = school("school", "invite", "staff", "Marit Vos", "BOS", "VOS", "--json").rows
    assert [row["name"] for row in named] == ["Marit Vos", "Ineke Bos"]
    assert not run(staff.by_code, "BOS").active


def test_two_with_one_name(school: Cli, telegram: State) -> None:
    """Two people with one name are told apart by their codes, which the message names."""
    for command in (["invite", "staff"], ["confirm"], ["revoke"]):
        line = school.refused("school", *command, "Jan de Boer", words="afkorting: BO2, BOE")
        assert "meer mensen" in line
    assert school("school", "invite", "staff", "BO2", "--json").rows[0]["name"] == "Jan de Boer"


def test_nobody_by_that_name(school: Cli, telegram: State) -> None:
    """A name that nobody has is one line, and nobody gets a link."""
    school.refused("school", "invite", "staff", "VOS", "Piet Puk", words="Piet Puk: niemand")
    school.refused("school", "revoke", "Piet Puk", words="niemand")
    school.refused("school", "confirm", "VOS", words="nog niet geopend")


def test_links_need_the_token(school: Cli) -> None:
    """Without a token it is said what the token is needed for; no code is made."""
    school.set(TOKEN=None)
    school.refused("school", "invite", "staff", words="VUISTREGEL_TOKEN is not set: a link holds")
    school.refused("school", "invite", "class", "H3b", words="VUISTREGEL_TOKEN is not set")


def test_wrong_token(school: Cli, telegram: State) -> None:
    """A token that Telegram does not know is one line, without the token."""
    school.set(TOKEN="77:not-this-one")
    line = school.refused("school", "invite", "staff", words="does not know VUISTREGEL_TOKEN")
    assert "not-this-one" not in line


def test_telegram_is_away(school: Cli) -> None:
    """Where the Bot API cannot be reached, that is said."""
    school.set(TOKEN="77:x", API_URL="http://127.0.0.1:9")
    school.refused("school", "invite", "staff", words="the Bot API cannot be reached")


def _valid(session: Session, link: str) -> str | None:
    found = classes.by_code(session, link.split("?start=c-")[1], 9, datetime.now(UTC))
    return found.label if found else None


@pytest.mark.parametrize(
    ("more", "name", "begins"),
    [
        ([], "h3b.svg", b"<?xml"),
        ([], "h3b.pdf", b"%PDF"),
        (["--format", "png"], "h3b.img", b"\x89PNG"),
    ],
)
def test_class_code(
    school: Cli, telegram: State, run: Run, more: list[str], name: str, begins: bytes
) -> None:
    """The QR code is written in the format asked for; its link joins the class."""
    (row,) = school("school", "invite", "class", "h3B", "--out", name, "--json", *more).rows
    assert (row["name"], row["role"], row["class"]) == ("H3b", "class", "H3b")
    assert row["link"].startswith(START.format(telegram.username, "c"))
    assert run(_valid, row["link"]) == "H3b"
    data = Path(name).read_bytes()
    assert data.startswith(begins)
    if begins == b"\x89PNG":
        picture = Image.open(io.BytesIO(data))
        assert picture.height > picture.width > 600  # the label stands below
    if begins == b"<?xml":
        assert ">H3b</text>" in data.decode()
        assert ElementTree.fromstring(data).tag.endswith("svg")


def test_code_in_use_is_renewed_on_request(school: Cli, telegram: State, run: Run) -> None:
    """A code that works is not replaced by chance; --renew voids it."""
    (old,) = school("school", "invite", "class", "H3b", "--json").rows
    school.refused("school", "invite", "class", "H3b", words="--renew")
    assert run(_valid, old["link"]) == "H3b"
    (new,) = school("school", "invite", "class", "H3b", "--renew", "--json").rows
    assert run(_valid, old["link"]) is None
    assert run(_valid, new["link"]) == "H3b"


def test_unknown_class(school: Cli, telegram: State) -> None:
    """A class that is not known is one line."""
    school.refused("school", "invite", "class", "H9z", words="klas H9z is niet bekend")


def test_file_that_cannot_be_written(school: Cli, telegram: State, run: Run) -> None:
    """Where the file cannot be written no code is made: it could not be shown again."""
    school.refused("school", "invite", "class", "H3b", "--out", "no/h3b.svg", words="written")
    school.refused("school", "invite", "class", "H3b", "--out", ".", words="written")
    assert run(classes.by_label, "H3b").code_expires is None


def test_posters_of_all_classes(school: Cli, telegram: State, run: Run) -> None:
    """One PDF with an A4 page for each class; a class whose code works is left out and named."""
    school("school", "invite", "class", "V2a")
    done = school("school", "posters", "--out", "p.pdf")
    assert (done.code, done.out) == (0, "p.pdf: H3b\n")
    assert "klas V2a heeft al een code die werkt" in done.err
    again = school("school", "posters", "--out", "p.pdf")
    assert (again.code, again.out) == (1, "")
    assert school("school", "posters", "--renew", "--lang", "en").out == "posters.pdf: H3b, V2a\n"
    with PdfParser.PdfParser("posters.pdf") as pdf:
        assert len(pdf.pages) == 2
        box = pdf.read_indirect(pdf.pages[0])[b"MediaBox"]
        assert [round(side) for side in box[2:]] == [595, 842]
    assert Path("posters.pdf").stat().st_mode & 0o077 == 0


def test_posters_with_a_broken_pack(school: Cli, telegram: State, run: Run) -> None:
    """Where nothing could be drawn no code is made."""
    school.set(CONTENT="nowhere")
    school.refused("school", "posters", words="content pack")
    assert run(classes.by_label, "H3b").code_expires is None


def test_letters_for_staff(school: Cli, telegram: State) -> None:
    """Each gets a letter of one page for the owner's eyes; no link stands in the terminal."""
    done = school("school", "invite", "staff", "VOS", "BO2", "--letters", "brieven", "--json")
    assert done.code == 0
    assert [row["link"] for row in done.rows] == ["brieven/VOS.pdf", "brieven/BO2.pdf"]
    assert "t.me" not in done.out + done.err
    for row in done.rows:
        file = Path(row["link"])
        assert file.read_bytes().startswith(b"%PDF")
        assert file.stat().st_mode & 0o077 == 0


def test_letters_over_older_ones(school: Cli, telegram: State, run: Run) -> None:
    """A file that others could read is replaced by one for the owner; no two staff share a name."""
    rows = ROSTER.replace("BOE", "A.B").replace("BO2", "A/B")
    run(roster.apply, roster_file.read(rows.encode()), datetime.now(UTC))
    Path("brieven").mkdir()
    older = Path("brieven/VOS.pdf")
    older.write_bytes(b"old")
    older.chmod(0o644)
    names = {run(staff.by_code, code).id[:6] for code in ("A.B", "A/B")}
    done = school("school", "invite", "staff", "--letters", "brieven", "--json")
    assert {row["link"] for row in done.rows} >= {f"brieven/A_B-{each}.pdf" for each in names}
    save(b"secret", older, private=True)
    assert (older.read_bytes(), older.stat().st_mode & 0o077) == (b"secret", 0)
    assert len(list(Path("brieven").iterdir())) == len(done.rows)
