"""Classes: their code to join, their pupils, and what a mentor does with them."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import attempts, people, staff
from storage.claims import claim
from storage.database import vault_of
from storage.errors import NotAllowed, NotNow
from storage.people import PersonView
from storage.snapshot import is_active
from storage.tables import Person, SchoolClass

CODE_BYTES: Final = 24  # 192 bits; Telegram allows 64 characters after "start="
ROLES: Final = ("mentor", "deputy", "coordinator")
"""Who may see and confirm the pupils of a class."""


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class of the present school year."""

    id: str
    label: str
    code_expires: datetime | None
    """Until when its QR code works; null without one."""


@dataclass(frozen=True, slots=True)
class PupilView:
    """A pupil of a class. ``second_account``: a confirmed classmate has the same name."""

    person: PersonView
    second_account: bool


def active(session: Session) -> tuple[ClassView, ...]:
    """Return all classes of this year, in the order of people: H3b before H10a."""
    rows = session.scalars(select(SchoolClass).where(SchoolClass.archived_at.is_(None)))
    return tuple(view(each) for each in sorted(rows, key=lambda row: _order(row.label_key)))


def by_id(session: Session, class_id: str) -> ClassView | None:
    """Return a class of this year."""
    row = session.get(SchoolClass, class_id)
    return None if row is None or row.archived_at is not None else view(row)


def by_label(session: Session, label: str) -> ClassView | None:
    """Return the class of this year that bears ``label``, in any case and spacing."""
    row = session.scalar(select(SchoolClass).where(SchoolClass.label_key == label_key(label)))
    return None if row is None or row.archived_at is not None else view(row)


def id_of(session: Session, label: str) -> str | None:
    """Return the id of the class that bears ``label``, of an ended one too."""
    return session.scalar(select(SchoolClass.id).where(SchoolClass.label_key == label_key(label)))


def by_code(session: Session, code: str, telegram_id: int, now: datetime) -> ClassView | None:
    """Return the class whose QR code holds ``code``; None when it is wrong or expired.

    Raises TooMany when this account failed ten times in the past hour.
    """
    attempts.check(session, telegram_id, now)
    digest = vault_of(session).digest(code)
    row = session.scalar(select(SchoolClass).where(SchoolClass.code_hash == digest))
    if row is not None and row.archived_at is None and row.code_expires and now < row.code_expires:
        return view(row)
    attempts.failed(session, telegram_id, now)
    return None


def new_code(
    session: Session, class_id: str, expires: datetime, now: datetime, *, renew: bool = False
) -> str:
    """Return a fresh code for the QR poster of a class; it is shown only this once.

    Raises NotNow when the class is archived, or has a code that works and ``renew`` is not set:
    the posters in the classroom would stop working.
    """
    row = _locked(session, class_id)
    works = row.code_expires is not None and now < row.code_expires
    if row.archived_at is not None or (works and not renew):
        raise NotNow("the class is archived or has a code that works")
    code = secrets.token_urlsafe(CODE_BYTES)
    row.code_hash, row.code_expires = vault_of(session).digest(code), expires
    return code


def pupils(session: Session, staff_id: str, class_id: str) -> tuple[PupilView, ...]:
    """Return the pupils of a class, first come first; raises NotAllowed for others than ROLES."""
    _check(session, staff_id, class_id)
    rows = people.classmates(session, class_id)
    return tuple(
        PupilView(people.view(session, row), people.has_namesake(session, row)) for row in rows
    )


def confirm_pupil(
    session: Session,
    staff_id: str,
    class_id: str,
    code: str,
    now: datetime,
    update_id: int | None = None,
) -> PupilView | None:
    """Confirm the pupil who shows ``code`` in the classroom; None when no pupil has that code.

    Confirming twice changes nothing. Raises NotAllowed for others than ROLES of the class.
    """
    _check(session, staff_id, class_id)
    query = select(Person).where(Person.class_id == class_id, Person.code == code.strip())
    person = session.scalar(query.with_for_update())
    if person is None:
        return None
    if claim(session, update_id, now) and person.confirmed_at is None:
        person.confirmed_at, person.confirmed_by = now, staff_id
    return PupilView(people.view(session, person), people.has_namesake(session, person))


def remove_pupil(
    session: Session, staff_id: str, class_id: str, person_id: str, now: datetime
) -> PersonView:
    """Take a pupil out of a class. Raises NotAllowed unless the pupil is in it."""
    _check(session, staff_id, class_id)
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.class_id != class_id:
        raise NotAllowed("no such pupil in this class")
    people.detach(session, person, now)
    return people.view(session, person)


def audience(session: Session, class_id: str) -> tuple[PersonView, ...]:
    """Return the confirmed pupils of a class who can be written to, for a class quiz."""
    rows = people.classmates(session, class_id)
    reached = (row for row in rows if row.confirmed_at and row.unreachable_since is None)
    return tuple(people.view(session, row) for row in reached)


def empty(session: Session, class_id: str, now: datetime) -> int:
    """Take all pupils out of a class and void its code: a new school year. Return how many."""
    row = _locked(session, class_id)
    row.code_hash = row.code_expires = None
    gone = people.classmates(session, class_id)
    for person in gone:
        people.detach(session, person, now)
    return len(gone)


def label_key(label: str) -> str:
    """Return what two spellings of a label have in common: no case, no spaces."""
    return "".join(label.casefold().split())


def view(row: SchoolClass) -> ClassView:
    """Return a class as the rest of the program sees it."""
    return ClassView(row.id, row.label, row.code_expires)


def _locked(session: Session, class_id: str) -> SchoolClass:
    row = session.get(SchoolClass, class_id, with_for_update=True)
    if row is None:
        raise NotAllowed("no such class")
    return row


def _check(session: Session, staff_id: str, class_id: str) -> None:
    member = staff.get(session, staff_id)
    held = staff.view(session, member).classes(*ROLES)
    if not is_active(member) or class_id not in held:
        raise NotAllowed("not a class of this member of staff")


def _order(key: str) -> list[tuple[bool, int, str]]:
    """Sort by text and numbers in turn; a number comes before text."""
    pairs = re.findall(r"([0-9]+)|([^0-9]+)", key)
    return [(not number, int(number or 0), text) for number, text in pairs]
