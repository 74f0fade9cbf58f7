"""Rows for tests, put in directly; each returns the id. Times default to one Tuesday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from storage.sealing import seal
from storage.tables import Person, Post, Report, SchoolClass, Staff

WHEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def add_class(session: Session, label: str, archived: datetime | None = None) -> str:
    """Add class ``id-LABEL``."""
    row = SchoolClass(
        id=f"id-{label}", label=label, label_key=label.casefold(), archived_at=archived
    )
    session.add(row)
    session.flush()
    return row.id


def add_staff(
    session: Session,
    code: str,
    *posts: tuple[str, str | None],
    telegram_id: int | None = None,
    **columns: Any,
) -> str:
    """Add staff ``id-CODE``, confirmed when it has an account; posts are (role, class id)."""
    row = Staff(
        id=f"id-{code}",
        code=code,
        name_sealed=seal(session, f"Naam {code}", "staff.name_sealed", f"id-{code}"),
        telegram_id=telegram_id,
        confirmed_at=WHEN if telegram_id else None,
        **columns,
    )
    session.add(row)
    session.flush()
    for rank, (role, class_id) in enumerate(posts):
        session.add(Post(staff_id=row.id, role=role, class_id=class_id, rank=rank))
    session.flush()
    return row.id


def add_person(session: Session, telegram_id: int, name: str, class_id: str | None = None) -> str:
    """Add person ``id-TELEGRAM_ID``, unconfirmed."""
    row = Person(
        id=f"id-{telegram_id}",
        telegram_id=telegram_id,
        name_sealed=seal(session, name, "people.name_sealed", f"id-{telegram_id}"),
        class_id=class_id,
        created_at=WHEN,
        seen_at=WHEN,
    )
    session.add(row)
    session.flush()
    return row.id


def add_report(
    session: Session, number: str, person_id: str, class_id: str | None = None, **columns: Any
) -> str:
    """Add report ``id-NUMBER``, state "sent" unless a column says otherwise."""
    row_id = f"id-{number}"
    row = Report(
        id=row_id,
        number=number,
        person_id=person_id,
        class_id=class_id,
        what_sealed=seal(session, f"woorden van {number}", "reports.what_sealed", row_id),
        created_at=WHEN,
        touched_at=WHEN,
        **columns,
    )
    session.add(row)
    session.flush()
    return row_id
