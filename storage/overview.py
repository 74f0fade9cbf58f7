"""What the administrator sees: lists without content, an export with a reason, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import authority, dossier, events, orders
from storage.authority import OPEN
from storage.sealing import seal
from storage.tables import Export, RemovedReport, Report, SchoolClass, new_id

FEWEST: Final = 5  # a smaller count could point at a person
YEAR_STARTS: Final = 8  # the school year runs from August


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """A report without content. ``about_staff``: then class, rule and urgency are hidden."""

    number: str
    state: str
    about_staff: bool
    urgent: bool | None
    rule: str | None
    class_label: str | None
    created_at: datetime
    escalations: int
    in_hands: bool
    """Somebody has it."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of one school year. What is small is hidden: a total of None, a label left out.

    A label that is left out may also never have occurred: that too would tell something.
    """

    school_year: int
    total: int | None
    by_rule: Mapping[str, int]
    by_state: Mapping[str, int]


def list_reports(session: Session, *, open_only: bool = False) -> tuple[OverviewLine, ...]:
    """Return all reports, oldest first, without a word of them."""
    query = select(Report).order_by(Report.created_at, Report.number)
    if open_only:
        query = query.where(Report.state.in_(OPEN))
    return tuple(_line(session, report) for report in session.scalars(query))


def export(session: Session, number: str, reason: str, now: datetime) -> dict[str, Any]:
    """Return a report as data for JSON; that it was exported, and why, stays on record.

    Raises NotAllowed for an unknown number and for a report about staff, ValueError without reason.
    """
    if not reason.strip():
        raise ValueError("an export needs a reason")
    grant = authority.require_admin(session, number, "export")
    report = grant.report
    export_id = new_id()
    sealed = seal(session, reason, "exports.reason_sealed", export_id)
    session.add(Export(id=export_id, report_id=report.id, reason_sealed=sealed, at=now))
    events.record(session, report.id, "exported", now, actor="admin")
    shown = asdict(dossier.view(session, grant))
    for inner in ("id", "relation", "may", "due_at"):
        del shown[inner]
    steps = [
        {"what": e.what, "actor": e.actor, "detail": e.detail, "at": e.at}
        for e in events.history(session, report.id)
    ]
    plain: dict[str, Any] = _plain(shown | {"events": steps})
    return plain


def stats(session: Session, school_year: int) -> Stats:
    """Return counts of reports made from August ``school_year`` to July, removed ones included.

    Only whole school years: two periods that differ a little would give away the difference.
    Counts under five are hidden, and so many others that they cannot be computed. Reports about
    staff count among those without a rule: the list does not name their rule either, so counting
    it here would give it away.
    """
    start = datetime(school_year, YEAR_STARTS, 1, tzinfo=UTC)
    end = datetime(school_year + 1, YEAR_STARTS, 1, tzinfo=UTC)
    made = Report.created_at >= start, Report.created_at < end
    kept = session.scalars(select(Report).where(*made)).all()
    removed = session.scalars(
        select(RemovedReport.rule).where(
            RemovedReport.created_on >= start.date(), RemovedReport.created_on < end.date()
        )
    ).all()
    rules = [_rule_shown(session, report) for report in kept] + [rule or "none" for rule in removed]
    states = ["open" if report.state in OPEN else report.state for report in kept]
    states += ["removed" for _ in removed]
    total = len(rules)
    by_rule, by_state = _shown(rules), _shown(states)
    return Stats(school_year, total if total >= FEWEST else None, by_rule, by_state)


def _rule_shown(session: Session, report: Report) -> str:
    about_staff = authority.admin_relation(session, report) == "outsider"
    return "none" if about_staff else report.rule or "none"


def _shown(labels: Iterable[str]) -> dict[str, int]:
    """Count labels; leave out small counts, and more, until what is hidden adds up to enough.

    The total is known, so hidden counts that add up to less than five, or a single one, would show.
    """
    counts = Counter(labels)
    hidden = {label for label, count in counts.items() if count < FEWEST}
    for label, _ in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        enough = sum(counts[each] for each in hidden) >= FEWEST and len(hidden) > 1
        if not hidden or enough:
            break
        hidden.add(label)
    return {label: counts[label] for label in sorted(counts) if label not in hidden}


def _line(session: Session, report: Report) -> OverviewLine:
    about_staff = authority.admin_relation(session, report) == "outsider"
    label = session.get_one(SchoolClass, report.class_id).label if report.class_id else None
    return OverviewLine(
        report.number,
        report.state,
        about_staff,
        None if about_staff else report.urgent,
        None if about_staff else report.rule,
        None if about_staff else label,
        report.created_at,
        report.escalations,
        in_hands=bool(orders.live(session, report.id)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
