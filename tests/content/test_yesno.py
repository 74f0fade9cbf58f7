"""A typed yes or no: taken where it is plainly one, left alone where it is not."""

from __future__ import annotations

import pytest

from content.models import Lexicon
from content.pack import Pack
from content.yesno import YesNo

YES = (
    *("ja", "Ja!", "JAAAA", "jaa heel erg", "yes", "yess", "yeah he is", "jep", "jawel", "klopt"),
    *("ja er is iemand in gevaar", "ja mijn zusje wordt geslagen", "yh", "zeker"),
)
NO = (
    *("nee", "Nee.", "neeeee", "nee hoor", "nee gelukkig niet", "no", "nope", "not really", "nah"),
    *("nee er is niemand in gevaar", "no one is in danger", "helemaal niet", "nee niet meer"),
)
NEITHER = (
    *("", "👍", "idk", "misschien", "ja nee", "ja maar niet echt", "zeker niet", "ik weet niet"),
    *("nee, straks pas", "nee maar ik ben bang", "no my brother is hurt", "het is niet voorbij"),
    *("nee nu niet maar als hij thuiskomt wel", "no way", "niet doen", "er is niemand"),
)


@pytest.mark.parametrize(
    ("text", "answer"),
    [*((t, True) for t in YES), *((t, False) for t in NO), *((t, None) for t in NEITHER)],
)
def test_read(pack: Pack, text: str, answer: bool | None) -> None:
    """More may follow a yes; a no is a no and nothing more."""
    assert YesNo(pack.lexicon, yes="Ja Yes", no="Nee No").read(text) is answer


def test_a_pack_without_words() -> None:
    """Then the labels of the buttons count, in any case."""
    reads = YesNo(Lexicon(), yes="Aye", no="Nay")
    assert [reads.read(text) for text in ("aye!", "NAY", "ja")] == [True, False, None]
