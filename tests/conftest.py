"""What every room's tests share: the pack and the matcher, loaded once a test process."""

from __future__ import annotations

import pytest

from content.loader import load_pack
from content.matcher import Matcher
from content.pack import Pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The shipped pack."""
    return load_pack()


@pytest.fixture(scope="session")
def matcher(pack: Pack) -> Matcher:
    """The matcher of the shipped pack."""
    return Matcher(pack)
