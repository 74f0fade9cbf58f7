"""The dialogue of a report as a pure state machine: which step comes next, and what an answer does.

The draft's ``data`` is a plain dict that travels through storage sealed. A step is asked until its
key is there, so an interrupted dialogue goes on where it was, on any replica.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Data = dict[str, Any]

LONGEST_WHAT: Final = 2500
LONGEST_SHORT: Final = 200
"""In UTF-16 units, as Telegram counts: the whole card must fit in one message of 4096."""
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
        data["what"] = clipped(what, LONGEST_WHAT)
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


def refreshed(data: Data, lang: str, known: Known) -> Data:
    """Return the data with what changed around the dialogue: language, name, class."""
    named = known.named or bool(data.get("name"))
    in_class = data["in_class"] and known.in_class
    return {**data, "lang": lang, "named": named, "in_class": in_class}


def typed(data: Data, step: str, text: str) -> Data:
    """Return the data after the pupil typed ``text`` at ``step``."""
    if step == "what":
        return {**data, "what": text}
    short = " ".join(text.split())
    return {**data, step: short} | ({"named": True} if step == "name" else {})


def in_danger(data: Data, steps: str, text: str) -> Data:
    """Return the data once danger was said, at whatever step.

    The first words are kept as what happened: nobody in danger has to type them twice.
    """
    told = {} if "what" in data else {"what": clipped(text, LONGEST_WHAT)}
    denied = "staff" in data and not data.get("staff_ask_name") and not about_staff(data)
    if steps == "staff" and denied:  # said "no" before these words: asked again
        return reopened({**data, "danger": True, "steps": steps, **told}, "staff")
    kept = "staff" if data.get("steps") == "staff" and not denied else steps
    return {**data, "danger": True, "steps": kept, **told}


def proposed(data: Data, rule: str | None) -> Data:
    """Return the data with the rule that fits the words, unless the pupil chose one."""
    return data if data.get("rule_chosen") else {**data, "rule": rule}


def chose_rule(data: Data, rule: str | None) -> Data:
    """Return the data after the pupil picked a rule, or none."""
    return {**data, "rule": rule, "rule_chosen": True}


def mentioned(data: Data, ids: Sequence[str], *, mentor_said: bool = False) -> Data:
    """Return the data after words that may name staff: unless it is about them, asked again.

    A "no" was about the words of before. ``mentor_said``: "my mentor" was typed and it is not known
    yet who that is.
    """
    about = data.get("staff") or []
    known = [*data.get("recognised", []), *about]
    fresh = [each for each in ids if each not in about]
    changed = {**data, "recognised": list(dict.fromkeys([*known, *ids]))}
    said_now = mentor_said and not about_staff(data)
    if mentor_said:
        changed["mentor_said"] = True
    answered = "staff" in data and not data.get("staff_ask_name")
    return reopened(changed, "staff") if answered and (fresh or said_now) else changed


def skipped(data: Data, step: str) -> Data:
    """Return the data after "overslaan". Staff that were recognised stay shut out."""
    if step == "staff":
        known = list(data.get("recognised", []))
        somebody = data.get("steps") == "staff" and not known
        unknown = bool(data.get("mentor_said") or somebody)
        return {**data, "staff": known, "staff_unknown": unknown}
    return {**data, step: False if step == "danger" else None}


def chose_staff(data: Data, ids: list[str], *, unknown: bool = False) -> Data:
    """Return the data after the pupil said whom of the staff it is about.

    ``unknown``: also about a mentor, of whom it is not known yet who that is.
    """
    return {**data, "staff": ids, "staff_ask_name": False, "staff_unknown": unknown}


def staff_by_name(data: Data) -> Data:
    """Return the data after "ja, iemand anders": the name is asked next."""
    return {**data, "staff": [], "staff_ask_name": True}


def staff_unknown(data: Data) -> Data:
    """Return the data when the name of the member of staff is not known.

    Then it might be the mentor, so the mentors of the class are passed over.
    """
    return chose_staff(data, [], unknown=True)


def reopened(data: Data, step: str) -> Data:
    """Return the data with one answer taken out, to be asked again."""
    staff = ("staff", "staff_unknown", "staff_ask_name", "staff_missed", "sexual", "picked")
    gone = {"staff": staff, "class": ("class", "picked")}.get(step, (step,))
    changed = {key: value for key, value in data.items() if key not in gone}
    if step == "class":
        changed["in_class"] = False
    return changed


def too_long(step: str, text: str) -> int | None:
    """Return the limit that ``text`` is over at ``step``, or None."""
    limit = LONGEST_WHAT if step == "what" else LONGEST_SHORT
    return limit if length(text) > limit else None


def length(text: str) -> int:
    """Return how long a text is as Telegram counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clipped(text: str, limit: int) -> str:
    """Return the start of ``text`` that is at most ``limit`` UTF-16 units long."""
    if length(text) <= limit:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def looks_like_a_name(text: str) -> bool:
    """Tell whether a text can be a first and last name, in any alphabet."""
    parts = text.split()
    return 2 <= len(parts) <= 8 and len(text) <= 60 and all(_is_name_part(part) for part in parts)


def _is_name_part(part: str) -> bool:
    rest = [sign for sign in part if sign not in "-'’`´."]
    kinds = [unicodedata.category(sign)[0] for sign in rest]
    return "L" in kinds and set(kinds) <= {"L", "M"}
