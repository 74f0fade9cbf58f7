"""An assistant in the terminal: says and asks; without a terminal it takes options and defaults."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import typer

from bot.cli import show
from bot.errors import SettingsProblem

YES: Final = frozenset({"j", "ja", "y", "yes"})
NO: Final = frozenset({"n", "nee", "no"})
STATES: Final = {True: "ok", False: "note"}
TEXTS: Final = Path(__file__).parent / "assistant.yaml"


def in_terminal() -> bool:
    """Tell whether somebody can answer questions here."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Assistant:
    """Speaks one language. ``asking``: questions may be asked; else defaults are taken."""

    def __init__(self, lang: str, *, asking: bool) -> None:
        self.lang, self.asking = lang, asking

    @cached_property
    def _texts(self) -> dict[str, dict[str, str]]:
        import yaml

        found: dict[str, dict[str, str]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))[
            "texts"
        ]
        return {str(key): value for key, value in found.items()}

    def text(self, key: str, **values: object) -> str:
        """Return a text of the assistant."""
        return self._texts[key][self.lang].format(**values)

    def say(self, text: str) -> None:
        """Print a line."""
        show.line(text)

    def stands(self, key: str, found: str, *, good: bool = True) -> None:
        """Print how one thing stands."""
        show.marked("ok   " if good else "todo ", f"{self.text(key)}: {found}", STATES[good])

    def ask(self, key: str, default: str = "", **values: object) -> str:
        """Ask for a line; the default where nobody can be asked."""
        if not self.asking:
            return default
        asked = typer.prompt(self.text(key, **values), default=default, show_default=bool(default))
        return str(asked).strip()

    def secret(self, key: str) -> str:
        """Ask for something that does not show while it is typed; empty where nobody answers."""
        if not self.asking:
            return ""
        return str(typer.prompt(self.text(key), default="", hide_input=True, show_default=False))

    def agrees(self, key: str, *, default: bool, **values: object) -> bool:
        """Ask yes or no, in Dutch or English; what is neither is asked again."""
        sign = self.text("yes" if default else "no")
        while self.asking:
            given = typer.prompt(self.text(key, **values), default=sign).strip().lower()
            if given in YES | NO:
                return given in YES
        return default

    def until_right(
        self, ask: Callable[[], str], check: Callable[[str], str | None], tries: int = 3
    ) -> str:
        """Ask until ``check`` has nothing to say; SettingsProblem with what it said at the end.

        Where nobody can be asked, one try is all.
        """
        said: str | None = None
        for _ in range(tries if self.asking else 1):
            given = ask()
            said = check(given)
            if said is None:
                return given
            if self.asking:
                show.line(said, err=True)
        raise SettingsProblem(said or "")
