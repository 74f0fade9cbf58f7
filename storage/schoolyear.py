"""The turn of the school year: every class begins anew, and open reports stay with who has them.

An ended class keeps its reports, under a label with its year, and the posts of its staff for as
long as one of those reports may still need them. So a report of last year never goes to the mentor
of other children who happen to sit under the same label.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from storage.authority import OPEN
from storage.classes import empty, label_key
from storage.tables import ClassQuiz, Person, Post, Report, SchoolClass

STARTS: Final = 8  # the school year runs from August
FOR_THE_NEXT: Final = 5  # from May on, a list for a new year is for the one to come
REOPENED_WITHIN: Final = timedelta(days=30)


def began(now: datetime) -> datetime:
    """Return when the school year of ``now`` began."""
    return datetime(now.year - (now.month < STARTS), STARTS, 1, tzinfo=UTC)


def left_over(session: Session, now: datetime) -> int:
    """Return how many pupils sit in a class that they joined in an earlier school year."""
    query = select(func.count()).where(Person.class_id.is_not(None), Person.joined_at < began(now))
    return session.scalar(query) or 0


def next_is_near(session: Session, now: datetime) -> bool:
    """Tell whether a list that differs may be next year's: from May on, where somebody is affected.

    Those are pupils who are in a class, and open reports of a class.
    """
    if not FOR_THE_NEXT <= now.month < STARTS:
        return False
    pupils = select(Person.id).where(Person.class_id.is_not(None))
    reports = select(Report.id).where(Report.class_id.is_not(None), Report.state.in_(OPEN))
    return any(session.scalar(each.limit(1)) for each in (pupils, reports))


def pupils_of(session: Session, classes: list[SchoolClass]) -> int:
    """Return how many pupils are in these classes."""
    ids = [each.id for each in classes]
    return session.scalar(select(func.count()).where(Person.class_id.in_(ids))) or 0


def turn(session: Session, classes: list[SchoolClass], now: datetime) -> int:
    """End these classes; return how many pupils are in no class any more.

    Their codes stop working, their quizzes close, and their labels are free for the new year.
    """
    gone = 0
    for row in classes:
        _remember_standing(session, row.id)
        gone += empty(session, row.id, now)
        row.archived_at = now
        row.label = _free_label(session, f"{row.label} ({_ended(now)})")
        row.label_key = label_key(row.label)
        session.flush()
    open_quizzes = and_(
        ClassQuiz.class_id.in_([each.id for each in classes]), ClassQuiz.closed_at.is_(None)
    )
    session.execute(update(ClassQuiz).where(open_quizzes).values(closed_at=now))
    return gone


def _remember_standing(session: Session, class_id: str) -> None:
    """Note on the reports of a class how their pupils stand in it: whoever reads them is told."""
    for name, confirmed in (
        ("joined", Person.confirmed_at.is_(None)),
        ("confirmed", Person.confirmed_at.is_not(None)),
    ):
        pupils = select(Person.id).where(Person.class_id == class_id, confirmed)
        theirs = update(Report).where(Report.class_id == class_id, Report.person_id.in_(pupils))
        session.execute(theirs.values(stood_as=name))


def drop_posts(session: Session, now: datetime) -> None:
    """Remove all posts but those of ended classes with a report that may still need them."""
    still = or_(Report.state.in_(OPEN), Report.closed_at > now - REOPENED_WITHIN)
    session.execute(delete(Post).where(or_(Post.class_id.is_(None), ~_has_ended(still))))


def _has_ended(still: ColumnElement[bool]) -> ColumnElement[bool]:
    ended = exists().where(SchoolClass.id == Post.class_id, SchoolClass.archived_at.is_not(None))
    return and_(ended, exists().where(Report.class_id == Post.class_id, still))


def _ended(now: datetime) -> str:
    """Return the school year that ends, as people write it: 2026-27."""
    year = now.year - (1 if now.month >= FOR_THE_NEXT else 2)
    return f"{year}-{(year + 1) % 100:02d}"


def _free_label(session: Session, label: str) -> str:
    wanted, number = label, 1
    while session.scalar(select(SchoolClass.id).where(SchoolClass.label_key == label_key(wanted))):
        number += 1
        wanted = f"{label} {number}"
    return wanted
