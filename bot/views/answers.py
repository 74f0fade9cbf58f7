"""The card that answers a question: verdict first, then why, then the rule."""

from __future__ import annotations

from typing import Final

from bot.screen import Button, Html, Screen, Speech
from content.match import Match
from content.models import CrisisCase, Situation, Topic
from content.pack import OPENING

NONE: Final = "none"


def answer(say: Speech, match: Match) -> Screen:
    """Show what the matcher made of a question: an answer, a close call, or an honest refusal."""
    found = match.situation
    if match.kind == "crisis":
        return crisis(say, case_of(say, match))
    if isinstance(found, Topic) and match.confident:
        return topic(say, found)
    if match.kind == "report":
        return told(say, match)
    if isinstance(found, Situation) and match.confident:
        return situation(say, found, match.rules[0][0])
    if match.options and match.kind not in {"meta", "smalltalk", "oos"}:
        return options(say, match.options)
    return topic(say, found) if isinstance(found, Topic) else refusal(say)


def situation(say: Speech, found: Situation, label: str) -> Screen:
    """Show the answer of one situation."""
    key = "answer.card_opening" if label == OPENING else "answer.card"
    text = say(
        key,
        verdict=say(f"verdict.{found.verdict}"),
        answer=found.answer.in_(say.lang),
        rule=label,
        title=say.pack.rule(label).title.in_(say.lang),
    )
    return Screen(text, (_about(say, label), _doubt(say, report=label != OPENING)))


def told(say: Speech, match: Match) -> Screen:
    """Answer an account of something that happened: offer to report it."""
    found = match.situation
    if not isinstance(found, Situation) or not match.confident:
        return Screen(say("answer.report_vague"), ((_report(say),), (_wrong(say),)))
    label = match.rules[0][0]
    text = say(
        "answer.report",
        answer=found.answer.in_(say.lang),
        rule=label,
        title=say.pack.rule(label).title.in_(say.lang),
    )
    return Screen(text, ((_report(say),), _about(say, label), (_wrong(say),)))


def case_of(say: Speech, match: Match) -> CrisisCase:
    """Return the kind of danger that a match is about; the pack's first where it is unclear."""
    found = match.situation
    return found if isinstance(found, CrisisCase) else say.pack.crisis.cases[0]


def crisis(say: Speech, case: CrisisCase) -> Screen:
    """Help lines before anything else, then what to do, then the offer to report as urgent."""
    text = say("answer.crisis", lines=help_lines(say, case.lines), answer=case.answer.in_(say.lang))
    return Screen(text, ((say.button("answer.button.urgent", "report:urgent"),),))


def help_lines(say: Speech, ids: tuple[str, ...]) -> Html:
    """Show help lines, one a line."""
    lines = [say.pack.help_line(line) for line in ids]
    return Html(
        "\n".join(
            say(
                "answer.line",
                name=line.name,
                contact=line.contact.in_(say.lang),
                note=line.note.in_(say.lang).rstrip("."),
            )
            for line in lines
        )
    )


def topic(say: Speech, found: Topic) -> Screen:
    """Show what the bot says about itself, to a greeting, or to what the rules do not answer."""
    text = say("topic.answer", answer=found.answer.in_(say.lang))
    action = say.pack.texts.get(f"topic.button.{found.id}")
    if action is None:
        return Screen(text, ((_wrong(say),),) if found.kind == "oos" else ())
    return Screen(text, ((say.button(f"topic.button.{found.id}", f"do:{found.id}"),),))


def options(say: Speech, found: tuple[Situation, ...]) -> Screen:
    """Ask which of two or three situations is meant."""
    rows = tuple((Button(s.title.in_(say.lang), f"sit:{s.id}"),) for s in found)
    return Screen(say("answer.unsure"), (*rows, (say.button("answer.none_of_these", "none"),)))


def refusal(say: Speech) -> Screen:
    """Say honestly that the bot does not know, and where to go."""
    return Screen(
        say("answer.refusal"),
        (
            (say.button("answer.keep_button", "keep"),),
            (
                say.button("start.button.rules", "rules"),
                say.button("start.button.report", "report:new"),
            ),
        ),
    )


def corrected(say: Speech) -> Screen:
    """Answer a tap on "klopt niet"."""
    text = Html(say("answer.wrong") + "\n\n" + say("answer.keep_offer"))
    return Screen(text, ((say.button("answer.keep_button", "keep"),),))


def kept(say: Speech, *, found: bool) -> Screen:
    """Answer a tap on "bewaar mijn vraag"."""
    return Screen(say("answer.kept" if found else "answer.keep_gone"))


def _about(say: Speech, label: str) -> tuple[Button, ...]:
    if label == OPENING:
        return (say.button("answer.button.opening", f"rule:{label}"),)
    return (
        say.button("answer.button.rule", f"rule:{label}", rule=label),
        say.button("answer.button.quiz", f"quiz:{label}"),
    )


def _doubt(say: Speech, *, report: bool) -> tuple[Button, ...]:
    return (_report(say), _wrong(say)) if report else (_wrong(say),)


def _report(say: Speech) -> Button:
    return say.button("answer.button.report", "report:this")


def _wrong(say: Speech) -> Button:
    return say.button("answer.button.wrong", "wrong")
