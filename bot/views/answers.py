"""The card that answers a question: verdict first, then why, then the rule."""

from __future__ import annotations

from typing import Final

from bot.screen import Button, Html, Screen, Speech
from content.match import Match
from content.models import CrisisCase, Situation, Topic
from content.pack import OPENING

NONE: Final = "none"


def answer(say: Speech, match: Match, asked: int = 0) -> Screen:
    """Show what the matcher made of a question: an answer, a close call, or an honest refusal.

    ``asked`` is the id of the pupil's message: its buttons are about that question, no later one.
    """
    found = match.situation
    if match.kind == "crisis":
        return crisis(say, case_of(say, match), asked)
    if isinstance(found, Topic) and match.confident:
        return topic(say, found, asked)
    if match.kind == "report":
        return told(say, match, asked)
    if isinstance(found, Situation) and match.confident:
        return situation(say, found, match.rules[0][0], asked)
    if match.options and match.kind not in {"meta", "smalltalk", "oos"}:
        return options(say, match.options, asked)
    return topic(say, found, asked) if isinstance(found, Topic) else refusal(say, asked)


def situation(say: Speech, found: Situation, label: str, asked: int = 0) -> Screen:
    """Show the answer of one situation."""
    key = "answer.card_opening" if label == OPENING else "answer.card"
    text = say(
        key,
        verdict=say(f"verdict.{found.verdict}"),
        answer=found.answer.in_(say.lang),
        rule=label,
        title=say.pack.rule(label).title.in_(say.lang),
    )
    return Screen(text, (_about(say, label), _doubt(say, asked, report=label != OPENING)))


def told(say: Speech, match: Match, asked: int = 0) -> Screen:
    """Answer an account of something that happened: offer to report it."""
    found = match.situation
    unsure = not match.confident or match.rules[0][0] == OPENING
    if not isinstance(found, Situation) or unsure:
        return Screen(say("answer.report_vague"), ((_report(say, asked),), (_wrong(say, asked),)))
    label = match.rules[0][0]
    text = say(
        "answer.report",
        answer=found.answer.in_(say.lang),
        rule=label,
        title=say.pack.rule(label).title.in_(say.lang),
    )
    return Screen(text, ((_report(say, asked),), _about(say, label), (_wrong(say, asked),)))


def case_of(say: Speech, match: Match) -> CrisisCase:
    """Return the kind of danger that a match is about; the pack's first where it is unclear."""
    found = match.situation
    return found if isinstance(found, CrisisCase) else say.pack.crisis.cases[0]


def crisis(say: Speech, case: CrisisCase, asked: int = 0) -> Screen:
    """Help lines before anything else, then what to do, then the offer to report as urgent."""
    text = say("answer.crisis", lines=help_lines(say, case.lines), answer=case.answer.in_(say.lang))
    return Screen(text, ((say.button("answer.button.urgent", f"report:urgent:{asked}"),),))


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


def topic(say: Speech, found: Topic, asked: int = 0) -> Screen:
    """Show what the bot says about itself, to a greeting, or to what the rules do not answer."""
    text = say("topic.answer", answer=found.answer.in_(say.lang))
    return Screen(text, ((_wrong(say, asked),),) if found.kind == "oos" else ())


def options(say: Speech, found: tuple[Situation, ...], asked: int = 0) -> Screen:
    """Ask which of two or three situations is meant; who has something to report can do so here."""
    rows = tuple((Button(s.title.in_(say.lang), f"sit:{s.id}:{asked}"),) for s in found)
    none = say.button("answer.none_of_these", f"none:{asked}")
    return Screen(say("answer.unsure"), (*rows, (none, _report(say, asked))))


def refusal(say: Speech, asked: int = 0) -> Screen:
    """Say honestly that the bot does not know, and where to go."""
    return Screen(
        say("answer.refusal"),
        (
            (say.button("answer.keep_button", f"keep:{asked}"),),
            (
                say.button("start.button.rules", "rules"),
                say.button("start.button.report", "report:new"),
            ),
        ),
    )


def corrected(say: Speech, asked: int = 0, *, keepable: bool = True) -> Screen:
    """Answer a tap on "klopt niet"; what a pupil told happened is not offered to be kept."""
    if not keepable:
        return Screen(say("answer.wrong"))
    days = say.pack.school.retention.kept_questions
    text = Html(say("answer.wrong") + "\n\n" + say("answer.keep_offer", days=days))
    return Screen(text, ((say.button("answer.keep_button", f"keep:{asked}"),),))


def kept(say: Speech, *, found: bool) -> Screen:
    """Answer a tap on "bewaar mijn vraag"."""
    return Screen(say("answer.kept" if found else "answer.keep_gone"))


def rule_button(say: Speech, label: str) -> Button:
    """Return the button that shows a whole rule."""
    if label == OPENING:
        return say.button("answer.button.opening", f"rule:{label}")
    return say.button("answer.button.rule", f"rule:{label}", rule=label)


def _about(say: Speech, label: str) -> tuple[Button, ...]:
    if label == OPENING:
        return (rule_button(say, label),)
    return rule_button(say, label), say.button("answer.button.quiz", f"quiz:{label}")


def _doubt(say: Speech, asked: int, *, report: bool) -> tuple[Button, ...]:
    return (_report(say, asked), _wrong(say, asked)) if report else (_wrong(say, asked),)


def _report(say: Speech, asked: int) -> Button:
    return say.button("answer.button.report", f"report:this:{asked}")


def _wrong(say: Speech, asked: int) -> Button:
    return say.button("answer.button.wrong", f"wrong:{asked}")
