"""Situations that are valid but hardly known by how pupils say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from content.pack import Pack

FEW: Final = 4
"""Phrasings from which a situation is found in words of other people too."""


def sparse(pack: Pack) -> Iterator[str]:
    """Each situation with fewer phrasings than that in the pack's main language."""
    lang = pack.main_language
    for situation in pack.situations:
        said = len(getattr(situation.examples, lang)) + len(getattr(situation.reports, lang))
        if said < FEW:
            more = f"{said} phrasings ({lang}): write {FEW} or more, each with other words"
            yield f"situation {situation.id} has {more}"
