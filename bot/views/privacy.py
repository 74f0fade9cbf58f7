"""A person's own data as a page, and what is left after being forgotten."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final

from bot.screen import Html, Screen, Speech
from storage.privacy import Forgotten

NAMED: Final = frozenset(
    (
        "absent_from",
        "absent_until",
        "account",
        "answers",
        "app",
        "asked",
        "at",
        "chosen",
        "class",
        "closed_at",
        "code",
        "confirmed_at",
        "data",
        "dialogue",
        "due_on",
        "first_seen_at",
        "from",
        "joined_at",
        "kind",
        "language",
        "last_seen_at",
        "made_at",
        "messages",
        "name",
        "number",
        "posts",
        "question",
        "quiz",
        "read_at",
        "reminder",
        "reports",
        "right",
        "role",
        "round",
        "rule",
        "rules",
        "sent_at",
        "staff",
        "state",
        "telegram_id",
        "text",
        "unreachable_since",
        "updated_at",
        "urgent",
        "what",
        "when",
        "who",
        "words",
    )
)
"""Fields of the exported data that have a word of the pack; those of a dialogue have none."""
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:.*")


def page(say: Speech, data: dict[str, Any]) -> str:
    """Return the data as a page that can be read without any program."""
    title = escape(say.label("my_data.title"))
    return (
        f'<!doctype html><html lang="{say.lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><body style='font-family:sans-serif;max-width:40em'>"
        f"<h1>{title}</h1>{_block(say, data)}</body></html>"
    )


def sure(say: Speech) -> Screen:
    """Ask whether everything should be erased."""
    return Screen(
        say("forget.sure"),
        ((say.button("forget.yes", "forget"), say.button("button.cancel", "keepme")),),
    )


def forgotten(say: Speech, done: Forgotten) -> Screen:
    """Say what was erased and what stays, and why."""
    if done.open_reports:
        text = say("forget.stays", numbers=", ".join(done.open_reports))
    else:
        text = say("forget.done")
    if done.staff:
        text = Html(text + "\n\n" + say("forget.staff"))
    return Screen(text)


def _block(say: Speech, value: Any) -> str:
    if isinstance(value, dict):
        rows = "".join(
            f"<dt><b>{escape(_label(say, str(key)))}</b></dt><dd>{_block(say, each)}</dd>"
            for key, each in value.items()
        )
        return f"<dl>{rows}</dl>"
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{_block(say, each)}</li>" for each in value) + "</ul>"
    if isinstance(value, bool):
        return escape(say.label("report.yes" if value else "report.no"))
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return escape(f"{value[:10]} {value[11:16]} (UTC)")
    return escape("-" if value is None else str(value))


def _label(say: Speech, key: str) -> str:
    """Return the person's word for a field; fields of a dialogue in progress have none."""
    return say.label(f"my_data.key.{key}") if key in NAMED else key
