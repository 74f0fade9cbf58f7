"""Results of a class as a table that a spreadsheet opens."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A cell that begins so may be carried out by a spreadsheet."""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV: semicolons and a byte order mark, as Dutch spreadsheets expect."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def cell(value: object) -> object:
    """Return a value of which no spreadsheet makes a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    risky = value.lstrip(" ").startswith(FORMULA) or value.startswith(FORMULA)
    return f"'{value}" if risky else value
