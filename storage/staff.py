"""Members of staff: who they are, what they do, and whether they can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.orm import Session

from storage.database import vault_of
from storage.errors import NotAllowed, NotNow
from storage.names import fold
from storage.sealing import unseal
from storage.snapshot import is_active
from storage.tables import Person, Post, RosterVersion, SchoolClass, Staff

NAME = "staff.name_sealed"
_ROSTER = select(
    *(column for column in Staff.__table__.columns if column.key != "buzzed_at")
).order_by(Staff.code)
_POSTS = (
    select(Post.staff_id, Post.role, Post.class_id, SchoolClass.label, Post.rank)
    .outerjoin(SchoolClass, SchoolClass.id == Post.class_id)
    .order_by(SchoolClass.label, Post.role, Post.rank)
)
_VERSION = select(RosterVersion.version)
_VERSION_AND_CLASS = select(
    _VERSION.scalar_subquery(),
    select(Person.class_id).where(Person.telegram_id == bindparam("who")).scalar_subquery(),
)
ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class PostView:
    """A role (mentor, deputy, coordinator, confidential, board); no class: the whole school."""

    role: str
    class_id: str | None
    class_label: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff as the rest of the program sees it."""

    id: str
    code: str
    name: str = field(repr=False)
    telegram_id: int | None
    posts: tuple[PostView, ...]
    active: bool
    """Confirmed by the administrator, not revoked, not left."""
    waiting: bool
    """Opened a link and waits for the administrator."""
    confirmed_at: datetime | None
    revoked_at: datetime | None
    left_at: datetime | None
    unreachable_since: datetime | None
    absent_from: datetime | None
    absent_until: datetime | None
    stand_in_id: str | None

    def holds(self, role: str, class_id: str | None) -> bool:
        """Tell whether this person has ``role`` for exactly this class (or the school)."""
        return any(post.role == role and post.class_id == class_id for post in self.posts)

    def classes(self, *roles: str) -> tuple[str, ...]:
        """Return the ids of the classes for which this person has one of ``roles``."""
        found = (p.class_id for p in self.posts if p.role in roles and p.class_id)
        return tuple(dict.fromkeys(found))


def by_telegram(session: Session, telegram_id: int) -> StaffView | None:
    """Return the member of staff behind an account, when confirmed, not revoked and not left."""
    member = session.scalar(select(Staff).where(Staff.telegram_id == telegram_id))
    return view(session, member) if member is not None and is_active(member) else None


def by_id(session: Session, staff_id: str) -> StaffView | None:
    """Return the member of staff with this id, whatever their standing."""
    member = session.get(Staff, staff_id)
    return None if member is None else view(session, member)


def by_code(session: Session, code: str) -> StaffView | None:
    """Return the member of staff with this school abbreviation, in any case."""
    member = session.scalar(select(Staff).where(Staff.code == code.strip().upper()))
    return None if member is None else view(session, member)


def by_name(session: Session, name: str) -> tuple[StaffView, ...]:
    """Return the staff of the present roster with this name or code; several may share a name."""
    wanted = fold(name)
    return tuple(each for each in everyone(session) if wanted in (fold(each.name), fold(each.code)))


def everyone(session: Session, *, also_left: bool = False) -> tuple[StaffView, ...]:
    """Return all staff of the present roster, by code."""
    query = _ROSTER if also_left else _ROSTER.where(Staff.left_at.is_(None))
    posts = _posts_of_all(session)
    found = session.execute(query)
    return tuple(_seen(session, row, posts.get(row.id, [])) for row in found)


def seen_by(
    session: Session, telegram_id: int, class_id: str | None = None
) -> tuple[str | None, tuple[StaffView, ...]]:
    """Return the class of an account (``class_id``, else its own) and all staff.

    Every step of a report asks this, so the staff come from memory while the database's version
    of the roster is the one that they were read at.
    """
    version, own = session.execute(_VERSION_AND_CLASS, {"who": telegram_id}).one()
    return class_id or own, _everyone_at(session, version)


def check_names(session: Session, most: int = 100) -> None:
    """Open some names; raises SealBroken, or KeyProblem when they need a key that is not set."""
    for member in session.scalars(select(Staff).order_by(Staff.id).limit(most)):
        unseal(session, member.name_sealed, NAME, member.id)


def of_class(session: Session, class_id: str) -> tuple[StaffView, ...]:
    """Return the staff who have a post for a class, by rank, whatever their standing."""
    query = select(Post.staff_id).where(Post.class_id == class_id)
    ids = dict.fromkeys(session.scalars(query.order_by(Post.role, Post.rank)))
    return tuple(view(session, get(session, staff_id)) for staff_id in ids)


def unreachable(session: Session) -> int:
    """Return how many of the present roster with a post a report cannot reach.

    They never joined, are not confirmed, lost access or blocked the bot.
    """
    here = (
        Staff.confirmed_at.is_not(None),
        Staff.telegram_id.is_not(None),
        Staff.revoked_at.is_(None),
    )
    reached = and_(*here, Staff.unreachable_since.is_(None))
    posted = exists().where(Post.staff_id == Staff.id)
    query = select(func.count(Staff.id)).where(Staff.left_at.is_(None), posted, ~reached)
    return session.scalar(query) or 0


def set_absent(
    session: Session,
    staff_id: str,
    start: datetime,
    until: datetime | None,
    stand_in_id: str | None,
) -> StaffView:
    """Say that somebody is away from ``start`` until ``until`` (None: until further notice).

    Raises NotNow when the dates are reversed, or the stand-in is no active colleague or would in
    the end be replaced by this same person.
    """
    member = get(session, staff_id, lock=True)
    if until is not None and until <= start:
        raise NotNow("the absence ends before it starts")
    if stand_in_id is not None:
        _check_stand_in(session, staff_id, stand_in_id)
    member.absent_from, member.absent_until, member.stand_in_id = start, until, stand_in_id
    return view(session, member)


def set_present(session: Session, staff_id: str) -> StaffView:
    """End an absence."""
    member = get(session, staff_id, lock=True)
    member.absent_from = member.absent_until = member.stand_in_id = None
    return view(session, member)


def mark_unreachable(session: Session, telegram_id: int, now: datetime) -> StaffView | None:
    """Remember since when staff cannot be written to; None when the account is not staff's."""
    member = _of_account(session, telegram_id)
    if member is None:
        return None
    member.unreachable_since = member.unreachable_since or now
    return view(session, member)


def mark_reachable(session: Session, telegram_id: int) -> None:
    """Forget that staff could not be written to."""
    member = _of_account(session, telegram_id)
    if member is not None:
        member.unreachable_since = None


def get(session: Session, staff_id: str, *, lock: bool = False) -> Staff:
    """Return the row of a member of staff, for this room only; raises NotAllowed."""
    member = session.get(Staff, staff_id, with_for_update=lock, populate_existing=lock)
    if member is None:
        raise NotAllowed("no such member of staff")
    return member


def _everyone_at(session: Session, version: str | None) -> tuple[StaffView, ...]:
    """Return ``everyone``, read only when ``version`` is not the one in memory.

    What was read is remembered when the version is the same after it: then no other transaction
    came in between. One that is rolled back harms nothing, as its version never comes again.
    """
    opened = vault_of(session).opened
    known, members = opened.get(ROSTER, (None, ()))
    if version is None or version != known:
        members = everyone(session)
        if version is not None and session.scalar(_VERSION) == version:
            opened[ROSTER] = version, members
    return members


def view(session: Session, member: Staff) -> StaffView:
    """Return ``member`` as the rest of the program sees it."""
    return _seen(session, member, _posts(session, member.id))


def _seen(session: Session, member: Any, posts: Sequence[PostView]) -> StaffView:
    return StaffView(
        id=member.id,
        code=member.code,
        name=unseal(session, member.name_sealed, NAME, member.id),
        telegram_id=member.telegram_id,
        posts=tuple(posts),
        active=is_active(member),
        waiting=member.claimed_telegram_id is not None,
        confirmed_at=member.confirmed_at,
        revoked_at=member.revoked_at,
        left_at=member.left_at,
        unreachable_since=member.unreachable_since,
        absent_from=member.absent_from,
        absent_until=member.absent_until,
        stand_in_id=member.stand_in_id,
    )


def _posts(session: Session, staff_id: str) -> tuple[PostView, ...]:
    found = session.execute(_POSTS.where(Post.staff_id == staff_id))
    return tuple(PostView(*row[1:]) for row in found)


def _posts_of_all(session: Session) -> dict[str, list[PostView]]:
    found: dict[str, list[PostView]] = {}
    for row in session.execute(_POSTS):
        found.setdefault(row[0], []).append(PostView(*row[1:]))
    return found


def _of_account(session: Session, telegram_id: int) -> Staff | None:
    query = select(Staff).where(Staff.telegram_id == telegram_id)
    return session.scalar(query.with_for_update())


def _check_stand_in(session: Session, staff_id: str, stand_in_id: str) -> None:
    stand_in = get(session, stand_in_id)
    if not is_active(stand_in):
        raise NotNow("the stand-in has no access")
    seen = {staff_id}
    following: str | None = stand_in_id
    while following is not None:
        if following in seen:
            raise NotNow("the stand-ins go round in a circle")
        seen.add(following)
        following = get(session, following).stand_in_id
