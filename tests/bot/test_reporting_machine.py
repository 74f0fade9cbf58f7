"""The dialogue of a report as a state machine, driven by whatever a pupil may do."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import reporting
from bot.handlers.compose import route_of, steps_of
from bot.reporting import Known

WORDS = st.text(min_size=1, max_size=40)
STAFF = st.sampled_from(["vos", "smit", "demir"])


class Dialogue(RuleBasedStateMachine):
    """Types, taps, skips and changes in any order; invariants hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = reporting.begin("nl", Known(named=False, in_class=False))
        self.danger_said = False
        self.named: set[str] = set()
        self.denied: set[str] = set()

    @property
    def step(self) -> str:
        return reporting.next_step(self.data)

    @precondition(lambda self: self.step in reporting.TYPED and self.step != "staff_name")
    @rule(text=WORDS)
    def type_words(self, text: str) -> None:
        self.data = reporting.typed(self.data, self.step, text)

    @rule(text=WORDS)
    def say_danger(self, text: str) -> None:
        self.data = reporting.in_danger(self.data, "crisis", text)
        self.danger_said = True

    @rule(who=st.lists(STAFF, max_size=2))
    def name_staff(self, who: list[str]) -> None:
        self.data = reporting.mentioned(self.data, who)
        self.named |= set(who)

    @precondition(lambda self: self.step in reporting.SKIPPABLE)
    @rule()
    def skip(self) -> None:
        if self.step == "danger":
            self.danger_said = False
        self.data = reporting.skipped(self.data, self.step)

    @precondition(lambda self: self.step == "staff")
    @rule(choice=st.sampled_from(["no", "other", "all"]))
    def answer_staff(self, choice: str) -> None:
        if choice == "no":
            self.denied = set(self.data.get("recognised", []))
            self.data = reporting.chose_staff(self.data, [])
        elif choice == "other":
            self.data = reporting.staff_by_name(self.data)
        else:
            self.denied = set()
            self.data = reporting.chose_staff(self.data, list(self.data.get("recognised", [])))

    @precondition(lambda self: self.step == "staff_name")
    @rule(who=st.one_of(st.none(), STAFF))
    def answer_name(self, who: str | None) -> None:
        self.denied = set(self.data.get("recognised", [])) - {who}
        chosen = reporting.chose_staff(self.data, [who]) if who else None
        self.data = chosen or reporting.staff_unknown(self.data)

    @precondition(lambda self: self.step in {"sexual", "danger"})
    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        if self.step == "danger":
            self.danger_said = yes
        self.data = {**self.data, self.step: yes}

    @precondition(lambda self: self.step == "class")
    @rule(choice=st.sampled_from(["h3b", None]))
    def answer_class(self, choice: str | None) -> None:
        self.data = {**self.data, "class": choice}

    @precondition(lambda self: self.step == reporting.PREVIEW)
    @rule(step=st.sampled_from([s for s in reporting.CHANGEABLE if s != "rule"]))
    def change(self, step: str) -> None:
        if step == "danger":
            self.danger_said = False
        self.data = reporting.reopened(self.data, step)
        assert self.step == step

    @rule(named=st.booleans(), in_class=st.booleans(), lang=st.sampled_from(["nl", "en"]))
    def world_changes(self, named: bool, in_class: bool, lang: str) -> None:
        self.data = reporting.refreshed(self.data, lang, Known(named=named, in_class=in_class))

    @invariant()
    def data_travels_through_storage(self) -> None:
        assert json.loads(json.dumps(self.data)) == self.data

    @invariant()
    def danger_is_never_lost(self) -> None:
        if self.danger_said:
            assert self.data["danger"] is True

    @invariant()
    def preview_is_complete_and_shuts_out_who_was_named(self) -> None:
        if self.step != reporting.PREVIEW:
            return
        assert self.data["named"]
        assert {"what", "app", "when", "who", "staff", "danger"} <= set(self.data)
        assert self.data["in_class"] or "class" in self.data
        shut_out = set(self.data["staff"]) | self.denied
        assert self.named <= shut_out
        if reporting.about_staff(self.data):
            assert "sexual" in self.data
            assert steps_of(self.data) == "staff"
            expected = "confidential" if self.data["sexual"] else "staff"
            assert route_of(self.data) == expected


Dialogue.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDialogue = Dialogue.TestCase


@given(st.text(max_size=3200))
def test_clipping_counts_as_telegram_does(text: str) -> None:
    """What was clipped fits, is the start of the text, and whole signs only."""
    for step, limit in (("what", reporting.LONGEST_WHAT), ("who", reporting.LONGEST_SHORT)):
        kept = reporting.clipped(text, limit)
        assert reporting.too_long(step, kept) is None
        assert text.startswith(kept)
        assert kept == text or reporting.length(kept) >= limit - 1


def test_skipping_staff_after_my_mentor_passes_the_mentors_over() -> None:
    """Who says "mijn mentor" without a class and skips the question is not sent to that mentor."""
    data = reporting.begin("nl", Known(named=True, in_class=False))
    data = reporting.mentioned(data, [], mentor_said=True)
    assert reporting.skipped(data, "staff")["staff_unknown"] is True


def test_names_in_any_alphabet() -> None:
    """Accents, apostrophes of phones and other alphabets are names; one word or emoji is not."""
    for good in ("Noor Bakker", "D’Angelo de Wit", "José Núñez", "محمد علي", "अनिल कुमार"):
        assert reporting.looks_like_a_name(good)
    for bad in ("Noor", "noor 🌸", "<b>Noor</b> Bakker", "- -", "ik 12"):
        assert not reporting.looks_like_a_name(bad)
