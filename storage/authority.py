"""Who may do what with a report: one table, and the one way to a report's row.

The answer is the same for a report that does not exist and for one that is not yours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from storage.errors import NotAllowed, NotNow
from storage.snapshot import accused_of, is_active
from storage.tables import Accused, Person, Recipient, Report, Staff

Relation = Literal["reporter", "recipient", "owner", "bystander", "administrator", "outsider"]
Action = Literal[
    "see_own",
    "add",
    "correct",
    "withdraw",
    "reopen",
    "see",
    "open",
    "take",
    "reply",
    "hand_over",
    "close",
    "list",
    "export",
]

UNREAD: Final = frozenset({"sent", "delivered"})
OPEN: Final = UNREAD | {"read", "working"}
CLOSED: Final = frozenset({"closed"})
ALL: Final = OPEN | CLOSED | {"withdrawn"}
NEVER: Final[frozenset[str]] = frozenset()  # this relation fits, but a colleague has it: NotNow

# recipient: has it, nobody owns it · bystander: has it, a colleague owns it
# administrator: of a report about pupils · outsider: an administrator, of a report about staff
TABLE: Final[Mapping[Action, Mapping[Relation, frozenset[str]]]] = {
    "see_own": {"reporter": ALL},
    "add": {"reporter": OPEN},
    "correct": {"reporter": UNREAD},
    "withdraw": {"reporter": UNREAD},
    "reopen": {"reporter": CLOSED},
    "see": {"recipient": OPEN | CLOSED, "owner": OPEN | CLOSED, "bystander": OPEN | CLOSED},
    "open": {"recipient": OPEN, "owner": OPEN, "bystander": OPEN},
    "take": {"recipient": OPEN, "owner": OPEN, "bystander": NEVER},
    "reply": {"recipient": OPEN, "owner": OPEN, "bystander": NEVER},
    "hand_over": {"recipient": OPEN, "owner": OPEN, "bystander": NEVER},
    "close": {"recipient": OPEN, "owner": OPEN, "bystander": NEVER},
    "list": {"administrator": ALL, "outsider": ALL},
    "export": {"administrator": ALL},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to act. Holds rows, so it stays in this room and in this transaction."""

    report: Report
    relation: Relation
    person: Person | None = None
    staff: Staff | None = None

    @property
    def actor(self) -> Staff:
        """The member of staff who acts."""
        if self.staff is None:
            raise NotAllowed("not for you")
        return self.staff


def require(session: Session, telegram_id: int, report_id: str, action: Action) -> Grant:
    """Return leave for the account to do ``action``, with the report's row locked.

    Raises NotAllowed when this is not theirs to do (or does not exist), NotNow when the state of
    the report, or a colleague who has it, stands in the way.
    """
    report = session.scalar(select(Report).where(Report.id == report_id).with_for_update())
    if report is None:
        raise NotAllowed("not for you")
    if "reporter" in TABLE[action]:
        grant = _of_pupil(session, telegram_id, report)
    else:
        grant = _of_staff(session, telegram_id, report)
    return _checked(grant, action)


def require_admin(session: Session, number: str, action: Action) -> Grant:
    """Return leave for the administrator at the command line; raises as ``require`` does."""
    query = select(Report).where(Report.number == number)
    report = session.scalar(query.with_for_update())
    if report is None:
        raise NotAllowed("not for you")
    return _checked(Grant(report, admin_relation(session, report)), action)


def admin_relation(session: Session, report: Report) -> Relation:
    """Return what an administrator is to a report: of one about staff an outsider."""
    about_staff = report.route != "class" or report.steps == "staff"
    if about_staff or accused_of(session, report.id):
        return "outsider"
    return "administrator"


def is_about_staff() -> ColumnElement[bool]:
    """Tell in SQL of which reports an administrator is an outsider; as ``admin_relation`` does."""
    named = exists().where(Accused.report_id == Report.id)
    return or_(Report.route != "class", Report.steps == "staff", named)


def active_staff(session: Session, telegram_id: int) -> Staff:
    """Return the member of staff behind an account; NotAllowed when there is none with access."""
    staff = session.scalar(select(Staff).where(Staff.telegram_id == telegram_id))
    if staff is None or not is_active(staff):
        raise NotAllowed("not for you")
    return staff


def _of_pupil(session: Session, telegram_id: int, report: Report) -> Grant | None:
    person = session.get_one(Person, report.person_id)
    return Grant(report, "reporter", person) if person.telegram_id == telegram_id else None


def _of_staff(session: Session, telegram_id: int, report: Report) -> Grant | None:
    staff = active_staff(session, telegram_id)
    if staff.id in accused_of(session, report.id):
        return None
    received = session.scalar(
        select(Recipient.id).where(
            Recipient.report_id == report.id,
            Recipient.staff_id == staff.id,
            Recipient.ended_at.is_(None),
            Recipient.failed_at.is_(None),
        )
    )
    if received is None:
        return None
    if report.owner_id is None:
        return Grant(report, "recipient", staff=staff)
    owns = report.owner_id == staff.id
    return Grant(report, "owner" if owns else "bystander", staff=staff)


def _checked(grant: Grant | None, action: Action) -> Grant:
    if grant is None or grant.relation not in TABLE[action]:
        raise NotAllowed("not for you")
    if grant.report.state not in TABLE[action][grant.relation]:
        raise NotNow("the report is past that step, or a colleague has it")
    return grant


def allowed(report: Report, relation: Relation) -> frozenset[str]:
    """Return the actions that fit this relation and the report's state now."""
    return frozenset(
        action
        for action, relations in TABLE.items()
        if report.state in relations.get(relation, NEVER)
    )
