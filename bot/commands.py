"""Every command of the bot: its Dutch and English name, its line in the menu, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Command:
    """A command; both names always work, each language's menu shows its own."""

    nl: str
    en: str
    text: str
    """Key of the line in menu and help."""
    audience: Literal["everyone", "pupils", "staff"] = "everyone"
    staff_text: str | None = None
    """Key of the line for staff, where it means something else to them."""

    @property
    def names(self) -> list[str]:
        """Return the names that are handled."""
        return [self.nl] if self.nl == self.en else [self.nl, self.en]

    def name(self, lang: str) -> str:
        """Return the name in the menu of ``lang``."""
        return self.en if lang == "en" else self.nl

    def line(self, *, staff: bool) -> str:
        """Return the key of the line in menu and help."""
        return self.staff_text or self.text if staff else self.text


START: Final = Command("start", "start", "menu.start")
HELP: Final = Command("help", "help", "menu.help")
RULES: Final = Command("regels", "rules", "menu.rules")
RULE: Final = Command("regel", "rule", "menu.rule")
CHECK: Final = Command("check", "check", "menu.check")
QUIZ: Final = Command("quiz", "quiz", "menu.quiz")
PROGRESS: Final = Command("voortgang", "progress", "menu.progress")
REPORT: Final = Command("melden", "report", "menu.report", "pupils")
REPORTS: Final = Command("meldingen", "reports", "menu.reports", staff_text="menu.staff.reports")
CLASS: Final = Command("klas", "class", "menu.class", "staff")
ABSENT: Final = Command("afwezig", "absent", "menu.absent", "staff")
PRIVACY: Final = Command("privacy", "privacy", "menu.privacy")
MY_DATA: Final = Command("mijngegevens", "mydata", "menu.my_data")
FORGET: Final = Command("vergeetmij", "forgetme", "menu.forget")
LANGUAGE: Final = Command("taal", "language", "menu.language")
STOP: Final = Command("stop", "stop", "menu.stop")

ALL: Final = (
    *(RULES, RULE, CHECK, QUIZ, PROGRESS, REPORT, REPORTS, CLASS, ABSENT),
    *(PRIVACY, MY_DATA, FORGET, LANGUAGE, STOP, HELP, START),
)


def for_audience(*, staff: bool) -> tuple[Command, ...]:
    """Return the commands in the order of the menu; for staff their own work comes first."""
    if not staff:
        return tuple(c for c in ALL if c.audience != "staff")
    work = (REPORTS, CLASS, ABSENT)
    return work + tuple(c for c in ALL if c.audience != "pupils" and c not in work)
