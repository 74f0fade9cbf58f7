"""What can go wrong in ``content``; every error of this package descends from ``ContentError``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ContentError(Exception):
    """Root of the errors of ``content``."""


class TextError(ContentError):
    """A bot text that does not exist, or a value for it that was not given."""


class UnknownIdError(ContentError, KeyError):
    """An id or label that the pack does not hold."""

    def __str__(self) -> str:
        """The message itself; ``KeyError`` would show its repr."""
        return str(self.args[0]) if self.args else ""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a pack: file (relative to the pack), line from 1, field and message.

    ``line`` is 0 when the file itself is missing or cannot be read.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """One line as an editor understands it: ``file:line: field: message``."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return (
            f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"
        )


class PackError(ContentError):
    """A content pack that cannot be used; ``problems`` names all that is wrong, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Problem, ...]]]:
        """Pickle by the problems (test workers hand errors over that way)."""
        return (PackError, (self.problems,))
