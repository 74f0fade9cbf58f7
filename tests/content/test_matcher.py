"""Understanding: the contract of a match, danger, follow-ups, language, other schools' packs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.loader import load_pack
from content.match import RULED, Match
from content.matcher import Matcher
from content.models import CrisisCase, CrisisFile, Lexicon, Situation, Topic
from content.pack import Pack
from content.tuning import Tuning
from tests.content.sample import write_pack

KEYS = {"kind", "verdict", "rules", "situation", "lang", "confident"}


def contract(match: Match, pack: Pack) -> None:
    """All that is promised of every match."""
    data = match.to_json()
    assert set(data) == KEYS
    assert match.lang in ("nl", "en")
    assert (match.verdict is not None) <= (match.kind == "ask")
    scores = [score for _, score in match.rules]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    if match.kind in RULED:
        numbers = [pack.number(label) for label, _ in match.rules]
        assert len(set(numbers)) == len(numbers) >= min(3, len(pack.rules))
    else:
        assert match.rules == ()
        assert match.options == ()
    if match.kind == "oos":
        assert not match.confident
    if match.kind == "crisis":
        assert match.confident
        assert match.situation is None or isinstance(match.situation, CrisisCase)
    if match.kind in ("ask", "report") and match.confident:
        assert isinstance(match.situation, Situation)
        assert match.options == ()
        assert match.kind == "report" or match.verdict == match.situation.verdict
    assert len(match.options) in (0, 2, 3)
    assert len({option.id for option in match.options}) == len(match.options)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "🙃",
        "a" * 5000,
        "mag " * 800,
        "\x00\ud800",
        "123 456",
        "是吗",
        "mag ik dit",
        "'",
        "^ $",
    ],
)
def test_any_text(matcher: Matcher, text: str) -> None:
    """Empty, endless and odd messages are understood or refused, never an error."""
    contract(matcher.ask(text), matcher.pack)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from("mag ik een foto van iemand posten docent app dood les mijn".split()),  # noqa: SIM905
            st.text(max_size=12),
        ),
        max_size=12,
    )
)
def test_contract_holds_for_any_words(matcher: Matcher, words: list[str]) -> None:
    """Whatever is typed, the match keeps its promises."""
    contract(matcher.ask(" ".join(words)), matcher.pack)


def test_own_phrasings_are_understood(matcher: Matcher) -> None:
    """Nearly every phrasing of the pack leads to its own rule and kind."""
    asked = right = kinds = 0
    for situation in matcher.pack.situations:
        for text in situation.examples.nl[:1] + situation.examples.en[:1]:
            match = matcher.ask(text)
            asked += 1
            first = match.rules and matcher.number(match.rules[0][0])
            right += first == matcher.number(situation.rule or "")
            kinds += match.kind == "ask"
    assert right / asked >= 0.9
    assert kinds / asked >= 0.93


def test_same_question_same_answer(matcher: Matcher) -> None:
    """What was asked before changes nothing: a fresh matcher gives the same match."""
    text = "mag ik een foto van mijn vriendin op insta zetten"
    matcher.ask("iets heel anders over wifi en docenten")
    assert matcher.ask(text) == matcher.ask(text) == Matcher(matcher.pack).ask(text)


def test_typing_errors_and_slang(matcher: Matcher) -> None:
    """Errors, missing accents, capitals and chat spelling lead to the same rule."""
    plain = matcher.ask("mag ik een foto van mijn docent op instagram zetten")
    for typed in (
        "MAG IK EEN FOTO VAN MIJN DOCENT OP INSTAGRAM ZETTEN",
        "mag k n foto vn mn docent op insta zette",
        "mag ik een fotoo van mijn dosent op instagramm zettten",
    ):
        assert matcher.ask(typed).kind == "ask"
        assert {label for label, _ in matcher.ask(typed).rules[:2]} & {plain.rule}


def test_signals_are_enough(matcher: Matcher) -> None:
    """A telling phrase of a crisis case makes a message a crisis, whatever stands around it."""
    hits = asked = 0
    for case in matcher.pack.crisis.cases:
        for text in case.signals.nl[:6] + case.signals.en[:6]:
            asked += 1
            hits += matcher.ask(f"hoi ik zit in 2b {text} weet jij dat").kind == "crisis"
    assert hits / asked >= 0.97


def test_harmless_phrases_are_no_crisis(matcher: Matcher) -> None:
    """What only sounds like danger stays what it is."""
    texts = [text for _, text in matcher.pack.crisis.harmless]
    false = sum(matcher.ask(text).kind == "crisis" for text in texts)
    assert false / len(texts) <= 0.1


def test_topics_are_refused(matcher: Matcher) -> None:
    """Topics out of scope are hardly ever answered with a rule."""
    texts = [
        text for topic in matcher.pack.topics if topic.kind == "oos" for _, text in topic.examples
    ]
    answered = [matcher.ask(text) for text in texts]
    wrong = sum(match.confident and match.kind in RULED for match in answered)
    assert wrong / len(texts) <= 0.05
    assert sum(isinstance(match.situation, Topic) for match in answered) / len(texts) >= 0.85


def test_language_per_question(matcher: Matcher) -> None:
    """The answer's language is that of the question; the main one of a mixed question."""
    assert matcher.ask("mag ik mijn mobiel in de kantine gebruiken").lang == "nl"
    assert matcher.ask("can i use my phone in the canteen").lang == "en"
    assert matcher.ask("mag ik die video van ons posten or nah").lang == "nl"
    assert matcher.ask("can i post the video we made met de klas").lang == "en"
    assert matcher.ask("👍").lang == "nl"


def test_language_of_phrasings(matcher: Matcher) -> None:
    """Both languages are told apart over the pack's own phrasings."""
    for lang in ("nl", "en"):
        texts = [text for found, text in matcher.pack.phrasings() if found == lang][::15]
        assert sum(matcher.ask(text).lang == lang for text in texts) / len(texts) >= 0.97


def test_follow_up_stays_with_the_rule(matcher: Matcher) -> None:
    """A follow-up refines the question before it, within the same rule."""
    first = "mag ik een foto van mijn vriendin op insta zetten"
    rule = matcher.number(matcher.ask(first).rule or "")
    match = matcher.ask("en als ze het goed vindt?", previous=first)
    assert matcher.number(match.rule or "") == rule
    assert isinstance(match.situation, Situation)
    assert match.verdict in ("yes", "conditional")


def test_follow_up_place(matcher: Matcher) -> None:
    """Another place of the same question gets its own verdict."""
    first = "mag ik mijn telefoon gebruiken in de les"
    assert matcher.ask("en in de pauze?", previous=first).verdict == "yes"


def test_new_question_is_no_follow_up(matcher: Matcher) -> None:
    """A question that does not open like a follow-up stands alone, and danger always does."""
    first = "mag ik een foto van mijn vriendin op insta zetten"
    text = "mag ik mijn telefoon gebruiken in de kantine"
    assert matcher.ask(text, previous=first) == matcher.ask(text)
    assert matcher.ask("en ik wil niet meer leven", previous=first).kind == "crisis"


def test_explanation(matcher: Matcher) -> None:
    """A match says which words and phrasings it rests on, and what it read otherwise."""
    match = matcher.ask("mag ik een filmpje van mijn docentt op tiktok zetten")
    reasons = match.explanation
    weights = [weight for _, weight in reasons.words]
    assert weights == sorted(weights, reverse=True)
    assert dict(reasons.corrected)["docentt"] == "docent"
    assert reasons.examples
    assert all(0 < example.similarity <= 1 for example in reasons.examples)
    assert match.situation is not None
    assert {example.case for example in reasons.examples} == {match.situation.id}
    assert abs(sum(chance for _, chance in reasons.kinds) - 1) < 1e-6
    assert 0 <= reasons.margin <= 1


def test_explanation_names_signals(matcher: Matcher) -> None:
    """A crisis phrase that was found is part of the explanation."""
    match = matcher.ask("ik wil niet meer leven")
    assert match.explanation.signals


def test_foreign_pack(tmp_path: Path) -> None:
    """Another school's pack with its own labels is understood by the same matcher."""
    pack = load_pack(write_pack(tmp_path))
    matcher = Matcher(pack)
    match = matcher.ask("mag ik een foto van mijn vriend op mijn story zetten")
    assert (match.kind, match.rule) == ("ask", "FOTO")
    assert matcher.ask("is het ok om mijn leraar te filmen").rule == "FOTO-a"
    assert matcher.ask("hij gaat me neersteken").kind == "crisis"
    for text in ("", "hoi", "wie ben jij", "can i swear at people", "zzz"):
        contract(matcher.ask(text), pack)


def test_empty_pack(pack: Pack) -> None:
    """A pack without a single phrasing refuses everything instead of failing."""
    rules = tuple(rule.model_copy(update={"situations": ()}) for rule in pack.rules)
    bare = dataclasses.replace(
        pack,
        rules=rules,
        crisis=CrisisFile(help_lines=(), cases=()),
        topics=(),
        lexicon=Lexicon(),
    )
    assert Matcher(bare).ask("mag dit").kind in ("oos", "smalltalk")


@pytest.mark.parametrize(
    "tuning",
    [
        Tuning(spelling=False),
        Tuning(weighting=False),
        Tuning(concepts=False),
        Tuning(nearest=0),
        Tuning(grams=0, bigrams=0),
    ],
)
def test_parts_can_be_switched_off(pack: Pack, tuning: Tuning) -> None:
    """Each part of the matcher can be left out, to measure what it is worth."""
    contract(Matcher(pack, tuning).ask("mag ik een foto van mijn dosent posten"), pack)


@pytest.mark.parametrize("every", range(0, 380, 19))
def test_a_phrasing_of_the_pack_gets_its_own_situation(matcher: Matcher, every: int) -> None:
    """What a teacher wrote down as an example is answered with just that situation, and surely."""
    situation = matcher.pack.situations[every]
    text = next(t for _, t in situation.examples if len(t.split()) > 4)
    match = matcher.ask(text.upper())
    assert (match.kind, match.situation, match.verdict) == ("ask", situation, situation.verdict)
    assert match.confident
    assert len({matcher.number(label) for label, _ in match.rules}) >= 3
