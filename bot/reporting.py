"""The dialogue of a report as a pure state machine: which step comes next, and what an answer does.

The draft's ``data`` is a plain dict that travels through storage sealed. A step is asked until its
key is there, so an interrupted dialogue goes on where it was, on any replica.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Data = dict[str, Any]

LONGEST_WHAT: Final = 3000
LONGEST_SHORT: Final = 300
TYPED: Final = ("name", "what", "app", "when", "who", "staff_name")
"""Steps that take typed words."""
SKIPPABLE: Final = ("app", "when", "who", "staff", "danger")
CHANGEABLE: Final = ("what", "app", "when", "who", "staff", "danger", "class", "rule")
FIRST: Final = "name"
PREVIEW: Final = "preview"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the pupil beforehand, so that it is not asked."""

    named: bool
    in_class: bool


def begin(lang: str, known: Known, *, what: str | None = None, urgent: bool = False) -> Data:
    """Return the data of a new draft; ``what`` is what the pupil typed just before."""
    data: Data = {"lang": lang, "named": known.named, "in_class": known.in_class}
    if what:
        data["what"] = what[:LONGEST_WHAT]
    if urgent:
        data["danger"] = True
    return data


def next_step(data: Mapping[str, Any]) -> str:
    """Return the first step that has no answer yet; ``preview`` when all have one."""
    asked = [
        ("name", data["named"]),
        ("what", "what" in data),
        ("app", "app" in data),
        ("when", "when" in data),
        ("who", "who" in data),
        ("staff", "staff" in data),
        ("staff_name", not data.get("staff_ask_name")),
        ("sexual", "sexual" in data or not about_staff(data)),
        ("class", data["in_class"] or "class" in data),
        ("danger", "danger" in data),
    ]
    return next((step for step, answered in asked if not answered), PREVIEW)


def about_staff(data: Mapping[str, Any]) -> bool:
    """Tell whether the report is about somebody who works at school."""
    return bool(data.get("staff") or data.get("staff_unknown"))


def typed(data: Data, step: str, text: str) -> Data:
    """Return the data after the pupil typed ``text`` at ``step``."""
    if step == "name":
        return {**data, "name": text, "named": True}
    return {**data, step: text}


def skipped(data: Data, step: str) -> Data:
    """Return the data after "overslaan". Staff that were recognised stay shut out."""
    if step == "staff":
        return {**data, "staff": list(data.get("recognised", []))}
    return {**data, step: False if step == "danger" else None}


def chose_staff(data: Data, ids: list[str]) -> Data:
    """Return the data after the pupil said whom of the staff it is about."""
    return {**data, "staff": ids, "staff_ask_name": False, "staff_unknown": False}


def staff_by_name(data: Data) -> Data:
    """Return the data after "ja, iemand anders": the name is asked next."""
    return {**data, "staff": [], "staff_ask_name": True}


def staff_unknown(data: Data) -> Data:
    """Return the data when the name of the member of staff is not known.

    Then it might be the mentor, so the mentors of the class are passed over.
    """
    return {**data, "staff": [], "staff_ask_name": False, "staff_unknown": True}


def reopened(data: Data, step: str) -> Data:
    """Return the data with one answer taken out, to be asked again."""
    gone = {"staff": ("staff", "staff_unknown", "staff_ask_name", "sexual")}.get(step, (step,))
    changed = {key: value for key, value in data.items() if key not in gone}
    if step == "class":
        changed["in_class"] = False
    return changed


def too_long(step: str, text: str) -> int | None:
    """Return the limit that ``text`` is over at ``step``, or None."""
    limit = LONGEST_WHAT if step == "what" else LONGEST_SHORT
    return limit if len(text) > limit else None
