"""Carrying out a roster file: what differs from what we know, and the change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage import routing, schoolyear, staff
from storage.access import end_links
from storage.authority import OPEN
from storage.classes import empty, label_key
from storage.errors import RosterProblem
from storage.names import fold, share_a_word
from storage.roster_file import PostLine, RosterFile
from storage.sealing import seal
from storage.staff import StaffView
from storage.tables import Post, Report, SchoolClass, Staff, new_id

ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)  # nobody is away in a file


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post that comes or goes; ``label`` is null for the whole school."""

    label: str | None
    role: str
    code: str
    rank: int


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """How a file differs from what we know. ``blocked``: dropped classes with open reports.

    ``renewed``: the classes that begin anew, with a new school year.
    """

    new_classes: tuple[str, ...]
    dropped_classes: tuple[str, ...]
    blocked: tuple[str, ...]
    new_staff: tuple[tuple[str, str], ...] = field(repr=False)
    """(code, name), those who come back included."""
    renamed: tuple[tuple[str, str], ...] = field(repr=False)
    """(code, new name)."""
    leaving: tuple[StaffView, ...]
    """Who is not in the file any more, or somebody else by now; their reports need ``handover``."""
    added: tuple[PostChange, ...]
    removed: tuple[PostChange, ...]
    renewed: tuple[str, ...] = ()
    pupils: int = 0
    """How many pupils are in no class afterwards."""
    emptied: tuple[str, ...] = ()
    """Classes in which some report that has somebody to go to would have nobody; stops it."""

    @property
    def passed_on(self) -> tuple[str, ...]:
        """Return the codes that go from one person to another."""
        new = {code for code, _ in self.new_staff}
        return tuple(each.code for each in self.leaving if each.code in new)

    @property
    def other_classes(self) -> bool:
        """Tell whether classes or their staff become others: the list may be of another year."""
        changed = (self.new_classes, self.dropped_classes, self.added, self.removed, self.passed_on)
        return any(changed)

    @property
    def empty(self) -> bool:
        """Tell whether the file changes nothing."""
        return not any(
            (
                self.new_classes,
                self.dropped_classes,
                self.new_staff,
                self.renamed,
                self.leaving,
                self.added,
                self.removed,
                self.renewed,
            )
        )


def diff(session: Session, roster: RosterFile, *, new_year: bool = False) -> RosterDiff:
    """Return what ``apply`` would change; changes nothing."""
    known = {row.label_key: row for row in _classes(session)}
    wanted = {label_key(line.label): line.label for line in roster.classes}
    dropped = [row for key, row in known.items() if key not in wanted]
    blocked = [] if new_year else [row for row in dropped if _has_open_report(session, row.id)]
    present = {each.code: each for each in staff.everyone(session)}
    kept = {code for code, each in present.items() if _still(roster, each)}
    names = roster.people.items()
    before, after = _posts_now(session), _posts_in(roster)
    return RosterDiff(
        new_classes=tuple(label for key, label in wanted.items() if key not in known),
        dropped_classes=tuple(row.label for row in dropped),
        blocked=tuple(row.label for row in blocked),
        new_staff=tuple((code, name) for code, name in names if code not in kept),
        renamed=tuple(
            (code, name)
            for code, name in names
            if code in kept and fold(present[code].name) != fold(name)
        ),
        leaving=tuple(each for code, each in present.items() if code not in kept),
        added=tuple(change for change in after if change not in before),
        removed=tuple(change for change in before if change not in after),
        renewed=tuple(row.label for key, row in known.items() if key in wanted and new_year),
        pupils=schoolyear.pupils_of(session, list(known.values()) if new_year else dropped),
        emptied=tuple(wanted[key] for key in _emptied(before, after) if key in wanted),
    )


def apply(
    session: Session, roster: RosterFile, now: datetime, *, new_year: bool = False
) -> RosterDiff:
    """Make what we know equal to the file and return what changed.

    Dropped classes are archived and their pupils are in no class any more; staff who are not in
    the file have no access any more. With ``new_year`` every class ends and begins anew: no pupil
    is in one, no code works, and open reports stay with who has them. Else RosterProblem is
    raised, and nothing changed, when a class with open reports would go. Nor may any import leave
    a class without anybody for a report that has somebody to go to now.
    """
    found = diff(session, roster, new_year=new_year)
    if found.blocked or found.emptied:
        raise RosterProblem(stopped(found))
    for member in found.leaving:
        _leave(session, member.id, now)
    for code, name in (*found.new_staff, *found.renamed):
        _put_staff(session, code, name)
    if new_year:
        schoolyear.turn(session, _classes(session), now)
    _put_classes(session, roster, now)
    schoolyear.drop_posts(session, now)
    _put_posts(session, roster)
    return found


def stopped(found: RosterDiff) -> list[str]:
    """Return in Dutch why an import is not carried out; empty when it may be."""
    gone = (f"klas {label} ontbreekt, maar heeft nog open meldingen" for label in found.blocked)
    empty = (
        f"klas {label}: een melding, ook over de mentor of teamleider, zou niemand meer bereiken"
        for label in found.emptied
    )
    return [*gone, *empty]


def _still(roster: RosterFile, member: StaffView) -> bool:
    name = roster.people.get(member.code)
    return name is not None and share_a_word(name, member.name)


def _emptied(before: Iterable[PostChange], after: Iterable[PostChange]) -> tuple[str, ...]:
    """Compare as if everybody in either list can be reached: who will press start is unknown.

    That nobody is named for a confidential report is a warning of the file.
    """
    had, has = _lacking(before), _lacking(after)
    return tuple(key for key in has if key in had and has[key] - had[key] - {"confidential"})


def _lacking(posts: Iterable[PostChange]) -> dict[str, frozenset[routing.Trial]]:
    duties = tuple(
        routing.Duty(label_key(p.label) if p.label else None, p.code, cast(routing.Role, p.role))
        for p in posts
    )
    members = {duty.staff_id: routing.Member(duty.staff_id) for duty in duties}
    classes = sorted({duty.class_id for duty in duties if duty.class_id})
    return routing.lacking(routing.Roster(members, duties), classes, ANY_DAY)


def _leave(session: Session, staff_id: str, now: datetime) -> None:
    member = staff.get(session, staff_id, lock=True)
    end_links(session, member)
    # who comes back in a later year is confirmed anew
    member.left_at, member.confirmed_at = now, None
    for other in session.scalars(select(Staff).where(Staff.stand_in_id == staff_id)):
        other.stand_in_id = None


def _put_staff(session: Session, code: str, name: str) -> None:
    member = session.scalar(select(Staff).where(Staff.code == code).with_for_update())
    if member is not None and not share_a_word(name, staff.view(session, member).name):
        # reports, cards and accusations stay with who had the code before
        member.code = f"{code}~{member.id[:8]}"
        session.flush()
        member = None
    if member is None:
        row_id = new_id()
        sealed = seal(session, name, staff.NAME, row_id)
        session.add(Staff(id=row_id, code=code, name_sealed=sealed))
    else:
        member.name_sealed = seal(session, name, staff.NAME, member.id)
        member.left_at = None
    session.flush()


def _put_classes(session: Session, roster: RosterFile, now: datetime) -> None:
    wanted = {label_key(line.label): line.label for line in roster.classes}
    for row in _classes(session):
        if row.label_key not in wanted:
            empty(session, row.id, now)
            row.archived_at = now
    rows = {row.label_key: row for row in session.scalars(select(SchoolClass))}
    for key, label in wanted.items():
        if key in rows:
            rows[key].label, rows[key].archived_at = label, None
        else:
            session.add(SchoolClass(id=new_id(), label=label, label_key=key))
    session.flush()


def _put_posts(session: Session, roster: RosterFile) -> None:
    ids = {row.code: row.id for row in session.scalars(select(Staff))}
    classes = {row.label_key: row.id for row in session.scalars(select(SchoolClass))}
    for change in _posts_in(roster):
        session.add(
            Post(
                class_id=classes[label_key(change.label)] if change.label else None,
                staff_id=ids[change.code],
                role=change.role,
                rank=change.rank,
            )
        )
    session.flush()


def _classes(session: Session) -> list[SchoolClass]:
    query = select(SchoolClass).where(SchoolClass.archived_at.is_(None))
    return list(session.scalars(query.order_by(SchoolClass.label_key).with_for_update()))


def _posts_now(session: Session) -> list[PostChange]:
    query = (
        select(SchoolClass.label, Post.role, Staff.code, Post.rank)
        .join(Staff, Staff.id == Post.staff_id)
        .outerjoin(SchoolClass, SchoolClass.id == Post.class_id)
        .where(or_(Post.class_id.is_(None), SchoolClass.archived_at.is_(None)))
        .order_by(SchoolClass.label_key, Post.role, Post.rank)
    )
    return [PostChange(*row) for row in session.execute(query)]


def _posts_in(roster: RosterFile) -> list[PostChange]:
    def changes(label: str | None, posts: Iterable[PostLine]) -> list[PostChange]:
        return [PostChange(label, post.role, post.code, post.rank) for post in posts]

    of_classes = (change for line in roster.classes for change in changes(line.label, line.posts))
    return [*of_classes, *changes(None, roster.school)]


def _has_open_report(session: Session, class_id: str) -> bool:
    query = select(Report.id).where(Report.class_id == class_id, Report.state.in_(OPEN))
    return session.scalar(query.limit(1)) is not None
