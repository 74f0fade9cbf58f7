"""Reading the school's roster file: one row a class, each person with their abbreviation.

The messages are Dutch: they go to the school's administrator, with the number of the line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from storage.errors import RosterProblem
from storage.names import fold, tidy

ROLES: Final = {
    "mentor": "mentor",
    "plaatsvervanger": "deputy",
    "coordinator": "coordinator",
    "vertrouwenspersoon": "confidential",
    "bestuur": "board",
}
ENGLISH: Final = {
    "class": "klas",
    "role": "rol",
    "tutor": "mentor",
    "deputy": "plaatsvervanger",
    "confidential": "vertrouwenspersoon",
    "board": "bestuur",
}
"""What a school that speaks English may call its columns and roles."""
SCHOOL_ROLES: Final = frozenset({"coordinator", "confidential", "board"})
CLASS_ROLES: Final = frozenset({"mentor", "deputy", "coordinator"})
REQUIRED: Final = ("klas", "mentor", "mentor_code")
WHOLE_SCHOOL: Final = "*"
LONGEST: Final = 64
WORD: Final = re.compile(r"([a-z]+)(.*)")
COLUMN: Final = re.compile(rf"({'|'.join(ROLES)})(\d*)(_code)?")


@dataclass(frozen=True, slots=True)
class PostLine:
    """A role of the person with ``code``; the lowest rank comes first."""

    role: str
    code: str
    rank: int


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class with its staff."""

    label: str
    posts: tuple[PostLine, ...]


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What the file says. ``people`` maps codes to names."""

    classes: tuple[ClassLine, ...]
    school: tuple[PostLine, ...]
    people: dict[str, str] = field(repr=False)
    warnings: tuple[str, ...] = ()
    """Dutch: what is allowed but leaves a report with nobody to go to."""


def read(data: bytes) -> RosterFile:
    """Read a roster with ``;`` ``,`` or tab, in UTF-8 (with or without BOM) or Windows-1252.

    Raises RosterProblem, which names every bad line.
    """
    reader = _Reader()
    reader.read(data)
    if reader.problems:
        raise RosterProblem(reader.problems)
    classes, school = tuple(reader.classes.values()), tuple(reader.school)
    return RosterFile(classes, school, reader.names, tuple(_warnings(classes, school)))


class _Reader:
    """Collects what a file says, and what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.classes: dict[str, ClassLine] = {}
        self.school: list[PostLine] = []
        self.names: dict[str, str] = {}
        self._seen: dict[str, int] = {}  # key of a class or code: the line where it first stood
        self._line = 1

    def read(self, data: bytes) -> None:
        try:
            text = _decode(data)
            rows = _rows(text)
            header = next(rows, (1, []))[1]
            columns = self._columns(header)
            for self._line, cells in rows:
                if columns and any(cells):
                    self._row(dict(zip(columns, cells, strict=False)), cells[len(columns) :])
        except UnicodeError:
            self._bad("het bestand is geen UTF-8 en geen Windows-1252")
        except csv.Error:
            self._bad("een aanhalingsteken dat niet sluit, of een teken dat niet mag", 1)
        if not self.problems and not self.classes:
            self._bad("het bestand noemt geen enkele klas")

    def _columns(self, header: list[str]) -> list[str]:
        columns = [_in_dutch("".join(cell.split())) for cell in header]
        good = {"klas", "rol"}
        bad = [name for name in columns if name and name not in good and not COLUMN.fullmatch(name)]
        lone = [name for name in columns if name not in good and not name.endswith("_code")]
        for name in bad:
            self._bad(f"onbekende kolom {name!r}")
        for name in [name for name in REQUIRED if name not in columns]:
            self._bad(f"de kolom {name!r} ontbreekt")
        for name in [name for name in lone if name and f"{name}_code" not in columns]:
            if name not in (*bad, "mentor"):
                self._bad(f"bij de kolom {name!r} ontbreekt '{name}_code'")
        for name in sorted({name for name in columns if name and columns.count(name) > 1}):
            self._bad(f"de kolom {name!r} staat er twee keer")
        return [] if self.problems else columns

    def _row(self, row: dict[str, str], extra: list[str]) -> None:
        if any(extra):
            self._bad("meer vakken dan kolommen")
            return
        label = row.get("klas", "")
        if not label:
            self._bad("de naam van de klas ontbreekt")
        elif label == WHOLE_SCHOOL:
            self._school(row)
        else:
            self._class(label, row)

    def _class(self, label: str, row: dict[str, str]) -> None:
        posts = list(self._posts(row))
        if row.get("rol"):
            self._bad("'rol' hoort alleen in een rij met klas *")
        if not any(post.role == "mentor" for post in posts):
            self._bad(f"klas {label} heeft geen mentor met een code")
        for post in posts:
            if post.role not in CLASS_ROLES:
                self._bad("vertrouwenspersoon en bestuur horen in een rij met klas *")
        if len(label) > LONGEST:
            self._bad(f"de naam van de klas heeft meer dan {LONGEST} tekens")
        key = "".join(label.casefold().split())
        if key in self.classes:
            self._bad(f"klas {label} staat ook op regel {self._seen[f'klas {key}']}")
            return
        self._seen[f"klas {key}"] = self._line
        self.classes[key] = ClassLine(label, tuple(posts))

    def _school(self, row: dict[str, str]) -> None:
        posts = list(self._posts(row))
        named = _in_dutch(row.get("rol", ""))
        if named:
            role = ROLES.get(named, "")
            posts = [PostLine(role, post.code, post.rank) for post in posts]
        if not posts:
            self._bad("een rij met klas * zonder persoon")
        for post in posts:
            if post.role not in SCHOOL_ROLES:
                self._bad(
                    "in een rij met klas * mogen alleen coordinator, vertrouwenspersoon en bestuur"
                )
            elif not any((post.role, post.code) == (old.role, old.code) for old in self.school):
                rank = sum(old.role == post.role for old in self.school)
                self.school.append(PostLine(post.role, post.code, rank))

    def _posts(self, row: dict[str, str]) -> Iterator[PostLine]:
        found: set[tuple[str, str]] = set()
        for column in [name for name in row if COLUMN.fullmatch(name)]:
            match = COLUMN.fullmatch(column)
            if match is None or match[3]:
                continue
            name, code = row[column], row.get(f"{column}_code", "").upper()
            if not self._person(column, name, code):
                continue
            role = ROLES[match[1]]
            if (role, code) in found:
                self._bad(f"code {code} staat twee keer als {match[1]}")
            found.add((role, code))
            yield PostLine(role, code, max(int(match[2] or 1) - 1, 0))

    def _person(self, column: str, name: str, code: str) -> bool:
        if not name and not code:
            return False
        if not name or not code:
            self._bad(f"bij {column} ontbreekt de {'code' if name else 'naam'}")
            return False
        if max(len(name), len(code)) > LONGEST or not fold(name):
            self._bad(f"naam of code bij {column} is leeg of heeft meer dan {LONGEST} tekens")
            return False
        first = self._seen.setdefault(f"code {code}", self._line)
        if fold(self.names.setdefault(code, name)) != fold(name):
            self._bad(f"code {code} hoort op regel {first} bij iemand anders")
            return False
        return True

    def _bad(self, what: str, further: int = 0) -> None:
        problem = f"regel {self._line + further}: {what}"
        if problem not in self.problems:
            self.problems.append(problem)


def _in_dutch(name: str) -> str:
    plain = name.lower().replace("ö", "o")
    found = WORD.fullmatch(plain)
    return ENGLISH.get(found[1], found[1]) + found[2] if found else plain


def _decode(data: bytes) -> str:
    if b"\0" in data:  # UTF-16, or no text at all
        raise UnicodeError
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";\t,", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        if line > 1 or any(cells):
            yield line, [tidy(cell) for cell in cells]
        line = reader.line_num + 1


def _warnings(classes: tuple[ClassLine, ...], school: tuple[PostLine, ...]) -> Iterator[str]:
    held = {post.role for post in school}
    if not held & {"confidential", "board"}:
        yield "geen vertrouwenspersoon en geen bestuur: een melding over personeel kan nergens heen"
    if "coordinator" in held:
        return
    for each in classes:
        if not {post.role for post in each.posts} & {"deputy", "coordinator"}:
            yield f"klas {each.label}: geen plaatsvervanger en geen coordinator"
