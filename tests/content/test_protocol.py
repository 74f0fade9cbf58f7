"""Reading a school's own rules from plain text."""

from __future__ import annotations

import pytest

from content.errors import ContentError
from content.protocol import Protocol, clipped, decode, read_protocol


def labels(found: Protocol) -> list[str]:
    """Return the labels of rules and parts, in order."""
    return [each.label for rule in found.rules for each in (rule, *rule.parts)]


@pytest.mark.parametrize(
    "sign", ["{n}. ", "{n}) ", "{n}: ", "Regel {n}: ", "Artikel {n}. ", "§ {n} "]
)
def test_ways_to_number(sign: str) -> None:
    """Numbers are written in many ways; a title on its own line is a title."""
    text = "".join(f"{sign.format(n=n)}Kop {n}\nDe tekst van {n}.\n\n" for n in range(1, 13))
    found = read_protocol(text)
    assert labels(found) == [str(n) for n in range(1, 13)]
    assert found.rules[11].title == "Kop 12"
    assert found.rules[11].text == "De tekst van 12."


def test_parts_and_what_follows_them() -> None:
    """Letters belong to their rule; a closing sentence belongs to the rule again."""
    found = read_protocol(
        "1. Het is niet toegestaan om:\n - a. te hacken;\n - b. te stalken,\n   ook niet thuis.\n"
        "Meld het je mentor.\n2. Aardig zijn\n2.1 Scheld niet.\n2.2 Lach niet uit.\n"
    )
    first, second = found.rules
    assert labels(found) == ["1", "1a", "1b", "2", "2.1", "2.2"]
    assert first.parts[1].text == "te stalken, ook niet thuis."
    assert first.text == "Het is niet toegestaan om: Meld het je mentor."
    assert first.whole[1] == "- a. te hacken;"
    assert (second.title, second.text) == ("Aardig zijn", "Aardig zijn")


def test_numbers_that_are_no_rules() -> None:
    """Ages, years, postcodes, times and counts do not begin a rule; the order decides."""
    text = (
        "2012 KN Haarlem\nDe 10 regels\n1. Tot 8:30 mag het.\n12. jaar en ouder\n3. nog iets\n2. B."
    )
    found = read_protocol(text)
    assert labels(found) == ["1", "2"]
    assert found.opening == ""


def test_opening() -> None:
    """Sentences before the first rule are kept, headings are not."""
    found = read_protocol("Protocol\nSeptember 2026\nDit geldt voor iedereen.\n1. Wees aardig.\n")
    assert found.opening == "Dit geldt voor iedereen."


@pytest.mark.parametrize("text", ["", "Wees aardig.", "2. Begint bij twee.", "a. letter"])
def test_no_rules(text: str) -> None:
    """A text without a first rule says how rules begin."""
    with pytest.raises(ContentError, match="each begins on its own line"):
        read_protocol(text)


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"PK\x03\x04word", "1. A".encode("utf-16")])
def test_no_plain_text(data: bytes) -> None:
    """A PDF or Word file is said to be one."""
    with pytest.raises(ContentError, match=r"save the protocol as \.txt"):
        decode(data)


def test_encodings() -> None:
    """UTF-8 with or without BOM, and what Windows writes."""
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        assert decode("1. Café".encode(encoding)) == "1. Café"


def test_clipping() -> None:
    """Whole sentences where one fits, else whole words."""
    assert clipped("Een. Twee. Drie.", 11) == "Een. Twee."
    assert clipped("Eenlangezin zonder eind", 15) == "Eenlangezin…"
    assert clipped("kort", 10) == "kort"
