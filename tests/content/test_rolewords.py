"""A school's own words for its roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.loader import load_pack
from content.models import Local, School
from content.pack import Pack
from content.rolewords import in_known_words


@pytest.fixture(scope="module")
def harbour() -> School:
    """The school of the second pack: tutor, head of year, safeguarding lead, governors."""
    return load_pack(Path(__file__).parents[1] / "data" / "harbour").school


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("The head of  year shouted", "The coordinator shouted"),
        ("i told the Safeguarding Lead", "i told the vertrouwenspersoon"),
        ("het hoofd van je jaar riep iets", "het coordinator riep iets"),
        ("the principal of harbour  college", "the principal of school"),
        ("my tutor was there", "my tutor was there"),
        ("a headstrong year", "a headstrong year"),
    ],
)
def test_own_words(harbour: School, typed: str, read: str) -> None:
    """What the word lists do not have is put into a word that they have; the rest stays."""
    assert in_known_words(typed, harbour) == read


def test_a_coach_is_a_mentor(pack: Pack) -> None:
    """Whole words only, and the school's words alone."""
    coach = pack.school.model_copy(
        update={"roles": {"mentor": Local(nl="je coach", en="your coach")}}
    )
    assert in_known_words("mijn coach en coachen", coach) == "mijn mentor en coachen"
    assert in_known_words("mijn coach", pack.school) == "mijn coach"
