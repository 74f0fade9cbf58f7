"""Making a report and finding it again: preview, submit, the lists and the page of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from storage import authority, claims, counters, dispatch, dossier, events, limits, people, routing
from storage.authority import OPEN
from storage.dossier import ReportView
from storage.errors import NotNow
from storage.policy import Policy
from storage.receivers import ReceiverView, named
from storage.routing import Case, Receiver, Route
from storage.snapshot import case_of, roster_for
from storage.tables import (
    Accused,
    Draft,
    Person,
    Recipient,
    Report,
    SchoolClass,
    Staff,
    new_id,
)


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a pupil wants to report. ``accused``: ids of the staff whom it is about.

    ``class_id`` None: does not know. ``steps``: rule, crisis, home, sexual or staff. ``picked``: a
    mentor whom the pupil chose although the report is about another mentor.
    """

    what: str = field(repr=False)
    class_id: str | None = None
    rule: str | None = None
    steps: str = "rule"
    urgent: bool = False
    route: Route = "class"
    accused: frozenset[str] = frozenset()
    picked: str | None = None
    app: str | None = field(default=None, repr=False)
    when: str | None = field(default=None, repr=False)
    who: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would get a report now. ``pickable``: mentors of the class whom it is not about."""

    receivers: tuple[ReceiverView, ...]
    pickable: tuple[ReceiverView, ...]
    blocked_until: datetime | None
    """Until when this account is over its limit; does not count for an urgent report."""

    @property
    def reachable(self) -> bool:
        """Tell whether anybody can be reached."""
        return bool(self.receivers)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A stored report. Not ``reachable``: nobody could be reached, the administrator knows."""

    id: str
    number: str
    urgent: bool
    over_limit: bool
    receivers: tuple[ReceiverView, ...]

    @property
    def reachable(self) -> bool:
        """Tell whether somebody gets it."""
        return bool(self.receivers)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One of a pupil's own reports in a list, without words."""

    id: str
    number: str
    state: str
    urgent: bool
    rule: str | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A report in the list of staff who have it: no words, no name. ``mine``: they own it."""

    id: str
    number: str
    state: str
    urgent: bool
    class_label: str | None
    created_at: datetime
    due_at: datetime | None
    escalations: int
    mine: bool
    taken: bool
    """Somebody, this person or a colleague, owns it."""


def preview(
    session: Session, telegram_id: int, new: NewReport, policy: Policy, now: datetime
) -> Preview:
    """Return who would get ``new``, by name and role, before anything is stored."""
    case = Case(new.class_id, new.route, new.accused, new.picked)
    roster = roster_for(session, case)
    pickable = routing.pickable(roster, case, now) if routing.skips_mentors(roster, case) else ()
    return Preview(
        named(session, routing.first(roster, case, now)),
        named(session, pickable),
        limits.until(session, telegram_id, policy, now),
    )


def submit(
    session: Session,
    telegram_id: int,
    new: NewReport,
    policy: Policy,
    now: datetime,
    *,
    draft_version: int | None = None,
    update_id: int | None = None,
) -> Submitted:
    """Store a report with its number, recipients, events and delivery orders, and end its draft.

    The same update again returns the first result. Raises TooMany over the limit (urgent ones are
    marked instead), NotNow when the account gave no name, when the draft of ``draft_version`` was
    changed, sent or dropped meanwhile, or when a repeat finds nothing. Nobody to reach is no error.
    """
    claims.lock(session, telegram_id)
    person = people.row(session, telegram_id)
    if person is None or person.name_sealed is None:
        raise NotNow("a report needs a name")
    if not claims.claim(session, update_id, now):
        return _earlier(session, person, update_id)
    if draft_version is not None:
        _end_draft(session, telegram_id, draft_version)
    over_limit = limits.check(session, telegram_id, policy, now, urgent=new.urgent)
    report = _store(session, person, new, now, over_limit, update_id)
    case = case_of(session, report)
    receivers = routing.first(roster_for(session, case), case, now)
    if receivers:
        dispatch.hand_out(session, report, receivers, policy, now)
    else:
        dispatch.nobody(session, report, policy, now)
    return _submitted(session, report, receivers)


def earlier(session: Session, telegram_id: int, update_id: int) -> Submitted | None:
    """Return what this update submitted before, when only its answer got lost."""
    person = people.row(session, telegram_id)
    try:
        return _earlier(session, person, update_id) if person else None
    except NotNow:
        return None


def mine(session: Session, telegram_id: int) -> tuple[OwnLine, ...]:
    """Return the reports that an account made, newest first."""
    query = select(Report).join(Person, Person.id == Report.person_id)
    query = query.where(Person.telegram_id == telegram_id).order_by(Report.created_at.desc())
    return tuple(
        OwnLine(r.id, r.number, r.state, r.urgent, r.rule, r.created_at, r.closed_at)
        for r in session.scalars(query)
    )


def open_for(session: Session, telegram_id: int) -> tuple[StaffLine, ...]:
    """Return the open reports that a member of staff has, urgent and old first.

    Raises NotAllowed for an account without access.
    """
    staff = authority.active_staff(session, telegram_id)
    about = exists().where(Accused.report_id == Report.id, Accused.staff_id == staff.id)
    query = (
        select(Report)
        .join(Recipient, Recipient.report_id == Report.id)
        .where(
            Recipient.staff_id == staff.id,
            Recipient.is_over.is_(None),
            Recipient.ended_at.is_(None),
            Recipient.failed_at.is_(None),
            Report.state.in_(OPEN),
            ~about,
        )
        .order_by(Report.urgent.desc(), Report.created_at)
    )
    return tuple(_line(session, report, staff) for report in session.scalars(query))


def one(session: Session, telegram_id: int, report_id: str) -> ReportView:
    """Return a report to staff who have it; reading it is ``casework.open_report``.

    Raises NotAllowed.
    """
    return dossier.view(session, authority.require(session, telegram_id, report_id, "see"))


def own(session: Session, telegram_id: int, report_id: str) -> ReportView:
    """Return a report to the pupil who made it; raises NotAllowed."""
    return dossier.view(session, authority.require(session, telegram_id, report_id, "see_own"))


def _store(
    session: Session,
    person: Person,
    new: NewReport,
    now: datetime,
    over_limit: bool,
    update_id: int | None,
) -> Report:
    number = counters.next_value(session, f"reports-{now.year}")
    report = Report(
        id=new_id(),
        number=f"M-{now.year}-{number:04d}",
        person_id=person.id,
        class_id=new.class_id,
        rule=new.rule,
        steps=new.steps,
        urgent=new.urgent,
        over_limit=over_limit,
        route=new.route,
        picked_id=new.picked,
        update_id=update_id,
        state="sent",
        escalations=0,
        created_at=now,
        touched_at=now,
    )
    for word in dossier.WORDS:
        dossier.write(session, report, word, getattr(new, word))
    session.add(report)
    session.flush()
    session.add_all(Accused(report_id=report.id, staff_id=each) for each in sorted(new.accused))
    session.flush()
    detail = "over_limit" if over_limit else None
    events.record(session, report.id, "sent", now, actor="pupil", actor_id=person.id, detail=detail)
    return report


def _end_draft(session: Session, telegram_id: int, version: int) -> None:
    gone = delete(Draft).where(Draft.telegram_id == telegram_id, Draft.version == version)
    if session.scalar(gone.returning(Draft.telegram_id)) is None:
        raise NotNow("the draft was changed, sent or dropped meanwhile")


def _earlier(session: Session, person: Person, update_id: int | None) -> Submitted:
    query = select(Report).where(Report.person_id == person.id, Report.update_id == update_id)
    report = session.scalar(query.order_by(Report.created_at.desc()).limit(1))
    if report is None:
        raise NotNow("handled before")
    holders = select(Recipient).where(Recipient.report_id == report.id)
    receivers = (
        Receiver(each.staff_id, each.role)  # type: ignore[arg-type]
        for each in session.scalars(holders.order_by(Recipient.added_at, Recipient.id))
        if each.ended_at is None and each.failed_at is None
    )
    return _submitted(session, report, tuple(receivers))


def _submitted(session: Session, report: Report, receivers: tuple[Receiver, ...]) -> Submitted:
    return Submitted(
        report.id, report.number, report.urgent, report.over_limit, named(session, receivers)
    )


def _line(session: Session, report: Report, staff: Staff) -> StaffLine:
    label = session.get_one(SchoolClass, report.class_id).label if report.class_id else None
    return StaffLine(
        report.id,
        report.number,
        report.state,
        report.urgent,
        label,
        report.created_at,
        report.due_at,
        report.escalations,
        mine=report.owner_id == staff.id,
        taken=report.owner_id is not None,
    )
