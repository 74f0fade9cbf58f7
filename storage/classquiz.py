"""The quiz of a class: set by a mentor, answered privately, shown without names.

What pupils answer are ordinary rounds (``storage.quiz``) that know which class quiz they belong
to, so that they count for the pupil's own progress too. Answers after the end count only there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import classes, orders, people, quiz
from storage.claims import claim
from storage.errors import NotAllowed, NotNow
from storage.quiz import RoundView
from storage.snapshot import is_active
from storage.tables import ClassQuiz, Person, QuizPoll, QuizRound, SchoolClass, Staff, new_id


@dataclass(frozen=True, slots=True)
class ClassQuizView:
    """A quiz of a class. ``card``: chat and message with the live count, when it was sent."""

    id: str
    class_id: str
    topic: str | None
    items: tuple[str, ...]
    created_at: datetime
    opens_at: datetime
    closed_at: datetime | None
    invited: int
    card: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Live:
    """How many pupils answered something, and everything."""

    begun: int
    finished: int


def start(
    session: Session,
    staff_id: str,
    class_id: str,
    items: Sequence[str],
    topic: str | None,
    opens_at: datetime,
    now: datetime,
    update_id: int | None = None,
) -> ClassQuizView:
    """Set a quiz and order an invitation for every confirmed pupil, to be sent at ``opens_at``.

    A repeated update returns the quiz that is open. Raises NotAllowed for others than the class's
    staff; NotNow when a quiz is open already, or nothing or nobody is there to ask.
    """
    pupils = classes.pupils(session, staff_id, class_id)
    session.get(SchoolClass, class_id, with_for_update=True)
    fresh, going = claim(session, update_id, now), _open(session, class_id)
    if going is not None and not fresh:
        return view(going)
    invited = [each.person for each in pupils if each.person.confirmed]
    if going is not None or not fresh or not items or not invited:
        raise NotNow("a quiz is open already, or there is nothing or nobody to ask")
    row = ClassQuiz(
        id=new_id(),
        class_id=class_id,
        staff_id=staff_id,
        topic=topic,
        items=list(items),
        created_at=now,
        opens_at=opens_at,
    )
    session.add(row)
    session.flush()
    for person in invited:
        detail = {"quiz": row.id}
        orders.order(session, person.telegram_id, "class_quiz", now, detail=detail, due_at=opens_at)
    row.invited = len(invited)
    session.flush()
    return view(row)


def open_quiz(session: Session, staff_id: str, class_id: str) -> ClassQuizView | None:
    """Return a class's quiz that is not closed; raises NotAllowed for others than its staff."""
    classes.pupils(session, staff_id, class_id)
    row = _open(session, class_id)
    return None if row is None else view(row)


def by_id(session: Session, staff_id: str, quiz_id: str) -> ClassQuizView:
    """Return a quiz for the class's staff; raises NotAllowed for others."""
    row = session.get(ClassQuiz, quiz_id)
    if row is None:
        raise NotAllowed("no such quiz")
    classes.pupils(session, staff_id, row.class_id)
    return view(row)


def record_card(session: Session, quiz_id: str, chat_id: int, message_id: int) -> None:
    """Remember which message shows the live count."""
    row = session.get_one(ClassQuiz, quiz_id)
    row.card_chat_id, row.card_message_id = chat_id, message_id


def join(session: Session, quiz_id: str, telegram_id: int, now: datetime) -> RoundView:
    """Return a pupil's round in a quiz: a new one, the one going on, or the one left, reopened.

    Raises NotAllowed for who is no confirmed pupil of the class, NotNow when it is closed.
    """
    row, person = session.get(ClassQuiz, quiz_id), people.row(session, telegram_id, lock=True)
    if row is None or person is None or not _is_of(person, row):
        raise NotAllowed("no confirmed pupil of this class")
    if row.closed_at is not None:
        raise NotNow("this quiz is closed")
    mine = session.scalar(
        select(QuizRound).where(
            QuizRound.person_id == person.id, QuizRound.class_quiz_id == quiz_id
        )
    )
    if mine is None or _left(session, mine):
        quiz.abandon(session, person.id, now)
        mine = mine or _new_round(session, row, person.id, now)
        mine.ended_at = None
        session.flush()
    found = quiz.by_id(session, mine.id)
    if found is None:
        raise NotNow("the round was removed just now")
    return found


def invites(session: Session, quiz_id: str, telegram_id: int) -> bool:
    """Tell whether an invitation still makes sense: open quiz, pupil still in the class."""
    row, person = session.get(ClassQuiz, quiz_id), people.row(session, telegram_id)
    open_ = row is not None and row.closed_at is None
    return open_ and row is not None and person is not None and _is_of(person, row)


def live(session: Session, quiz_id: str) -> tuple[ClassQuizView, Live] | None:
    """Return a quiz with how many take part so far; None when it is gone."""
    row = session.get(ClassQuiz, quiz_id)
    if row is None:
        return None
    answered = func.count(QuizPoll.answered_at)
    query = (
        select(QuizRound.person_id, answered)
        .join(QuizPoll, QuizPoll.round_id == QuizRound.id)
        .where(QuizRound.class_quiz_id == quiz_id, QuizPoll.answered_at.is_not(None))
        .group_by(QuizRound.person_id)
    )
    counts = [count for _, count in session.execute(query)]
    return view(row), Live(len(counts), sum(count >= len(row.items) for count in counts))


def label_of(session: Session, quiz_id: str) -> str:
    """Return the label of the class of a quiz."""
    row = session.get_one(ClassQuiz, quiz_id)
    return session.get_one(SchoolClass, row.class_id).label


def close(session: Session, staff_id: str, quiz_id: str, now: datetime) -> ClassQuizView:
    """End a quiz; a second time changes nothing. Raises NotAllowed for others than its staff."""
    by_id(session, staff_id, quiz_id)
    row = session.get_one(ClassQuiz, quiz_id, with_for_update=True)
    row.closed_at = row.closed_at or now
    session.flush()
    return view(row)


def close_idle(session: Session, idle: timedelta, now: datetime, due_at: datetime) -> int:
    """End the quizzes in which nobody did anything for ``idle``; return how many.

    Who set one hears of it at ``due_at``, and can have the result.
    """
    query = select(ClassQuiz).where(ClassQuiz.closed_at.is_(None), ClassQuiz.opens_at <= now - idle)
    count = 0
    for row in session.scalars(query.with_for_update(skip_locked=True)):
        if _last_press(session, row) > now - idle:
            continue
        row.closed_at = now
        count += 1
        setter = session.get_one(Staff, row.staff_id)
        if is_active(setter) and setter.telegram_id is not None:
            detail = {"quiz": row.id, "label": label_of(session, row.id)}
            orders.order(
                session,
                setter.telegram_id,
                "quiz_closed",
                now,
                staff_id=setter.id,
                detail=detail,
                due_at=due_at,
            )
    session.flush()
    return count


def before(session: Session, quiz_id: str) -> str | None:
    """Return the id of the quiz of the same class that was closed last before this one began."""
    row = session.get_one(ClassQuiz, quiz_id)
    query = (
        select(ClassQuiz.id)
        .where(ClassQuiz.class_id == row.class_id, ClassQuiz.closed_at <= row.created_at)
        .order_by(ClassQuiz.closed_at.desc())
        .limit(1)
    )
    return session.scalar(query)


def last_items(session: Session, class_id: str) -> tuple[str, ...]:
    """Return the items of the class's latest quiz, so that the next one asks others."""
    query = select(ClassQuiz.items).where(ClassQuiz.class_id == class_id)
    found = session.scalars(query.order_by(ClassQuiz.created_at.desc()).limit(1)).first()
    return tuple(found or ())


def view(row: ClassQuiz) -> ClassQuizView:
    """Return a quiz as the rest of the program sees it."""
    card = None
    if row.card_chat_id is not None and row.card_message_id is not None:
        card = (int(row.card_chat_id), int(row.card_message_id))
    return ClassQuizView(
        row.id,
        row.class_id,
        row.topic,
        tuple(row.items),
        row.created_at,
        row.opens_at,
        row.closed_at,
        row.invited or 0,
        card,
    )


def _open(session: Session, class_id: str) -> ClassQuiz | None:
    query = select(ClassQuiz).where(ClassQuiz.class_id == class_id, ClassQuiz.closed_at.is_(None))
    return session.scalars(query.order_by(ClassQuiz.created_at.desc())).first()


def _last_press(session: Session, row: ClassQuiz) -> datetime:
    """Return when somebody last began or answered; when it opened where nobody did."""
    rounds = QuizRound.class_quiz_id == row.id
    began = session.scalar(select(func.max(QuizRound.started_at)).where(rounds))
    polls = select(func.max(QuizPoll.answered_at)).join(QuizRound).where(rounds)
    pressed = (row.opens_at, began, session.scalar(polls))
    return max(each for each in pressed if each is not None)


def _is_of(person: Person, row: ClassQuiz) -> bool:
    return person.class_id == row.class_id and person.confirmed_at is not None


def _left(session: Session, mine: QuizRound) -> bool:
    """Tell whether a round was ended with questions left."""
    query = select(func.count(QuizPoll.answered_at)).where(QuizPoll.round_id == mine.id)
    return mine.ended_at is not None and (session.scalar(query) or 0) < len(mine.items)


def _new_round(session: Session, row: ClassQuiz, person_id: str, now: datetime) -> QuizRound:
    mine = QuizRound(
        id=new_id(),
        person_id=person_id,
        items=list(row.items),
        topic=row.topic,
        started_at=now,
        class_quiz_id=row.id,
    )
    session.add(mine)
    session.flush()
    return mine
