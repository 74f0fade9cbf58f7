"""All tables of the first version, and the triggers that keep events append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _create_tables() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Index("ix_attempts_who", "telegram_id", "at"),
    )
    op.create_table(
        "claims",
        sa.Column("update_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "classes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("label", sa.String(64), nullable=False, unique=True),
        sa.Column("label_key", sa.String(64), nullable=False, unique=True),
        sa.Column("code_hash", sa.String(64), unique=True),
        sa.Column("code_expires", sa.DateTime()),
        sa.Column("archived_at", sa.DateTime()),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("telegram_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("data_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("telegram_id", sa.BigInteger()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("set_aside_at", sa.DateTime()),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("ran_at", sa.DateTime()),
        sa.Column("lease_until", sa.DateTime()),
    )
    op.create_table(
        "kept_questions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("situation", sa.String(64)),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
    )
    op.create_table(
        "removed_reports",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("rule", sa.String(12)),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), unique=True),
        sa.Column("claimed_telegram_id", sa.BigInteger()),
        sa.Column("claimed_at", sa.DateTime()),
        sa.Column("confirmed_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
        sa.Column("left_at", sa.DateTime()),
        sa.Column("buzzed_at", sa.DateTime()),
        sa.Column("unreachable_since", sa.DateTime()),
        sa.Column("absent_from", sa.DateTime()),
        sa.Column("absent_until", sa.DateTime()),
        sa.Column("stand_in_id", sa.String(64), sa.ForeignKey("staff.id")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("lang", sa.String(2)),
        sa.Column("name_sealed", sa.LargeBinary()),
        sa.Column("class_id", sa.String(64), sa.ForeignKey("classes.id"), index=True),
        sa.Column("code", sa.String(4)),
        sa.Column("confirmed_at", sa.DateTime()),
        sa.Column("confirmed_by", sa.String(64)),
        sa.Column("joined_at", sa.DateTime()),
        sa.Column("left_at", sa.DateTime()),
        sa.Column("unreachable_since", sa.DateTime()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("class_id", sa.String(64), sa.ForeignKey("classes.id"), index=True),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
    )
    op.create_table(
        "staff_invites",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
    )
    op.create_table(
        "progress",
        sa.Column("person_id", sa.String(64), sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("rule", sa.String(12), primary_key=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("last_item", sa.String(64)),
        sa.Column("due_on", sa.Date()),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "class_quizzes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "class_id", sa.String(64), sa.ForeignKey("classes.id"), nullable=False, index=True
        ),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("topic", sa.String(12)),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False, index=True),
        sa.Column("opens_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("card_chat_id", sa.BigInteger()),
        sa.Column("card_message_id", sa.BigInteger()),
    )
    op.create_table(
        "reminders",
        sa.Column("person_id", sa.String(64), sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("part", sa.String(12), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False, index=True),
        sa.Column("last_at", sa.DateTime()),
    )
    op.create_table(
        "quiz_rounds",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "person_id", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True
        ),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(12)),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("class_quiz_id", sa.String(64), sa.ForeignKey("class_quizzes.id"), index=True),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column(
            "person_id", sa.String(64), sa.ForeignKey("people.id"), nullable=False, index=True
        ),
        sa.Column("class_id", sa.String(64), sa.ForeignKey("classes.id"), index=True),
        sa.Column("rule", sa.String(12)),
        sa.Column("steps", sa.String(16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("over_limit", sa.Boolean(), nullable=False),
        sa.Column("route", sa.String(16), nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("app_sealed", sa.LargeBinary()),
        sa.Column("when_sealed", sa.LargeBinary()),
        sa.Column("who_sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("owner_id", sa.String(64), sa.ForeignKey("staff.id"), index=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("touched_at", sa.DateTime(), nullable=False),
        sa.Column("delivered_at", sa.DateTime()),
        sa.Column("read_at", sa.DateTime()),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("due_at", sa.DateTime(), index=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("picked_id", sa.String(64), sa.ForeignKey("staff.id")),
        sa.Column("update_id", sa.BigInteger()),
        sa.Column("retention_notice_at", sa.DateTime()),
        sa.Index("ix_reports_state", "state", "created_at"),
    )
    op.create_table(
        "accused",
        sa.Column("report_id", sa.String(64), sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), primary_key=True),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "report_id",
            sa.String(64),
            sa.ForeignKey("reports.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "report_id",
            sa.String(64),
            sa.ForeignKey("reports.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("actor", sa.String(12), nullable=False),
        sa.Column("actor_id", sa.String(64)),
        sa.Column("detail", sa.String(64)),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "report_id", sa.String(64), sa.ForeignKey("reports.id"), nullable=False, index=True
        ),
        sa.Column("from_staff_id", sa.String(64), sa.ForeignKey("staff.id")),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("delivered_at", sa.DateTime()),
    )
    op.create_table(
        "quiz_polls",
        sa.Column("poll_id", sa.String(64), primary_key=True),
        sa.Column(
            "round_id", sa.String(64), sa.ForeignKey("quiz_rounds.id"), nullable=False, index=True
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("telegram_message_id", sa.BigInteger(), nullable=False),
        sa.Column("right_option", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime()),
        sa.Column("right", sa.Boolean()),
        sa.Column("shown", sa.JSON()),
        sa.Column("chosen", sa.Integer()),
        sa.UniqueConstraint("round_id", "position", name="uq_quiz_polls_round_position"),
    )
    op.create_table(
        "recipients",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "report_id", sa.String(64), sa.ForeignKey("reports.id"), nullable=False, index=True
        ),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("delivered_at", sa.DateTime()),
        sa.Column("read_at", sa.DateTime()),
        sa.Column("failed_at", sa.DateTime()),
        sa.Column("ended_at", sa.DateTime()),
        sa.UniqueConstraint("report_id", "staff_id", name="uq_recipients_report_staff"),
    )
    op.create_table(
        "cards",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "report_id", sa.String(64), sa.ForeignKey("reports.id"), nullable=False, index=True
        ),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("telegram_message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id")),
        sa.Column("message_id", sa.String(64), sa.ForeignKey("messages.id")),
        sa.Column("buried_at", sa.DateTime()),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False, index=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False, index=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("report_id", sa.String(64), sa.ForeignKey("reports.id"), index=True),
        sa.Column("message_id", sa.String(64), sa.ForeignKey("messages.id")),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id")),
        sa.Column("detail", sa.JSON()),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime()),
        sa.Column("lease_by", sa.String(64)),
        sa.Column("done_at", sa.DateTime(), index=True),
        sa.Column("outcome", sa.String(12)),
        sa.Index("ix_outbox_due", "done_at", "due_at"),
    )
