"""What the administrator sees: lists without content, an export with a reason, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import case, exists, func, literal, select
from sqlalchemy.orm import Session

from storage import authority, dossier, events
from storage.authority import OPEN
from storage.sealing import seal
from storage.tables import Export, Recipient, RemovedReport, Report, SchoolClass, new_id

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
    holding = Recipient.ended_at.is_(None), Recipient.failed_at.is_(None)
    query = (
        select(
            Report.number,
            Report.state,
            authority.is_about_staff(),
            Report.urgent,
            Report.rule,
            SchoolClass.label,
            Report.created_at,
            Report.escalations,
            exists().where(Recipient.report_id == Report.id, *holding),
        )
        .outerjoin(SchoolClass, SchoolClass.id == Report.class_id)
        .order_by(Report.created_at, Report.number)
    )
    if open_only:
        query = query.where(Report.state.in_(OPEN))
    return tuple(_line(*row) for row in session.execute(query))


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
    rule_shown = case((authority.is_about_staff(), None), else_=Report.rule).label("shown")
    kept = (
        select(rule_shown, Report.state, func.count()).where(*made).group_by("shown", Report.state)
    )
    removed = (
        select(RemovedReport.rule, literal("removed"), func.count())
        .where(RemovedReport.created_on >= start.date(), RemovedReport.created_on < end.date())
        .group_by(RemovedReport.rule)
    )
    rules: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for query in (kept, removed):
        for rule, state, count in session.execute(query):
            rules[rule or "none"] += count
            states["open" if state in OPEN else state] += count
    total = rules.total()
    by_rule, by_state = _shown(rules), _shown(states)
    return Stats(school_year, total if total >= FEWEST else None, by_rule, by_state)


def _shown(labels: Iterable[str] | Mapping[str, int]) -> dict[str, int]:
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


def _line(
    number: str,
    state: str,
    about_staff: bool,
    urgent: bool,
    rule: str | None,
    label: str | None,
    created_at: datetime,
    escalations: int,
    in_hands: bool,
) -> OverviewLine:
    return OverviewLine(
        number,
        state,
        bool(about_staff),
        None if about_staff else urgent,
        None if about_staff else rule,
        None if about_staff else label,
        created_at,
        escalations,
        bool(in_hands),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
