"""The staff of the school and the case of a report, read for routing."""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import routing
from storage.routing import Case, Duty, Member, Role, Roster, Route
from storage.tables import Accused, Post, Report, SchoolClass, Staff

CLASSES: Final = 100
"""Of how many classes the staff is looked at together: a school of any size fits in memory."""


def is_active(staff: Staff) -> bool:
    """Tell whether this person has access: confirmed, not revoked, not left."""
    confirmed = staff.confirmed_at is not None and staff.telegram_id is not None
    return confirmed and staff.revoked_at is None and staff.left_at is None


def roster_of(session: Session) -> Roster:
    """Return all staff with their posts."""
    members = {each.id: _member(each) for each in session.scalars(select(Staff))}
    return Roster(members, _duties(session))


def roster_for(session: Session, case: Case) -> Roster:
    """Return the part of the staff that may matter to one case: what it decides is the same.

    The posts of its class and of the school (without a class: also all coordinators), and who
    stands in for whom.
    """
    scope = or_(Post.class_id == case.class_id, Post.class_id.is_(None))
    if case.class_id is None:
        scope = or_(Post.class_id.is_(None), Post.role == "coordinator")
    return _roster(session, scope)


def _roster(session: Session, scope: ColumnElement[bool]) -> Roster:
    """Return who has the posts in ``scope``, and all who stand in for them."""
    duties = _duties(session, scope)
    members: dict[str, Member] = {}
    wanted = {each.staff_id for each in duties}
    while wanted:
        found = session.scalars(select(Staff).where(Staff.id.in_(wanted)))
        members |= {each.id: _member(each) for each in found}
        stand_ins = {each.stand_in_id for each in members.values() if each.stand_in_id}
        wanted = stand_ins - members.keys()
    return Roster(members, duties)


def member_of(session: Session, staff_id: str) -> Member:
    """Return one member of staff as routing sees them."""
    return _member(session.get_one(Staff, staff_id))


def case_of(session: Session, report: Report) -> Case:
    """Return what decides the route of a stored report."""
    route = cast(Route, report.route)
    return Case(report.class_id, route, accused_of(session, report.id), report.picked_id)


def accused_of(session: Session, report_id: str) -> frozenset[str]:
    """Return the ids of the staff whom a report is about."""
    found = session.scalars(select(Accused.staff_id).where(Accused.report_id == report_id))
    return frozenset(found)


def dead_ends(session: Session, now: datetime) -> tuple[str, ...]:
    """Return the labels of the classes in which some report would reach nobody now."""
    query = select(SchoolClass.id, SchoolClass.label).where(SchoolClass.archived_at.is_(None))
    labels = {row.id: row.label for row in session.execute(query)}
    ids, found = list(labels), []
    for start in range(0, len(ids), CLASSES):
        some = ids[start : start + CLASSES]
        roster = _roster(session, or_(Post.class_id.in_(some), Post.class_id.is_(None)))
        found += [labels[each] for each in routing.dead_ends(roster, some, now)]
    return tuple(sorted(found))


def _duties(session: Session, *scope: ColumnElement[bool]) -> tuple[Duty, ...]:
    posts = session.scalars(select(Post).where(*scope))
    return tuple(Duty(p.class_id, p.staff_id, cast(Role, p.role), p.rank) for p in posts)


def _member(staff: Staff) -> Member:
    reachable = is_active(staff) and staff.unreachable_since is None
    return Member(staff.id, reachable, staff.absent_from, staff.absent_until, staff.stand_in_id)
