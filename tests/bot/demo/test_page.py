"""The page's own files: what they import and say is there."""

from __future__ import annotations

import re

from bot.demo.server import WEB

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in (WEB / "js").glob("*.js")}


def words(language: str) -> set[str]:
    block = SOURCES["i18n.js"].split(f"  {language}: {{", 1)[1].split("\n  },", 1)[0]
    return set(re.findall(r'(?:^|[\s{,])(\w+): "', block))


def test_imports() -> None:
    """Every module imports only names that the other module exports."""
    for name, source in SOURCES.items():
        for names, module in re.findall(r'import \{([^}]+)\} from "\./([\w.]+)"', source):
            for wanted in re.split(r"[,\s]+", names.strip()):
                exported = rf"export (?:async )?(?:const|function|class) {wanted}\b"
                assert re.search(exported, SOURCES[module]), f"{name}: {wanted} from {module}"


def test_words_in_both_languages() -> None:
    """Dutch and English have the same words, and each word that is asked for is there."""
    assert words("nl") == words("en")
    assert len(words("nl")) > 80
    page = (WEB / "index.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'data-(?:text|label)="(\w+)"', page))
    for source in SOURCES.values():
        asked |= set(re.findall(r'\b(?:t\("|text: "(?=step))(\w+)"', source))
    assert asked <= words("nl"), asked - words("nl")


def test_no_word_is_left_over() -> None:
    """Each word is named somewhere in the page."""
    page = (WEB / "index.html").read_text(encoding="utf-8")
    rest = [source for name, source in SOURCES.items() if name != "i18n.js"]
    named = set(re.findall(r"[\w-]+", " ".join(re.findall(r'"[^"]*"', " ".join([page, *rest])))))
    assert words("nl") <= named, words("nl") - named


def test_text_is_never_html() -> None:
    """What people and the bot write reaches the page as text only."""
    for name, source in SOURCES.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", source), (
            name
        )
