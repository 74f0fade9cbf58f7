"""The staff of the school and the case of a report, read for routing."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import routing
from storage.routing import Case, Duty, Member, Role, Roster, Route
from storage.tables import Accused, Post, Report, SchoolClass, Staff


def is_active(staff: Staff) -> bool:
    """Tell whether this person has access: confirmed, not revoked, not left."""
    confirmed = staff.confirmed_at is not None and staff.telegram_id is not None
    return confirmed and staff.revoked_at is None and staff.left_at is None


def roster_of(session: Session) -> Roster:
    """Return all staff with their posts."""
    members = {each.id: _member(each) for each in session.scalars(select(Staff))}
    posts = session.scalars(select(Post))
    duties = (Duty(p.class_id, p.staff_id, cast(Role, p.role), p.rank) for p in posts)
    return Roster(members, tuple(duties))


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
    return tuple(
        sorted(labels[each] for each in routing.dead_ends(roster_of(session), labels, now))
    )


def _member(staff: Staff) -> Member:
    reachable = is_active(staff) and staff.unreachable_since is None
    return Member(staff.id, reachable, staff.absent_from, staff.absent_until, staff.stand_in_id)
