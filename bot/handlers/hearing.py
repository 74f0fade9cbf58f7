"""What is understood from words typed in a report: danger first, then rule and staff."""

from __future__ import annotations

from typing import Final

from rapidfuzz import fuzz
from telegram import Update

from bot import reporting
from bot.context import Context
from bot.handlers.routes import user_id
from bot.meant import among, class_and_staff, says_mentor
from bot.reporting import Data
from bot.sending import reply
from bot.services import Services
from bot.views import answers, report
from content.models import CrisisCase
from content.pack import OPENING

ALIKE: Final = 80  # of 100: "gister", "eergisteren"


async def help_first(update: Update, context: Context, text: str) -> CrisisCase | None:
    """Show help lines before anything else when words tell of danger, and return its kind."""
    match = context.services.matcher.ask(text) if text else None
    if match is None or match.kind != "crisis":
        return None
    say = await context.speech(update)
    case = answers.case_of(say, match)
    await reply(update, context.bot, report.danger(say, answers.help_lines(say, case.lines)))
    return case


def is_offered(services: Services, step: str, text: str) -> bool:
    """Tell whether typed words are, but for spelling, an answer that a button offers.

    "Gisteren" and "thuis" say when and where: alone they are no cry for help.
    """
    langs = services.pack.school.languages
    labels = [each for lang in langs for each in report.offered(services.speech(lang), step)]
    return any(fuzz.ratio(text.casefold(), each.casefold()) >= ALIKE for each in labels)


async def taken(update: Update, context: Context, data: Data, step: str, text: str) -> Data:
    """Return the draft's data with words typed at ``step``, and what follows from them."""
    services, who = context.services, user_id(update)
    if step == "staff_name":
        found, mentor = await _named(services, who, text)
        if not found and not mentor:
            return {**data, "staff_missed": True}
        return {**reporting.chose_staff(data, found, unknown=mentor), "staff_missed": False}
    data = reporting.typed(data, step, text)
    return data if step == "name" else await understood(services, who, data, step, text)


async def understood(services: Services, who: int, data: Data, step: str, text: str) -> Data:
    """Return the data with rule, danger and staff that were understood from typed words."""
    match = services.matcher.ask(text)
    if match.kind == "crisis" and not is_offered(services, step, text):
        case = answers.case_of(services.speech(services.pack.main_language), match)
        data = reporting.in_danger(data, case.steps, text)
    if step == "what":
        fits = match.rules and match.kind != "oos" and match.rules[0][0] != OPENING
        data = reporting.proposed(data, match.rules[0][0] if fits else None)
    found, mentor = await _named(services, who, text)
    return reporting.mentioned(data, found, mentor_said=mentor)


async def _named(services: Services, who: int, text: str) -> tuple[list[str], bool]:
    """Return the staff whom a text may name, and whether it says "my mentor" of no known class."""
    class_id, names = await class_and_staff(services, who)
    found = list(among(services, text, names).all)
    return found, class_id is None and says_mentor(services, text)
