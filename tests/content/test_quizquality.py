"""Weak quiz items are named, good ones are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from content.models import Local
from content.pack import Pack
from content.quizquality import weaknesses

FINE = ("Ik vraag het haar eerst", "Ik plaats hem meteen", "Ik stuur hem alleen door")


def with_item(pack: Pack, question: str, options: tuple[str, ...]) -> Pack:
    """The pack with one item, in Dutch and English the same."""
    first = pack.quiz[0].model_copy(
        update={
            "question": Local(nl=question, en=question),
            "options": tuple(Local(nl=each, en=each) for each in options),
        }
    )
    rule = pack.rules[1].model_copy(update={"quiz": (first,)})
    return replace(pack, rules=(rule,))


@pytest.mark.parametrize(
    ("question", "options", "said"),
    [
        ("Wat doe je?", FINE, ""),
        ("Wat doe je? " * 20, FINE, "the question has"),
        ("Wat doe je?", (FINE[0], FINE[1], "x" * 95), "an option has 95"),
        ("Wat doe je?", ("Ik vraag het eerst en wacht rustig af", "Ja", "Nee"), "gives itself"),
        ("Wat doe je?", ("Ja", "Ik vraag het eerst", "Ik wacht rustig af"), "only 2 characters"),
        ("Wat doe je?", ("Ik vraag het eerst", "Ik vraag het eerst.", FINE[1]), "nearly the same"),
    ],
)
def test_weaknesses(pack: Pack, question: str, options: tuple[str, ...], said: str) -> None:
    """Too long, a giveaway by length, two options alike: named with item and language."""
    found = [str(each) for each in weaknesses(with_item(pack, question, options))]
    assert bool(found) is bool(said)
    assert all(said in each for each in found)
    assert not said or {each.split(": ")[0][-4:] for each in found} == {"(nl)", "(en)"}


def test_the_shipped_pack_has_few(pack: Pack) -> None:
    """At most one item in ten of the shipped pack gives itself away; none has two right ones."""
    found = weaknesses(pack)
    weak = {each.item for each in found if "gives itself away" in each.what}
    assert not [each for each in found if "nearly the same" in each.what]
    assert len(weak) <= 0.1 * len(pack.quiz)
