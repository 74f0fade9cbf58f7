"""All tables. Words and names are sealed (``*_sealed``); ids are made before insert, for the seal.

Times are naive UTC in the database and aware UTC in Python (``storage.columns.Utc``).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
    desc,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Base, new_id, ordered_id, telegram_id

__all__ = ["Base", "new_id", "ordered_id"]  # the tables and what is needed to fill them


def _index(name: str, *columns: Any, only: str) -> Index:
    """Return an index of the few rows that are asked for; see ``with_conditions``."""
    return Index(name, *columns, info={"only": only})


def with_conditions(dialect: str) -> MetaData:
    """Return the tables with the conditions of their indexes, for who makes or compares them.

    A bot makes none: SQLAlchemy would load both kinds of database for them, two megabytes.
    """
    for table in Base.metadata.sorted_tables:
        for index in table.indexes:
            if "only" in index.info:
                index.dialect_options[dialect]["where"] = text(index.info["only"])
    return Base.metadata


class SchoolClass(Base):
    """A class, such as H3b. Its QR code is stored hashed and can be renewed."""

    __tablename__ = "classes"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    label: Mapped[str] = mapped_column(unique=True)
    label_key: Mapped[str] = mapped_column(unique=True)  # casefolded, for look-up
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    code_expires: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]


class Person(Base):
    """A Telegram account that did more than ask: a pupil (or a member of staff as a user)."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    telegram_id: Mapped[int] = telegram_id(unique=True)
    lang: Mapped[str | None] = mapped_column(String(2))
    name_sealed: Mapped[bytes | None]
    class_id: Mapped[str | None] = mapped_column(ForeignKey("classes.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(4))  # the four digits shown in class
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    unreachable_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Staff(Base):
    """A member of staff from the roster; ``code`` is the school's abbreviation."""

    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    name_sealed: Mapped[bytes]
    telegram_id: Mapped[int | None] = telegram_id(unique=True)  # set by the administrator's yes
    claimed_telegram_id: Mapped[int | None] = mapped_column(BigInteger())  # waits for it
    claimed_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    buzzed_at: Mapped[datetime | None]  # last time a message made a sound
    unreachable_since: Mapped[datetime | None]
    absent_from: Mapped[datetime | None]
    absent_until: Mapped[datetime | None]
    stand_in_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))


class Post(Base):
    """Who does what for which class; ``class_id`` is null for the whole school."""

    __tablename__ = "posts"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    class_id: Mapped[str | None] = mapped_column(ForeignKey("classes.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))  # mentor deputy coordinator confidential board
    rank: Mapped[int] = mapped_column(Integer, default=0)


class RosterVersion(Base):
    """One row with a random word that triggers replace whenever the staff or a post changes."""

    __tablename__ = "roster_version"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(32))


class StaffInvite(Base):
    """A personal link for a member of staff: stored hashed, expiring, used once."""

    __tablename__ = "staff_invites"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """A failed try of a code, for throttling of guesses."""

    __tablename__ = "attempts"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    telegram_id: Mapped[int] = telegram_id()
    at: Mapped[datetime]
    __table_args__ = (Index("ix_attempts_who", "telegram_id", "at"),)


class Draft(Base):
    """A dialogue in progress: one per account, whatever it is (report, join, reply, check …)."""

    __tablename__ = "drafts"
    telegram_id: Mapped[int] = telegram_id(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(32))
    data_sealed: Mapped[bytes]
    version: Mapped[int] = mapped_column(Integer, default=0)
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Report(Base):
    """A report; the words in it are sealed. ``number`` is what people see: M-2026-0042."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    class_id: Mapped[str | None] = mapped_column(ForeignKey("classes.id"), index=True)
    rule: Mapped[str | None] = mapped_column(String(12))
    steps: Mapped[str] = mapped_column(String(16), default="rule")  # rule crisis home sexual staff
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    over_limit: Mapped[bool] = mapped_column(Boolean, default=False)
    route: Mapped[str] = mapped_column(String(16), default="class")  # class staff confidential
    what_sealed: Mapped[bytes]
    app_sealed: Mapped[bytes | None]
    when_sealed: Mapped[bytes | None]
    who_sealed: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(String(12), default="sent")
    # sent delivered read working closed withdrawn
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # next miss of a term
    escalations: Mapped[int] = mapped_column(Integer, default=0)
    picked_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # mentor of choice
    update_id: Mapped[int | None] = telegram_id()  # the tap that sent it, to find it again
    retention_notice_at: Mapped[datetime | None]
    stood_as: Mapped[str | None] = mapped_column(String(12))
    """In a class that ended: joined or confirmed, which the pupil's own row no longer tells."""
    __table_args__ = (
        Index("ix_reports_state", "state", "created_at"),
        _index("ix_reports_due", "due_at", only="due_at IS NOT NULL"),
        _index("ix_reports_unannounced", "closed_at", only="retention_notice_at IS NULL"),
        _index(
            "ix_reports_announced", "retention_notice_at", only="retention_notice_at IS NOT NULL"
        ),
    )


class Recipient(Base):
    """A member of staff to whom a report went, with what they did with it."""

    __tablename__ = "recipients"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[str] = mapped_column(String(16))
    added_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # reassigned, revoked or found to be accused
    is_over: Mapped[bool | None]  # the report is closed or withdrawn: kept by a trigger alone
    __table_args__ = (
        UniqueConstraint("report_id", "staff_id", name="uq_recipients_report_staff"),
        _index(
            "ix_recipients_staff_open",
            "staff_id",
            "report_id",
            only="is_over IS NULL AND ended_at IS NULL AND failed_at IS NULL",
        ),
    )


class Accused(Base):
    """A member of staff whom a report is about; never gets anything of it."""

    __tablename__ = "accused"
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class Message(Base):
    """A relayed word between pupil and staff about a report."""

    __tablename__ = "messages"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), index=True)
    from_staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # null: the pupil
    body_sealed: Mapped[bytes]
    at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class Event(Base):
    """A step of a report, without words or names. Append-only: the database itself refuses."""

    __tablename__ = "events"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    # goes with the report, and only with it: the trigger refuses any other deletion
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(12))  # pupil staff admin system
    actor_id: Mapped[str | None]
    detail: Mapped[str | None]  # a role, a state, a reason code; never words of people
    at: Mapped[datetime]


class Export(Base):
    """Why an administrator exported a report; its event holds no words."""

    __tablename__ = "exports"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), index=True)
    reason_sealed: Mapped[bytes]
    at: Mapped[datetime]


class Order(Base):
    """The outbox: one thing to send to one account. Rendered when sent, so it holds no words."""

    __tablename__ = "outbox"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(BigInteger)  # order per addressee
    chat_id: Mapped[int] = telegram_id()
    kind: Mapped[str] = mapped_column(String(24))
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[dict[str, Any] | None]
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    unsure: Mapped[int] = mapped_column(Integer, default=0)  # sends with unknown outcome
    lease_until: Mapped[datetime | None]
    lease_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))  # sent refused dropped
    __table_args__ = (
        _index("ix_outbox_next_open", desc("urgent"), "seq", "due_at", only="done_at IS NULL"),
        _index("ix_outbox_chat_open", "chat_id", "seq", only="done_at IS NULL"),
        _index("ix_outbox_held", "due_at", only="lease_by = 'held' AND done_at IS NULL"),
        _index("ix_outbox_done", "done_at", only="done_at IS NOT NULL"),
        _index("ix_outbox_message_id", "message_id", only="message_id IS NOT NULL"),
        _index("ix_outbox_alarm", "created_at", only="kind = 'admin_alarm'"),
    )


class Card(Base):
    """A message in somebody's chat that shows words of a report, to be edited to a tombstone."""

    __tablename__ = "cards"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), index=True)
    chat_id: Mapped[int] = telegram_id()
    telegram_message_id: Mapped[int] = telegram_id()
    kind: Mapped[str] = mapped_column(String(24))  # notice card relay news receipt
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    buried_at: Mapped[datetime | None]
    at: Mapped[datetime]
    __table_args__ = (
        Index("ix_cards_chat", "chat_id", "at"),
        _index("ix_cards_message_id", "message_id", only="message_id IS NOT NULL"),
        _index("ix_cards_staff_open", "staff_id", only="buried_at IS NULL"),
    )


class Inbox(Base):
    """An update taken in by polling, before Telegram is told; only what is needed, sealed."""

    __tablename__ = "inbox"
    update_id: Mapped[int] = telegram_id(primary_key=True, autoincrement=False)
    telegram_id: Mapped[int | None] = telegram_id()
    seq: Mapped[int] = mapped_column(BigInteger)
    payload_sealed: Mapped[bytes]
    failures: Mapped[int] = mapped_column(Integer, default=0)
    set_aside_at: Mapped[datetime | None]
    at: Mapped[datetime]


class Claim(Base):
    """An update whose effect is in the database: the same update has no second effect."""

    __tablename__ = "claims"
    update_id: Mapped[int] = telegram_id(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)


class ClassQuiz(Base):
    """A quiz that a mentor set for a class; what pupils answer are ordinary rounds."""

    __tablename__ = "class_quizzes"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    class_id: Mapped[str] = mapped_column(ForeignKey("classes.id"), index=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    topic: Mapped[str | None] = mapped_column(String(12))
    items: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    opens_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    invited: Mapped[int] = mapped_column(Integer, default=0)
    card_chat_id: Mapped[int | None] = telegram_id()  # the message with the live count
    card_message_id: Mapped[int | None] = telegram_id()


class Reminder(Base):
    """A pupil's own wish to be reminded, at a time of choice, of rules that are due."""

    __tablename__ = "reminders"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(12))  # school evening weekend
    next_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime | None]


class QuizRound(Base):
    """A round of five polls for one person; ``items`` are quiz item ids in order."""

    __tablename__ = "quiz_rounds"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    items: Mapped[list[str]]
    topic: Mapped[str | None] = mapped_column(String(12))
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    class_quiz_id: Mapped[str | None] = mapped_column(ForeignKey("class_quizzes.id"), index=True)


class QuizPoll(Base):
    """One sent poll; the answer is written once."""

    __tablename__ = "quiz_polls"
    poll_id: Mapped[str] = mapped_column(primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("quiz_rounds.id"))
    position: Mapped[int] = mapped_column(Integer)
    item: Mapped[str]
    chat_id: Mapped[int] = telegram_id()
    telegram_message_id: Mapped[int] = telegram_id()
    right_option: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    right: Mapped[bool | None] = mapped_column(Boolean)
    shown: Mapped[list[int] | None]  # the pack's option at each position
    chosen: Mapped[int | None] = mapped_column(Integer)  # the pack's option; 0 is the right one
    __table_args__ = (
        UniqueConstraint("round_id", "position", name="uq_quiz_polls_round_position"),
    )


class Progress(Base):
    """What one person knows of one rule: the state of the scheduler (fsrs) and plain counts."""

    __tablename__ = "progress"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[dict[str, Any]]
    asked: Mapped[int] = mapped_column(Integer, default=0)
    right: Mapped[int] = mapped_column(Integer, default=0)
    last_item: Mapped[str | None]
    due_on: Mapped[date | None] = mapped_column(Date)
    updated_at: Mapped[datetime]


class KeptQuestion(Base):
    """A question that a pupil chose to keep, masked and sealed, for thirty days."""

    __tablename__ = "kept_questions"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    text_sealed: Mapped[bytes]
    situation: Mapped[str | None]
    lang: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(index=True)


class RemovedReport(Base):
    """What is left of a purged report: no words, no names."""

    __tablename__ = "removed_reports"
    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    rule: Mapped[str | None] = mapped_column(String(12))
    created_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    removed_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(24))


class Job(Base):
    """A daily or periodic job, so that over all replicas it runs once when due."""

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]


class Counter(Base):
    """A named counter, raised under a row lock: report numbers per year, order of the outbox."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class SendShare(Base):
    """How many sends a second one replica may make until its lease ends."""

    __tablename__ = "send_shares"
    holder: Mapped[str] = mapped_column(primary_key=True)
    sends: Mapped[int]
    wanted: Mapped[int]
    until: Mapped[datetime]
