"""The post check: few taps, always an end, and nakedness first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from content.errors import UnknownIdError
from content.models import CheckOutcome
from content.pack import Pack
from content.postcheck import PostCheck


def paths(
    check: PostCheck, taken: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], CheckOutcome]]:
    """Every way through the tree with where it ends."""
    node = check.walk(taken)
    if isinstance(node, CheckOutcome):
        yield taken, node
        return
    for choice in range(len(node.answers)):
        yield from paths(check, (*taken, choice))


def test_every_way_ends_within_five_taps(pack: Pack) -> None:
    """Each way through the shipped tree takes one to five taps."""
    found = list(paths(PostCheck(pack.check)))
    assert all(1 <= len(taken) <= 5 for taken, _ in found)
    assert {outcome.id for _, outcome in found} == {one.id for one in pack.check.outcomes}


def test_nakedness_ends_at_once(pack: Pack) -> None:
    """One answer to the first question leads straight to help, without an offer to delete."""
    first = [outcome for taken, outcome in paths(PostCheck(pack.check)) if len(taken) == 1]
    assert any(outcome.help_lines and not outcome.offer_delete for outcome in first)


def test_forged_taps(pack: Pack) -> None:
    """A tap that the tree does not have is refused."""
    check = PostCheck(pack.check)
    outcome = pack.check.outcomes[0].id
    for node, choice in ((check.start.id, 99), (check.start.id, -1), (outcome, 0), ("x", 0)):
        with pytest.raises(UnknownIdError):
            check.answer(node, choice)
