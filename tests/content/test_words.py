"""From typed text to words: normalisation, spelling, phrases of danger."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.danger import Phrases, stands_in
from content.models import Lexicon
from content.spelling import Speller, sound
from content.wordparts import WordParts
from content.words import BREAK, NAME, NUMBER, Reader, plain, token_row, tokens

LEXICON = Lexicon.model_validate(
    {"spellings": {"k": "ik", "ofnie": "of niet"}, "names": ["Daan", "Zoë"]}
)
KNOWN = Counter(
    {
        "telefoon": 9,
        "docent": 8,
        "groepsapp": 7,
        "school": 6,
        "wifi": 5,
        "vind": 4,
        "weten": 3,
        "filmpje": 2,
    }
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("HEEEEEL erg!!!", ["heel", "erg"]),
        ("Zo'n café, m’n foto’s", ["zon", "cafe", "mn", "fotos"]),
        ("k weet niet ofnie", ["ik", "weet", "niet", "of", "niet"]),
        ("Daan en zoe uit 2b", [NAME, "en", NAME, "uit", NUMBER]),
        ("ok 😂", ["ok", "😂"]),
        ("", []),
    ],
)
def test_reading(text: str, words: list[str]) -> None:
    """Case, accents, apostrophes, repeated letters, chat spelling, names and numbers."""
    assert Reader(LEXICON).words(text) == words


@given(st.text(max_size=60))
def test_plain_text_stays_plain(text: str) -> None:
    """Making plain twice changes nothing, and tokens hold no space."""
    assert plain(plain(text)) == plain(text)
    assert all(token and not token.isspace() for token in tokens(text))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("telefoon", ["telefoon"]),
        ("tellefoon", ["telefoon"]),
        ("telefon", ["telefoon"]),
        ("tleefoon", ["telefoon"]),
        ("dosent", ["docent"]),
        ("vint", ["vind"]),
        ("weete", ["weten"]),
        ("schoolwifi", ["school", "wifi"]),
        ("groeps app", ["groepsapp"]),
        ("filmje", ["filmpje"]),
        ("fietsband", ["fietsband"]),
        ("xyz", ["xyz"]),
    ],
)
def test_spelling(typed: str, read: list[str]) -> None:
    """Typing errors, spelling by sound, split and joined compounds; far words stay."""
    assert Speller(KNOWN).correct(typed.split()) == read


def test_sound() -> None:
    """Words that sound the same in Dutch have the same key."""
    assert sound("wijt") == sound("weid")
    assert sound("vout") == sound("fout")
    assert sound("lachen") == sound("lagge")


def test_word_parts() -> None:
    """Words share parts of four and five letters that know where a word starts and ends."""
    parts = WordParts([(7, "filmpje"), (8, "film"), (9, "docent"), (3, "wc")])
    shared = parts.sharing(["filmen", "cent", "zzzz"])
    found = set(zip(shared.asked[shared.parts].tolist(), shared.words.tolist(), strict=True))
    assert found == {(0, 7), (0, 8), (1, 9)}
    assert shared.counts.tolist() == [9, 5, 5]


@given(st.lists(st.text(max_size=12), max_size=4))
def test_texts_in_a_row(texts: list[str]) -> None:
    """Many texts read at once give the words of each, a break before and after each text."""
    reader = Reader(LEXICON)
    row = [BREAK]
    for text in texts:
        row += [*reader.words(text), BREAK]
    assert [word for token in token_row(texts) for word in reader.reading(token)] == row


def test_phrases_with_words_between() -> None:
    """A phrase of three words is found with others between; one of two is taken literally."""
    phrase = ("wil", "niet", "leven")
    assert stands_in(phrase, ["ik", "wil", "echt", "niet", "meer", "leven"])
    assert not stands_in(phrase, ["ik", "wil", "niet", "en", "kan", "zo", "nog", "lang", "leven"])
    assert not stands_in(phrase, ["niet", "leven", "wil"])
    assert not stands_in(("maak", "dood"), ["ik", "maak", "de", "lamp", "dood"])


def test_phrases_are_found_by_their_rarest_word() -> None:
    """Only phrases that share a word are looked at, and all that stand there are found."""
    phrases = Phrases([(1, ("wil", "dood")), (2, ("spring", "eraf")), (3, ())], Counter({"wil": 5}))
    assert phrases.found(["ik", "wil", "dood"]) == [(1, ("wil", "dood"))]
    assert phrases.found(["eraf", "spring"]) == []
