"""A roster file is read whole or not at all, and every bad line is named."""

from __future__ import annotations

import pytest

from storage.errors import RosterProblem
from storage.roster_file import PostLine, RosterFile, read

HEADER = (
    "klas;mentor;mentor_code;mentor2;mentor2_code;plaatsvervanger;plaatsvervanger_code;"
    "coordinator;coordinator_code;vertrouwenspersoon;vertrouwenspersoon_code;bestuur;bestuur_code"
)
GOOD = f"""{HEADER}
H3b;Jan Jansen;JAN;Zoë Pieters;pie;Ans Vos;VOS;Co Ordinator;COO
H3c;Jan Jansen;JJ2;;;;;Co Ordinator;COO

*;;;;;;;Co Ordinator;COO;Fien Trouw;TRO;;
*;;;;;;;;;;;Bas Bestuur;BES
"""


def _problems(text: str) -> list[str]:
    with pytest.raises(RosterProblem) as refused:
        read(text.encode())
    return refused.value.problems


def _check(roster: RosterFile) -> None:
    h3b, h3c = roster.classes
    assert h3b.label == "H3b"
    assert h3b.posts == (
        PostLine("mentor", "JAN", 0),
        PostLine("mentor", "PIE", 1),
        PostLine("deputy", "VOS", 0),
        PostLine("coordinator", "COO", 0),
    )
    assert [post.code for post in h3c.posts] == ["JJ2", "COO"]
    roles = [(post.role, post.code) for post in roster.school]
    assert roles == [("coordinator", "COO"), ("confidential", "TRO"), ("board", "BES")]
    assert roster.people["PIE"] == "Zoë Pieters"
    assert roster.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_spreadsheets_write(encoding: str, delimiter: str, newline: str) -> None:
    """Every mix of encoding, delimiter and line end that offices produce reads the same."""
    text = GOOD.replace(";", delimiter).replace("\n", newline)
    _check(read(text.encode(encoding)))


def test_role_in_a_column_of_its_own() -> None:
    """A row for the whole school may name its role in a column 'rol'."""
    roster = read(
        b"klas;rol;mentor;mentor_code\nH3b;;A B;AB\n*;vertrouwenspersoon;C D;CD\n*;bestuur;E F;EF\n"
    )
    roles = [(post.role, post.code) for post in roster.school]
    assert roles == [("confidential", "CD"), ("board", "EF")]


def test_quoted_cells_keep_the_line_numbers() -> None:
    """A line break within quotes does not shift the numbers of what follows."""
    text = 'klas;mentor;mentor_code\nH3b;"Jan\nJansen";JAN\nH3c;Piet;\n'
    assert _problems(text) == [
        "regel 4: bij mentor ontbreekt de code",
        "regel 4: klas H3c heeft geen mentor met een code",
    ]


def test_every_bad_line_is_named() -> None:
    """All problems of a file come at once, each with its line."""
    text = f"""{HEADER}
H3b;Jan Jansen;JAN;Jan Jansen;JAN
;Piet Pieters;PIE
h3 B;Piet Pieters;PIE
H3d;Iemand Anders;jan
H3e;Piet Pieters;PIE;;;;;;;Fien Trouw;TRO
*;Piet Pieters;PIE
*;;
H3f;Piet Pieters;PIE;;;;;;;;;;;te veel
H3g;;
H3h;;PIE
"""
    assert _problems(text) == [
        "regel 2: code JAN staat twee keer als mentor",
        "regel 3: de naam van de klas ontbreekt",
        "regel 4: klas h3 B staat ook op regel 2",
        "regel 5: code JAN hoort op regel 2 bij iemand anders",
        "regel 5: klas H3d heeft geen mentor met een code",
        "regel 6: vertrouwenspersoon en bestuur horen in een rij met klas *",
        "regel 7: in een rij met klas * mogen alleen coordinator, vertrouwenspersoon en bestuur",
        "regel 8: een rij met klas * zonder persoon",
        "regel 9: meer vakken dan kolommen",
        "regel 10: klas H3g heeft geen mentor met een code",
        "regel 11: bij mentor ontbreekt de naam",
        "regel 11: klas H3h heeft geen mentor met een code",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "de kolom 'klas' ontbreekt"),
        ("klas;mentor\nH3b;Jan\n", "de kolom 'mentor_code' ontbreekt"),
        ("klas;mentor;mentor_code;zaal\n", "onbekende kolom 'zaal'"),
        ("klas;mentor;mentor_code;klas\n", "de kolom 'klas' staat er twee keer"),
        ("klas;mentor;mentor_code;mentor2\n", "bij de kolom 'mentor2' ontbreekt 'mentor2_code'"),
        ("klas;mentor;mentor_code\n", "het bestand noemt geen enkele klas"),
        ('klas;mentor;mentor_code\nH3b;"Jan;JAN\n', "een aanhalingsteken dat niet sluit"),
        (f"klas;mentor;mentor_code\n{'H' * 65};Jan;JAN\n", "meer dan 64 tekens"),
        ("klas;mentor;mentor_code\nH3b;---;JAN\n", "naam of code bij mentor is leeg"),
        ("klas;rol;mentor;mentor_code\nH3b;bestuur;Jan;JAN\n", "alleen in een rij met klas *"),
    ],
)
def test_a_file_that_is_no_roster(text: str, problem: str) -> None:
    """What cannot be a roster is refused with the reason."""
    assert problem in "; ".join(_problems(text))


@pytest.mark.parametrize(
    "data", [b"klas;mentor;mentor_code\nH3b;J\x81n;JAN\n", GOOD.encode("utf-16")]
)
def test_neither_encoding(data: bytes) -> None:
    """Bytes that are neither UTF-8 nor Windows-1252 are refused."""
    with pytest.raises(RosterProblem, match="geen UTF-8"):
        read(data)


def test_dead_ends_are_pointed_out() -> None:
    """Who could get a report about a mentor or a colleague must be named, or the file warns."""
    warnings = read(b"klas;mentor;mentor_code\nH3b;Jan;JAN\n").warnings
    assert len(warnings) == 2
    assert "H3b" in warnings[1]


def test_no_names_in_problems() -> None:
    """A problem may end up in a log, so it names codes and lines, not people."""
    text = "klas;mentor;mentor_code\nH3b;Jan Jansen;JAN\nH3c;Piet Pieters;JAN\n"
    assert "Piet" not in str(_problems(text))


def test_english_columns() -> None:
    """A school that speaks English may name its columns in English; the same comes of it."""
    found = read(
        b"Class,Tutor,Tutor_code,Tutor2,Tutor2_code,Deputy,Deputy_code,Role\n"
        b"10A,Ann Bay,BAY,Bob Fen,FEN,Cleo Ash,ASH,\n*,Di Oak,OAK,,,,,board\n"
    )
    assert [(post.role, post.code) for post in found.classes[0].posts] == [
        ("mentor", "BAY"),
        ("mentor", "FEN"),
        ("deputy", "ASH"),
    ]
    assert found.school == (PostLine("board", "OAK", 0),)
