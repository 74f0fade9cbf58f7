"""What is kept no longer than its term. A report's end is announced, and never comes early.

A report goes only when it is closed or withdrawn, its term has passed, nothing happened to it for
thirty days, its end was announced a week before, and its cards are tombstones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, exists, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import cards, orders
from storage.authority import OPEN, admin_relation
from storage.database import words_removed
from storage.snapshot import accused_of, is_active
from storage.tables import (
    Accused,
    Attempt,
    Base,
    Card,
    Claim,
    ClassQuiz,
    Draft,
    Inbox,
    KeptQuestion,
    Message,
    Order,
    Person,
    Post,
    Progress,
    QuizPoll,
    QuizRound,
    Recipient,
    Reminder,
    RemovedReport,
    Report,
    Staff,
    StaffInvite,
)

NOTICE: Final = timedelta(days=7)
REST: Final = timedelta(days=30)
BATCH: Final = 1000
"""How much one transaction removes: the others wait no longer than that, however much there is."""


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long each kind is kept, from the moment that it is over."""

    closed: timedelta
    withdrawn: timedelta
    sent_orders: timedelta
    set_aside: timedelta
    claims: timedelta
    attempts: timedelta
    drafts: timedelta
    kept_questions: timedelta
    quiz_rounds: timedelta
    unseen_people: timedelta
    left_staff: timedelta = timedelta(days=730)


def announce(session: Session, terms: RetentionTerms, now: datetime, limit: int = 100) -> int:
    """Tell pupil and owner that a report goes in seven days; return for how many reports."""
    query = (
        select(Report)
        .where(Report.retention_notice_at.is_(None), _ended(terms, now + NOTICE))
        .order_by(Report.closed_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(session.scalars(query))
    for report in found:
        report.retention_notice_at = now
        session.flush()
        going = {"on": _goes_on(report, terms, now).isoformat()}
        orders.to_pupil(session, report, "retention_notice", now, detail=going)
        _tell_owner(session, report, going, now)
    return len(found)


def purgeable(
    session: Session, terms: RetentionTerms, now: datetime, limit: int = BATCH, skip: int = 0
) -> tuple[str, ...]:
    """Return the ids of the reports that may go, announced first; ``skip`` passes over the first.

    Those are the ones that ``purge_report`` left for a later time.
    """
    query = select(Report.id).where(_may_go(terms, now))
    query = query.order_by(Report.retention_notice_at, Report.id).offset(skip).limit(limit)
    return tuple(session.scalars(query))


def purge_report(session: Session, report_id: str, terms: RetentionTerms, now: datetime) -> bool:
    """Remove one report, leaving number, rule and dates; False when it may not go (yet).

    The first call orders tombstones for its cards; a later one, when they are out, removes it.
    """
    query = select(Report).where(Report.id == report_id, _may_go(terms, now))
    report = session.scalar(query.with_for_update())
    if report is None or cards.bury(session, report_id, now, pupil_too=True):
        return False
    waiting = select(Order.id).where(Order.report_id == report_id, Order.done_at.is_(None))
    if session.scalar(waiting.limit(1)):
        return False
    remove(session, report, f"term_{report.state}", now)
    return True


def purge_rest(
    session: Session, terms: RetentionTerms, now: datetime, limit: int = BATCH
) -> dict[str, int]:
    """Remove all else whose term has passed, up to ``limit`` of each kind; return how many.

    Where a count is ``limit`` there may be more: call it again.
    """
    kinds: dict[str, tuple[type[Base], ColumnElement[bool]]] = {
        "sent_orders": (Order, _before(Order.done_at, now - terms.sent_orders)),
        "set_aside": (Inbox, _before(Inbox.set_aside_at, now - terms.set_aside)),
        "claims": (Claim, _before(Claim.at, now - terms.claims)),
        "attempts": (Attempt, _before(Attempt.at, now - terms.attempts)),
        "drafts": (Draft, _before(Draft.updated_at, now - terms.drafts)),
        "kept_questions": (KeptQuestion, _before(KeptQuestion.at, now - terms.kept_questions)),
        "invites": (StaffInvite, _before(StaffInvite.expires_at, now)),
    }
    words_removed(session)
    counts = {kind: _delete(session, table, which, limit) for kind, (table, which) in kinds.items()}
    old_rounds = select(QuizRound.id).where(QuizRound.started_at < now - terms.quiz_rounds)
    counts["quiz_rounds"] = delete_rounds(session, list(session.scalars(old_rounds.limit(limit))))
    counts["class_quizzes"] = _delete_class_quizzes(session, now - terms.quiz_rounds, limit)
    counts["people"] = _delete_unseen(session, now - terms.unseen_people, limit)
    counts["left_staff"] = _delete_left(session, now - terms.left_staff)
    return counts


def _ended(terms: RetentionTerms, moment: datetime) -> ColumnElement[bool]:
    """Tell in SQL which reports are past their term at ``moment``; open ones never are.

    Said so that the database looks by the end of a report, of which few are that old, and not by
    its state, which most have.
    """
    kind = Report.closed_at.type
    last = case(
        (Report.state == "closed", literal(moment - terms.closed, kind)),
        (Report.state == "withdrawn", literal(moment - terms.withdrawn, kind)),
    )  # nothing for any other state
    return and_(
        Report.state.not_in(OPEN),
        Report.due_at.is_(None),
        Report.closed_at <= moment - min(terms.closed, terms.withdrawn),
        Report.closed_at <= last,
        or_(Report.state != "closed", Report.read_at.is_not(None)),
    )


def _may_go(terms: RetentionTerms, now: datetime) -> ColumnElement[bool]:
    return and_(
        _ended(terms, now),
        Report.touched_at <= now - REST,
        Report.retention_notice_at <= now - NOTICE,
    )


def _goes_on(report: Report, terms: RetentionTerms, now: datetime) -> date:
    term = terms.closed if report.state == "closed" else terms.withdrawn
    closed_at = report.closed_at or now
    return max(closed_at + term, report.touched_at + REST, now + NOTICE).date()


def _tell_owner(session: Session, report: Report, going: dict[str, Any], now: datetime) -> None:
    owner = session.get(Staff, report.owner_id) if report.owner_id else None
    if owner is None or owner.telegram_id is None or not is_active(owner):
        return
    if owner.id not in accused_of(session, report.id):
        orders.order(
            session,
            owner.telegram_id,
            "retention_notice",
            now,
            report_id=report.id,
            staff_id=owner.id,
            detail=going,
        )


def remove(session: Session, report: Report, reason: str, now: datetime) -> None:
    """Remove a report with all that belongs to it, leaving number, rule and dates.

    Of a report about staff not the rule: administrators may not know it.
    """
    session.add(
        RemovedReport(
            number=report.number,
            rule=None if admin_relation(session, report) == "outsider" else report.rule,
            created_on=report.created_at.date(),
            closed_on=report.closed_at.date() if report.closed_at else None,
            removed_on=now.date(),
            reason=reason,
        )
    )
    session.flush()
    for table in (Order, Card, Message, Recipient, Accused):
        session.execute(delete(table).where(table.report_id == report.id))
    words_removed(session)
    # its events go with it: only the database itself may remove them
    session.execute(delete(Report).where(Report.id == report.id))


def _before(column: InstrumentedAttribute[Any], moment: datetime) -> ColumnElement[bool]:
    return and_(column.is_not(None), column < moment)


def _delete(session: Session, table: type[Base], which: ColumnElement[bool], limit: int) -> int:
    key = table.__mapper__.primary_key[0]
    some = select(key).where(which).limit(limit)
    return len(session.execute(delete(table).where(key.in_(some)).returning(key)).all())


def delete_rounds(session: Session, ids: list[str]) -> int:
    """Remove quiz rounds with their polls; return how many rounds."""
    session.execute(delete(QuizPoll).where(QuizPoll.round_id.in_(ids)))
    session.execute(delete(QuizRound).where(QuizRound.id.in_(ids)))
    return len(ids)


def _delete_class_quizzes(session: Session, moment: datetime, limit: int) -> int:
    """Remove quizzes of classes of before ``moment``, when the rounds in them are gone."""
    played = exists().where(QuizRound.class_quiz_id == ClassQuiz.id)
    return _delete(session, ClassQuiz, and_(ClassQuiz.created_at < moment, ~played), limit)


def _delete_unseen(session: Session, moment: datetime, limit: int) -> int:
    """Remove accounts without reports, not seen since ``moment``, with what they learned."""
    reported = exists().where(Report.person_id == Person.id)
    unseen = select(Person.id).where(Person.seen_at < moment, ~reported).limit(limit)
    ids = list(session.scalars(unseen))
    rounds = select(QuizRound.id).where(QuizRound.person_id.in_(ids))
    delete_rounds(session, list(session.scalars(rounds)))
    for table in (Progress, Reminder):
        session.execute(delete(table).where(table.person_id.in_(ids)))
    session.execute(delete(Person).where(Person.id.in_(ids)))
    return len(ids)


def _delete_left(session: Session, moment: datetime) -> int:
    """Remove staff who left before ``moment``, with their posts, where nothing kept names them.

    A report that is kept does: its words are about them, or its card says who had it.
    """
    ids = set(session.scalars(select(Staff.id).where(_before(Staff.left_at, moment))))
    own = {each.__tablename__ for each in (Post, StaffInvite, Staff)}
    for name, table in Base.metadata.tables.items():
        keys = [key for key in table.foreign_keys if key.column.table is Staff.__table__]
        for column in (key.parent for key in keys if name not in own and ids):
            ids -= set(session.scalars(select(column).where(column.in_(ids)).distinct()))
    if ids:
        replaced = update(Staff).where(Staff.stand_in_id.in_(ids)).values(stand_in_id=None)
        session.execute(replaced)
        for mine in (Post.staff_id, StaffInvite.staff_id, Staff.id):
            session.execute(delete(mine.class_).where(mine.in_(ids)))
    return len(ids)
