"""What an order of the outbox looks like when it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from html import escape, unescape
from typing import Final

from bot.screen import Html, Screen, Speech
from bot.views import classquiz, remind
from bot.views.report import helper
from bot.views.times import day
from storage.sending import Content

TAG: Final = re.compile(r"</?[a-z][^>]*>")
STATUS = ("delivered", "read", "working", "closed", "handed", "reopened", "withdrawn", "escalated")
ALARMS = {
    "nobody": "alarm.nobody",
    "exhausted": "alarm.overdue",
    "overdue": "alarm.overdue",
    "rejected": "alarm.rejected",
    "dead_end": "alarm.dead_end",
}


def order(say: Speech, content: Content, *, silent: bool = False) -> Screen:
    """Show an order to its addressee. ``silent``: in lesson hours, for a pupil."""
    kind = content.order.kind
    if kind in {"notice", "handed", "escalated", "addition", "reply"}:
        return relayed(say, content, silent=silent) if content.body else notice(say, content)
    if kind == "status":
        staff = content.to_staff
        return staff_status(say, content) if staff else status(say, content, silent=silent)
    if kind == "admin_alarm":
        return alarm(say, content)
    if kind in {"class_quiz", "quiz_closed", "quiz_reminder"}:
        return quiz(say, content)
    return other(say, content, silent=silent)


def quiz(say: Speech, content: Content) -> Screen:
    """Invite a pupil to the quiz of the class, say that it closed, or remind who asked for it."""
    if content.order.kind == "class_quiz":
        return classquiz.invitation(say, content.order.detail["quiz"])
    if content.order.kind == "quiz_closed":
        return classquiz.closed_itself(say, **content.order.detail)
    return remind.message(say)


def other(say: Speech, content: Content, *, silent: bool = False) -> Screen:
    """Tell a pupil of an outage, of what goes, or that nobody can be reached."""
    if content.order.kind == "outage":
        return Screen(say("status.outage"), silent=silent)
    if content.order.kind == "draft_wiped":
        return Screen(say("status.draft_wiped"), silent=silent)
    if content.order.kind == "retention_notice":
        when = day(date.fromisoformat(content.order.detail["on"]), say.lang)
        text = say("retention.notice", number=content.number or "", when=when)
        return Screen(text, silent=silent)
    return Screen(say("status.unreachable", number=content.number or "", line=helper(say)))


def notice(say: Speech, content: Content) -> Screen:
    """Tell staff that there is a report: number and urgency only, as lock screens show it."""
    kind = content.order.kind
    key = f"notice.{kind}" if kind in {"handed", "escalated", "addition"} else "notice.normal"
    if kind == "notice" and content.urgent:
        key = "notice.urgent"
    text = say(key, number=content.number or "", name=content.sender or "")
    read = say.button("notice.button.read", f"case:{content.order.report_id}:read")
    return Screen(text, ((read,),), protect=True)


def relayed(say: Speech, content: Content, *, silent: bool = False) -> Screen:
    """Carry a typed word across: verbatim, without active entities, under a name and number."""
    to_staff = content.to_staff
    text = say(
        "relay.from_pupil" if to_staff else "relay.from_staff",
        name=content.sender or "",
        number=content.number or "",
        body=quiet(content.body or ""),
    )
    report_id = content.order.report_id
    data = f"case:{report_id}:reply" if to_staff else f"own:{report_id}:add"
    answer = say.button("relay.button.reply", data)
    return Screen(text, ((answer,),), protect=True, silent=silent)


def status(say: Speech, content: Content, *, silent: bool = False) -> Screen:
    """Tell the pupil a fact about the report; in lesson hours only that there is news."""
    state = str(content.order.detail.get("state", content.state))
    view = say.button("status.button.open", f"own:{content.order.report_id}:show")
    if silent or state not in STATUS:
        return Screen(say("status.news"), ((view,),), protect=True, silent=silent)
    text = say(
        f"status.{state}",
        number=content.number or "",
        name=content.sender or "",
        body=quiet(content.body or ""),
    )
    return Screen(text, ((view,),), protect=True)


def staff_status(say: Speech, content: Content) -> Screen:
    """Tell staff a fact about a report that they have: so far, that the pupil has left."""
    read = say.button("notice.button.read", f"case:{content.order.report_id}:read")
    text = say("status.pupil_unreachable", number=content.number or "")
    return Screen(text, ((read,),), protect=True)


def alarm(say: Speech, content: Content) -> Screen:
    """Warn an administrator: by number, or by the classes that are ill provided for."""
    reason = str(content.order.detail.get("reason", ""))
    return Screen(warning(say, reason, content.number, content.order.detail.get("classes", ())))


def warning(say: Speech, reason: str, number: str | None, classes: Iterable[str]) -> Html:
    """Say what an administrator is warned of."""
    key = ALARMS.get(reason, "alarm.other")
    return say(key, number=number or "", reason=reason, labels=", ".join(classes))


def as_plain(text: Html) -> str:
    """Return a text without its tags, for a channel that shows none."""
    return unescape(TAG.sub("", text))


def tombstone(say: Speech, number: str) -> Screen:
    """Take the place of a card whose words may no longer stand there."""
    return Screen(say("tombstone.card", number=number))


def quiet(text: str) -> Html:
    """Escape typed words and wrap in code what Telegram would turn into a mention or a link.

    A mention would notify or show an account (requirement 9: no active entities).
    """
    parts = []
    for word in text.split(" "):
        safe = escape(word, quote=False)
        active = any(mark in word for mark in ("@", "://", "#", "t.me", "www.", "/"))
        parts.append(f"<code>{safe}</code>" if active and word.strip() else safe)
    return Html(" ".join(parts))
