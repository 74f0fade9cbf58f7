"""Sealing of a column's value, always in the same place: "table.column:row"."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage.database import vault_of


def seal(session: Session, text: str, column: str, row: object) -> bytes:
    """Seal ``text`` for ``column`` ("table.column") of the row with key ``row``."""
    return vault_of(session).seal(text, f"{column}:{row}")


def unseal(session: Session, sealed: bytes, column: str, row: object) -> str:
    """Open what ``seal`` made; raises KeyProblem or SealBroken."""
    return vault_of(session).open(sealed, f"{column}:{row}")


def unseal_any(session: Session, sealed: bytes | None, column: str, row: object) -> str | None:
    """Open what ``seal`` made, where there is something."""
    return None if sealed is None else unseal(session, sealed, column, row)
