"""Typed words at a step that asks for a button: taken like the button where they plainly say it."""

from __future__ import annotations

from typing import Final

from bot import reporting
from bot.handlers import hearing
from bot.handlers.compose import StepData
from bot.meant import among, class_and_staff, says_mentor
from bot.reporting import Data
from bot.services import Services
from content.yesno import YesNo
from storage import classes
from storage.drafts import DraftView

BARE: Final = 3
"""A yes of so many words says no more than yes."""


def yes_or_no(services: Services, text: str) -> bool | None:
    """Return what was answered, in either language; None for what is not plainly one of the two."""
    speeches = [services.speech(lang) for lang in services.pack.school.languages]
    yes = " ".join(say.label("report.yes") for say in speeches)
    no = " ".join(say.label("report.no") for say in speeches)
    return YesNo(services.pack.lexicon, yes=yes, no=no).read(text)


async def answered(services: Services, draft: DraftView, text: str) -> Data | None:
    """Return the draft's data after typed words at a step with buttons; None: no such answer.

    A class is typed by its label.
    """
    if draft.step == "class":
        found = await services.db.run(classes.by_label, text)
        return {**draft.data, "class": found.id} if found else None
    if draft.step not in {"danger", "sexual", "staff"}:
        return None
    answer = yes_or_no(services, text)
    if answer is None:
        return None
    if draft.step == "staff" and answer:
        return _told(await _about_staff(services, draft, text), text)
    data = await StepData(services, draft).after(draft.step, "yes" if answer else "no")
    if not answer:
        return data
    data = _told(data, text)
    return await hearing.understood(services, draft.telegram_id, data, draft.step, text)


def _told(data: Data, text: str) -> Data:
    """Return the data with what was told along with a yes: whoever helps must read it."""
    if len(text.split()) <= BARE:
        return data
    told = reporting.clipped(f"{data['what']}\n{text}", reporting.LONGEST_WHAT)
    return {**data, "what": told}


async def _about_staff(services: Services, draft: DraftView, text: str) -> Data:
    """Return the data after "ja": about all whom these words and those before name.

    A single one of them alone is what a button says.
    """
    data = draft.data
    _, names = await class_and_staff(services, draft.telegram_id, data.get("class"))
    mentors = [each.id for each in names if each.mentor]
    about_mentor = says_mentor(services, text) or data.get("mentor_said", False)
    named = [*data.get("recognised", []), *among(services, text, names).all]
    found = list(dict.fromkeys([*named, *(mentors if about_mentor else [])]))
    if about_mentor and not mentors:  # the class is asked next, or it passes all mentors
        return {**reporting.chose_staff(data, found, unknown=True), "mentor_said": True}
    return reporting.chose_staff(data, found) if found else reporting.staff_by_name(data)
