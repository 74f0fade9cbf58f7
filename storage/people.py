"""Accounts that did more than ask: pupils, and staff as users of the bot."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.claims import claim, insert
from storage.errors import NotAllowed, NotNow
from storage.names import fold, tidy
from storage.sealing import seal, unseal_any
from storage.tables import Person, Report, SchoolClass, new_id

NAME = "people.name_sealed"
CODES = 10_000


@dataclass(frozen=True, slots=True)
class PersonView:
    """An account as the rest of the program sees it."""

    id: str
    telegram_id: int
    lang: str | None
    name: str | None = field(repr=False)
    class_id: str | None
    class_label: str | None
    code: str | None = field(repr=False)
    """Four digits that the pupil shows to the mentor; null without a class."""
    confirmed_at: datetime | None
    joined_at: datetime | None
    unreachable_since: datetime | None
    left_at: datetime | None = None
    """When this account left its class, without joining another one since."""

    @property
    def confirmed(self) -> bool:
        """Tell whether a mentor confirmed in person who this is."""
        return self.confirmed_at is not None


@dataclass(frozen=True, slots=True)
class Joined:
    """A pupil is in a class. ``second_account``: a confirmed pupil there has the same name."""

    person: PersonView
    second_account: bool


_FIND = (
    select(
        Person.name_sealed,
        Person.id,
        Person.telegram_id,
        Person.lang,
        Person.class_id,
        SchoolClass.label.label("class_label"),
        Person.code,
        Person.confirmed_at,
        Person.joined_at,
        Person.unreachable_since,
        Person.left_at,
    )
    .outerjoin(SchoolClass, SchoolClass.id == Person.class_id)
    .where(Person.telegram_id == bindparam("who"))
)


def find(session: Session, telegram_id: int) -> PersonView | None:
    """Return the person behind an account, if it ever did more than ask."""
    found = session.execute(_FIND, {"who": telegram_id}).one_or_none()
    if found is None:
        return None
    return _seen(session, found, found.class_label)


def by_id(session: Session, person_id: str) -> PersonView | None:
    """Return the person with this id."""
    person = session.get(Person, person_id)
    return None if person is None else view(session, person)


def ensure(
    session: Session, telegram_id: int, now: datetime, lang: str | None = None
) -> PersonView:
    """Return the person behind an account, made when new; ``lang`` counts where none is known."""
    person = _ensure(session, telegram_id, now, lang)
    person.lang = person.lang or lang
    return view(session, person)


def set_language(session: Session, telegram_id: int, lang: str, now: datetime) -> PersonView:
    """Remember the language ("nl" or "en") that an account chose."""
    person = _ensure(session, telegram_id, now, lang)
    person.lang = lang
    return view(session, person)


def join_class(
    session: Session,
    telegram_id: int,
    class_id: str,
    name: str,
    now: datetime,
    update_id: int | None = None,
) -> Joined:
    """Put a pupil in a class under a name, with a fresh code for the mentor to confirm.

    Joining the same class under the same name again changes nothing; another class or name needs
    a new confirmation. Raises NotNow when the class is gone or the name is empty.
    """
    person = _ensure(session, telegram_id, now, None)
    if claim(session, update_id, now):
        _join(session, person, class_id, tidy(name)[:64], now)
    return Joined(view(session, person), has_namesake(session, person))


def leave_class(session: Session, telegram_id: int, now: datetime) -> PersonView:
    """Take an account out of its class; the name stays only while a report needs it."""
    person = row(session, telegram_id, lock=True)
    if person is None:
        raise NotAllowed("no such person")
    detach(session, person, now)
    return view(session, person)


def mark_unreachable(session: Session, telegram_id: int, now: datetime) -> None:
    """Remember since when an account cannot be written to (it blocked the bot)."""
    person = row(session, telegram_id, lock=True)
    if person is not None and person.unreachable_since is None:
        person.unreachable_since = now


def mark_reachable(session: Session, telegram_id: int) -> None:
    """Forget that an account could not be written to."""
    person = row(session, telegram_id, lock=True)
    if person is not None:
        person.unreachable_since = None


def row(session: Session, telegram_id: int, *, lock: bool = False) -> Person | None:
    """Return the row of an account, for this room only."""
    query = select(Person).where(Person.telegram_id == telegram_id)
    return session.scalar(query.with_for_update() if lock else query)


def view(session: Session, person: Person) -> PersonView:
    """Return ``person`` as the rest of the program sees it."""
    school_class = session.get(SchoolClass, person.class_id) if person.class_id else None
    return _seen(session, person, school_class.label if school_class else None)


def _seen(session: Session, person: Any, class_label: str | None) -> PersonView:
    return PersonView(
        id=person.id,
        telegram_id=person.telegram_id,
        lang=person.lang,
        name=unseal_any(session, person.name_sealed, NAME, person.id),
        class_id=person.class_id,
        class_label=class_label,
        code=person.code,
        confirmed_at=person.confirmed_at,
        joined_at=person.joined_at,
        unreachable_since=person.unreachable_since,
        left_at=person.left_at,
    )


def classmates(session: Session, class_id: str) -> list[Person]:
    """Return the rows of all pupils of a class, first come first."""
    query = select(Person).where(Person.class_id == class_id)
    return list(session.scalars(query.order_by(Person.joined_at, Person.id)))


def has_namesake(session: Session, person: Person) -> bool:
    """Tell whether another, confirmed, pupil of the class has the same name."""
    if person.class_id is None:
        return False
    name = _folded(session, person)
    return any(
        other.confirmed_at is not None and other.id != person.id and _folded(session, other) == name
        for other in classmates(session, person.class_id)
    )


def detach(session: Session, person: Person, now: datetime) -> None:
    """Take ``person`` out of the class."""
    person.class_id = person.code = person.joined_at = None
    person.confirmed_at = person.confirmed_by = None
    person.left_at = now
    if not session.scalar(select(Report.id).where(Report.person_id == person.id).limit(1)):
        person.name_sealed = None
    session.flush()


def _ensure(session: Session, telegram_id: int, now: datetime, lang: str | None) -> Person:
    new = insert(session, Person).values(
        id=new_id(), telegram_id=telegram_id, lang=lang, created_at=now, seen_at=now
    )
    session.execute(new.on_conflict_do_nothing(index_elements=[Person.telegram_id]))
    person = row(session, telegram_id, lock=True)
    if person is None:
        raise NotNow("the account was removed just now")
    person.seen_at = now
    return person


def _join(session: Session, person: Person, class_id: str, name: str, now: datetime) -> None:
    # the lock on the class makes codes of pupils who join at once differ
    school_class = session.get(SchoolClass, class_id, with_for_update=True)
    if school_class is None or school_class.archived_at is not None or not name:
        raise NotNow("the class is gone or the name is empty")
    same = person.class_id == class_id and _folded(session, person) == fold(name)
    person.name_sealed = seal(session, name, NAME, person.id)
    if same:
        return
    person.code = _free_code({mate.code for mate in classmates(session, class_id)})
    person.class_id, person.joined_at, person.left_at = class_id, now, None
    person.confirmed_at = person.confirmed_by = None
    session.flush()


def _free_code(taken: set[str | None]) -> str:
    while (code := f"{secrets.randbelow(CODES):04d}") in taken:
        pass
    return code


def _folded(session: Session, person: Person) -> str:
    return fold(unseal_any(session, person.name_sealed, NAME, person.id) or "")


def introduce(session: Session, telegram_id: int, name: str, now: datetime) -> PersonView:
    """Keep the name that an account without a class gives for its report.

    A pupil in a class keeps the name of that class: a mentor may have confirmed it. Raises NotNow
    for an empty name.
    """
    person = _ensure(session, telegram_id, now, None)
    if person.class_id is None or person.name_sealed is None:
        tidied = tidy(name)[:64]
        if not tidied:
            raise NotNow("the name is empty")
        person.name_sealed = seal(session, tidied, NAME, person.id)
    return view(session, person)
