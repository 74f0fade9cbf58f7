"""A kept question holds nothing that points to a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.masking import mask

NAMES = ["Zoë Jansen", "Piet de Vries", "daan", "Anne-Fleur van den Berg"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("heeft Daan dat gepost", "heeft [naam] dat gepost"),
        ("daan's foto en zoes filmpje", "[naam] foto en [naam] filmpje"),
        ("ZOE JANSEN uit 2b", "[naam] [naam] uit [nummer]"),
        ("meneer de vries van aardrijkskunde", "meneer de [naam] van aardrijkskunde"),
        ("anne-fleur en Fleur", "[naam] en [naam]"),
        ("bel 06-12 34 56 78 of +31612345678", "bel [nummer] of [nummer]"),
        ("volg @lisa.08 of lisa_08 of lisa2010", "volg [account] of [account] of [account]"),
        ("mail a.b@school.nl", "mail [account]"),
        ("kijk op https://x.nl/p?q=1 en www.y.com", "kijk op [link] en [link]"),
        ("mag ik een foto posten", "mag ik een foto posten"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    """Names, classes, numbers, accounts and links are replaced; other words stay."""
    assert mask(text, NAMES) == masked


@given(st.text(max_size=60), st.sampled_from(NAMES), st.text(max_size=60))
def test_no_name_survives(before: str, name: str, after: str) -> None:
    """A name between other words never survives, and masking twice changes nothing."""
    masked = mask(f"{before} {name} {after}", NAMES)
    last = name.rsplit(maxsplit=1)[-1]
    assert f" {last} " not in f" {masked} "
    assert mask(masked, NAMES) == masked
