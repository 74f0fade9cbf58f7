"""README and documents: their pictures and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LARGEST = 150_000
"""Bytes of a picture: a reader on a phone waits for it."""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_pictures_and_links(path: Path) -> None:
    """Each picture is there, small, and says in words what it shows; each link leads somewhere."""
    text = path.read_text(encoding="utf-8")
    pictures = re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]*)"', text)
    pictures += [(source, alt) for alt, source in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text)]
    assert len(pictures) == text.count("<img ") + text.count("![")
    for source, alt in pictures:
        assert len(alt) > 15, source
        assert (path.parent / source).stat().st_size < LARGEST, source
    for target in re.findall(r"(?<!!)\[[^]]+\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_each_story_has_its_picture() -> None:
    """The README shows ask, quiz, report, mentor and what happens when Telegram fails."""
    shown = re.findall(r'docs/pictures/(\w+)\.png" width', DOCUMENTS[0].read_text(encoding="utf-8"))
    assert {"ask", "quiz", "report", "mentor", "blocked", "killed"} <= set(shown)
