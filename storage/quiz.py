"""Quiz rounds; an answer counts once, whatever is tapped or repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.claims import claim, insert
from storage.errors import NotAllowed, NotNow
from storage.progress import Learning, learn
from storage.tables import Person, QuizPoll, QuizRound, new_id


@dataclass(frozen=True, slots=True)
class PollView:
    """One sent poll. ``right`` is null while it is unanswered."""

    poll_id: str
    round_id: str
    position: int
    item: str
    chat_id: int
    telegram_message_id: int
    right_option: int
    sent_at: datetime
    right: bool | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round and its polls in order; ``ended`` also when it was abandoned."""

    id: str
    person_id: str
    items: tuple[str, ...]
    topic: str | None
    started_at: datetime
    ended: bool
    polls: tuple[PollView, ...]
    class_quiz_id: str | None = None
    """The quiz of a class that this round is part of."""

    @property
    def answered(self) -> int:
        """Return how many polls are answered."""
        return sum(poll.right is not None for poll in self.polls)

    @property
    def right(self) -> int:
        """Return how many answers were right."""
        return sum(poll.right is True for poll in self.polls)

    @property
    def open_poll(self) -> PollView | None:
        """Return the poll that waits for an answer."""
        return next((poll for poll in self.polls if poll.right is None), None)

    @property
    def next_position(self) -> int | None:
        """Return the position to send now; None while a poll is open, and at the end."""
        if self.ended or self.open_poll is not None or len(self.polls) >= len(self.items):
            return None
        return len(self.polls)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer that counted, and the round after it."""

    poll: PollView
    right: bool
    round: RoundView


def start_round(
    session: Session,
    person_id: str,
    items: Sequence[str],
    topic: str | None,
    now: datetime,
    update_id: int | None = None,
) -> RoundView:
    """Begin a round; an unfinished one ends. A repeated update returns the round that is open.

    Raises NotNow when there is nothing to ask, or the repeated update's round ended meanwhile.
    """
    _lock_person(session, person_id)
    if not claim(session, update_id, now):
        going = open_round(session, person_id)
        if going is None:
            raise NotNow("the round of this update is over")
        return going
    if not items:
        raise NotNow("a round without questions")
    abandon(session, person_id, now)
    row = QuizRound(
        id=new_id(), person_id=person_id, items=list(items), topic=topic, started_at=now
    )
    session.add(row)
    session.flush()
    return _view(session, row)


def open_round(session: Session, person_id: str) -> RoundView | None:
    """Return the round that a person is in, with its polls, also after a restart."""
    query = select(QuizRound).where(QuizRound.person_id == person_id, QuizRound.ended_at.is_(None))
    row = session.scalars(query.order_by(QuizRound.started_at.desc())).first()
    return None if row is None else _view(session, row)


def by_id(session: Session, round_id: str) -> RoundView | None:
    """Return a round with its polls."""
    row = session.get(QuizRound, round_id)
    return None if row is None else _view(session, row)


def record_poll(
    session: Session,
    round_id: str,
    position: int,
    poll_id: str,
    chat_id: int,
    telegram_message_id: int,
    right_option: int,
    now: datetime,
    shown: Sequence[int] | None = None,
) -> bool:
    """Remember a poll that was sent; False when that position already had one: ignore this one.

    ``shown``: which option of the pack stands at each position after shuffling. Raises NotNow when
    the round is over or has no such position.
    """
    row = session.get(QuizRound, round_id, with_for_update=True)
    if row is None or row.ended_at is not None or not 0 <= position < len(row.items):
        raise NotNow("no such question in an open round")
    statement = insert(session, QuizPoll).values(
        poll_id=poll_id,
        round_id=round_id,
        position=position,
        item=row.items[position],
        chat_id=chat_id,
        telegram_message_id=telegram_message_id,
        right_option=right_option,
        sent_at=now,
        shown=None if shown is None else list(shown),
    )
    done = statement.on_conflict_do_nothing().returning(QuizPoll.poll_id)
    return session.scalar(done) is not None


def of_poll(session: Session, poll_id: str, telegram_id: int) -> RoundView | None:
    """Return the round of a poll that was sent to this account; None for any other poll."""
    found = session.get(QuizPoll, poll_id)
    row = session.get(QuizRound, found.round_id) if found else None
    person = session.get(Person, row.person_id) if row else None
    if row is None or person is None or person.telegram_id != telegram_id:
        return None
    return _view(session, row)


def answer(
    session: Session,
    poll_id: str,
    telegram_id: int,
    option: int,
    now: datetime,
    learning: Learning,
) -> AnswerView | None:
    """Count an answer, in the round and in what the person knows; None when it does not count.

    It does not count a second time, in a round that is over, for an unknown poll, or from an
    account that the poll was not sent to.
    """
    found = session.get(QuizPoll, poll_id)
    if found is None:
        return None
    row = session.get(QuizRound, found.round_id, with_for_update=True, populate_existing=True)
    person = None if row is None else session.get(Person, row.person_id)
    if row is None or person is None or row.ended_at or person.telegram_id != telegram_id:
        return None
    right = option == found.right_option
    if not _write_once(session, found, option, now):
        return None
    session.refresh(found)
    learn(session, row.person_id, found.item, right, now, learning)
    if _view(session, row).answered == len(row.items):
        row.ended_at = now
    return AnswerView(_poll_view(found), right, _view(session, row))


def abandon(session: Session, person_id: str, now: datetime) -> bool:
    """End the rounds that a person did not finish; False when there were none."""
    query = select(QuizRound).where(QuizRound.person_id == person_id, QuizRound.ended_at.is_(None))
    rows = session.scalars(query.with_for_update()).all()
    for row in rows:
        row.ended_at = now
    session.flush()
    return bool(rows)


def _write_once(session: Session, poll: QuizPoll, option: int, now: datetime) -> bool:
    shown = poll.shown or []
    chosen = shown[option] if 0 <= option < len(shown) else None
    statement = (
        update(QuizPoll)
        .where(QuizPoll.poll_id == poll.poll_id, QuizPoll.answered_at.is_(None))
        .values(answered_at=now, right=option == poll.right_option, chosen=chosen)
        .returning(QuizPoll.poll_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _lock_person(session: Session, person_id: str) -> None:
    if session.get(Person, person_id, with_for_update=True) is None:
        raise NotAllowed("no such person")


def _view(session: Session, row: QuizRound) -> RoundView:
    polls = session.scalars(
        select(QuizPoll).where(QuizPoll.round_id == row.id).order_by(QuizPoll.position)
    )
    return RoundView(
        row.id,
        row.person_id,
        tuple(row.items),
        row.topic,
        row.started_at,
        row.ended_at is not None,
        tuple(_poll_view(poll) for poll in polls),
        row.class_quiz_id,
    )


def _poll_view(poll: QuizPoll) -> PollView:
    return PollView(
        poll.poll_id,
        poll.round_id,
        poll.position,
        poll.item,
        poll.chat_id,
        poll.telegram_message_id,
        poll.right_option,
        poll.sent_at,
        poll.right,
    )


def recent_items(session: Session, person_id: str, limit: int) -> tuple[str, ...]:
    """Return the items last asked of a person, latest last."""
    query = (
        select(QuizPoll.item)
        .join(QuizRound, QuizRound.id == QuizPoll.round_id)
        .where(QuizRound.person_id == person_id)
        .order_by(QuizPoll.sent_at.desc())
        .limit(limit)
    )
    return tuple(reversed(session.scalars(query).all()))


def round_times(session: Session, person_id: str) -> tuple[datetime, ...]:
    """Return when a person began the rounds in which something was answered."""
    query = (
        select(QuizRound.started_at)
        .join(QuizPoll, QuizPoll.round_id == QuizRound.id)
        .where(QuizRound.person_id == person_id, QuizPoll.answered_at.is_not(None))
        .distinct()
        .order_by(QuizRound.started_at)
    )
    return tuple(session.scalars(query))
