"""Indexes for a database that grew: what waits is found without a look at what is done.

Where an index would hold every row but only a few are asked for, it holds those few. Two that were
the first part of another are gone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DROPPED = (
    ("ix_outbox_seq", "outbox"),
    ("ix_outbox_chat_id", "outbox"),
    ("ix_outbox_due", "outbox"),
    ("ix_outbox_done_at", "outbox"),
    ("ix_reports_due_at", "reports"),
    ("ix_recipients_report_id", "recipients"),
    ("ix_quiz_polls_round_id", "quiz_polls"),
)
MADE: tuple[tuple[str, str, list[str | sa.TextClause], str | None], ...] = (
    ("ix_outbox_next_open", "outbox", [sa.text("urgent DESC"), "seq", "due_at"], "done_at IS NULL"),
    ("ix_outbox_chat_open", "outbox", ["chat_id", "seq"], "done_at IS NULL"),
    ("ix_outbox_done", "outbox", ["done_at"], "done_at IS NOT NULL"),
    ("ix_outbox_message_id", "outbox", ["message_id"], "message_id IS NOT NULL"),
    ("ix_outbox_alarm", "outbox", ["created_at"], "kind = 'admin_alarm'"),
    ("ix_cards_message_id", "cards", ["message_id"], "message_id IS NOT NULL"),
    ("ix_cards_chat", "cards", ["chat_id", "at"], None),
    ("ix_cards_staff_open", "cards", ["staff_id"], "buried_at IS NULL"),
    ("ix_reports_due", "reports", ["due_at"], "due_at IS NOT NULL"),
    ("ix_reports_unannounced", "reports", ["closed_at"], "retention_notice_at IS NULL"),
    ("ix_reports_announced", "reports", ["retention_notice_at"], "retention_notice_at IS NOT NULL"),
    ("ix_quiz_rounds_started_at", "quiz_rounds", ["started_at"], None),
)


def upgrade() -> None:
    """Exchange the indexes."""
    for name, table in DROPPED:
        op.drop_index(name, table)
    for name, table, columns, which in MADE:
        only = None if which is None else sa.text(which)
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)
