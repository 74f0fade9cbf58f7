"""What a person can ask of us: to see everything that is theirs, and to be forgotten."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import cards, dossier, drafts, events, people, progress, staff
from storage.authority import OPEN
from storage.claims import lock
from storage.database import words_removed
from storage.retention import delete_rounds, remove
from storage.sealing import seal
from storage.tables import (
    Attempt,
    ClassQuiz,
    Inbox,
    Message,
    Order,
    Person,
    Progress,
    QuizPoll,
    QuizRound,
    Reminder,
    Report,
    new_id,
)

FORGOTTEN: Final = "forgotten"
"""State of a report without words or person, which waits for its tombstones. Nobody may see it."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed (kinds: person, class, draft, quiz, reports, attempts) and what stays."""

    removed: tuple[str, ...]
    open_reports: tuple[str, ...]
    """Numbers of reports that stay, with the name, until they are closed."""
    staff: bool
    """The account is a colleague's: name and posts stay as long as they are in the roster."""


def export(session: Session, telegram_id: int, now: datetime) -> dict[str, Any]:
    """Return all that is kept about an account, as JSON can hold; times in ISO 8601, UTC.

    Keys: made_at, account, staff, dialogue, quiz, reports. A report has the pupil's own words and
    what was relayed; who of the staff read or did what is not in it.
    """
    person = people.row(session, telegram_id)
    exported = {
        "made_at": now,
        "account": None if person is None else _account(session, person),
        "staff": _staff(session, telegram_id),
        "dialogue": _dialogue(session, telegram_id),
        "quiz": None if person is None else _quiz(session, person),
        "reports": []
        if person is None
        else [_report(session, r) for r in _reports(session, person)],
    }
    plain: dict[str, Any] = json.loads(json.dumps(exported, default=_iso))
    return plain


def forget(session: Session, telegram_id: int, now: datetime) -> Forgotten:
    """Remove all that is no part of an open report, and say what stays.

    Ended reports lose words and person at once; ``finish_forgetting`` removes the rest when the
    cards in people's chats are tombstones. Doing it again changes nothing.
    """
    lock(session, telegram_id)
    words_removed(session)
    removed = _forget_tracks(session, telegram_id)
    person = people.row(session, telegram_id, lock=True)
    open_reports: list[str] = []
    if person is not None:
        reports = _reports(session, person, locked=True)
        open_reports = [report.number for report in reports if report.state in OPEN]
        ended = [report for report in reports if report.state not in OPEN]
        removed += _forget_reports(session, ended, now)
        removed += _forget_learned(session, person, now)
        removed += _forget_person(session, person, bool(open_reports), now)
    colleague = staff.by_telegram(session, telegram_id) is not None
    return Forgotten(tuple(removed), tuple(open_reports), colleague)


def finish_forgetting(session: Session, now: datetime, limit: int = 100) -> int:
    """Remove forgotten reports whose tombstones are out; return how many."""
    waiting = select(Order.report_id).where(Order.report_id.is_not(None), Order.done_at.is_(None))
    query = select(Report).where(Report.state == FORGOTTEN, Report.id.not_in(waiting)).limit(limit)
    found = list(session.scalars(query.with_for_update(skip_locked=True)))
    for report in found:
        ghost_id = report.person_id
        remove(session, report, FORGOTTEN, now)
        session.execute(delete(Person).where(Person.id == ghost_id))
    return len(found)


def _iso(value: datetime) -> str:
    return value.isoformat()


def _account(session: Session, person: Person) -> dict[str, Any]:
    view = people.view(session, person)
    return {
        "telegram_id": view.telegram_id,
        "name": view.name,
        "language": view.lang,
        "class": view.class_label,
        "joined_at": view.joined_at,
        "confirmed_at": view.confirmed_at,
        "unreachable_since": view.unreachable_since,
        "first_seen_at": person.created_at,
        "last_seen_at": person.seen_at,
    }


def _staff(session: Session, telegram_id: int) -> dict[str, Any] | None:
    view = staff.by_telegram(session, telegram_id)
    if view is None:
        return None
    return {
        "name": view.name,
        "code": view.code,
        "posts": [{"role": post.role, "class": post.class_label} for post in view.posts],
        "absent_from": view.absent_from,
        "absent_until": view.absent_until,
    }


def _dialogue(session: Session, telegram_id: int) -> dict[str, Any] | None:
    draft = drafts.load(session, telegram_id)
    if draft is None:
        return None
    return {"kind": draft.kind, "data": draft.data, "updated_at": draft.updated_at}


def _quiz(session: Session, person: Person) -> dict[str, Any]:
    known = progress.of_person(session, person.id).values()
    query = (
        select(QuizRound.started_at, QuizPoll.item, QuizPoll.right, QuizPoll.chosen)
        .join(QuizPoll, QuizPoll.round_id == QuizRound.id)
        .where(QuizRound.person_id == person.id)
        .order_by(QuizRound.started_at, QuizPoll.position)
    )
    reminder = session.get(Reminder, person.id)
    return {
        "reminder": None if reminder is None else reminder.part,
        "rules": [
            {
                "rule": each.rule,
                "asked": each.asked,
                "right": each.right,
                "due_on": each.due_on.isoformat() if each.due_on else None,
                "updated_at": each.updated_at,
            }
            for each in known
        ],
        "answers": [
            {"round": started, "question": item, "right": right, "chosen": chosen}
            for started, item, right, chosen in session.execute(query)
        ],
    }


def _report(session: Session, report: Report) -> dict[str, Any]:
    words = {word: dossier.read(session, report, word) for word in dossier.WORDS}
    return {
        "number": report.number,
        "state": report.state,
        "rule": report.rule,
        "urgent": report.urgent,
        "words": words,
        "sent_at": report.created_at,
        "read_at": report.read_at,
        "closed_at": report.closed_at,
        "messages": [
            {"from": "school" if each.sender else "you", "text": each.body, "at": each.at}
            for each in dossier.messages(session, report.id)
        ],
    }


def _reports(session: Session, person: Person, *, locked: bool = False) -> Sequence[Report]:
    query = select(Report).where(Report.person_id == person.id).order_by(Report.number)
    return session.scalars(query.with_for_update() if locked else query).all()


def _forget_tracks(session: Session, telegram_id: int) -> list[str]:
    """Remove what hangs on the account itself; what waits to be handled still is handled."""
    removed = ["draft"] if drafts.drop(session, telegram_id) else []
    failed = delete(Attempt).where(Attempt.telegram_id == telegram_id).returning(Attempt.id)
    if session.scalars(failed).all():
        removed.append("attempts")
    told = Order.chat_id == telegram_id, Order.kind == "draft_wiped"
    session.execute(delete(Order).where(*told))
    aside = Inbox.telegram_id == telegram_id, Inbox.set_aside_at.is_not(None)
    session.execute(delete(Inbox).where(*aside))
    return removed


def _forget_reports(session: Session, ended: Sequence[Report], now: datetime) -> list[str]:
    for report in ended:
        _wipe(session, report)
        _send_nothing(session, report, now)
        cards.bury(session, report.id, now, pupil_too=True)
        report.person_id = _ghost(session, now)
        report.state, report.due_at = FORGOTTEN, None
        events.record(session, report.id, FORGOTTEN, now, actor="pupil")
    return ["reports"] if ended else []


def _wipe(session: Session, report: Report) -> None:
    report.what_sealed = seal(session, "", "reports.what_sealed", report.id)
    report.app_sealed = report.when_sealed = report.who_sealed = None
    for message in session.scalars(select(Message).where(Message.report_id == report.id)):
        message.body_sealed = seal(session, "", dossier.BODY, message.id)


def _send_nothing(session: Session, report: Report, now: datetime) -> None:
    waiting = update(Order).where(
        Order.report_id == report.id, Order.done_at.is_(None), Order.kind != "tombstone"
    )
    session.execute(waiting.values(done_at=now, outcome="dropped"))


def _ghost(session: Session, now: datetime) -> str:
    """Return a person who is nobody: no account of Telegram has an id below -2**52."""
    nobody = Person(
        id=new_id(), telegram_id=-(2**60) - secrets.randbelow(2**60), created_at=now, seen_at=now
    )
    session.add(nobody)
    session.flush()
    return nobody.id


def _forget_learned(session: Session, person: Person, now: datetime) -> list[str]:
    _let_go_of_counted(session, person, now)
    rounds = list(session.scalars(select(QuizRound.id).where(QuizRound.person_id == person.id)))
    session.execute(delete(Reminder).where(Reminder.person_id == person.id))
    known = delete(Progress).where(Progress.person_id == person.id).returning(Progress.rule)
    rules = session.scalars(known).all()
    delete_rounds(session, rounds)
    return ["quiz"] if rounds or rules else []


def _let_go_of_counted(session: Session, person: Person, now: datetime) -> None:
    """Make answers in the results of closed class quizzes nobody's.

    Without them, who looks at such a result again would see in the difference how this pupil
    answered.
    """
    query = (
        select(QuizRound)
        .join(ClassQuiz, ClassQuiz.id == QuizRound.class_quiz_id)
        .where(QuizRound.person_id == person.id, ClassQuiz.closed_at.is_not(None))
    )
    for counted in session.scalars(query).all():
        counted.person_id = _ghost(session, now)
        for poll in session.scalars(select(QuizPoll).where(QuizPoll.round_id == counted.id)).all():
            poll.poll_id, poll.chat_id, poll.telegram_message_id = new_id(), 0, 0
    session.flush()


def _forget_person(session: Session, person: Person, has_open: bool, now: datetime) -> list[str]:
    if not has_open:
        session.delete(person)
        session.flush()
        return ["person"]
    removed = ["class"] if person.class_id else []
    confirmed = person.confirmed_at, person.confirmed_by
    people.detach(session, person, now)
    # the card of the open report says whether a mentor knows who this is
    person.confirmed_at, person.confirmed_by = confirmed
    person.lang = None
    return removed
