"""The quiz of a class: setting it, the live count, the invitation, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.charts import Chart, ItemBar, RuleBar
from bot.exports import table
from bot.screen import Button, Html, Rows, Screen, Speech
from bot.views.paging import paged
from bot.views.times import moment
from content.errors import UnknownIdError
from content.limits import BUTTON
from content.pack import OPENING
from storage.classes import ClassView
from storage.classquiz import ClassQuizView, Live
from storage.quizresults import ClassResult, ItemResult

MIX: Final = "mix"
QUESTION_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a closed quiz beside that of the class's quiz before it."""

    label: str
    topic: str | None
    result: ClassResult
    before: ClassResult | None = None


def topics(say: Speech, found: ClassView, page: int = 0) -> Screen:
    """Ask which rule the quiz is about."""
    rules = [rule for rule in say.pack.rules if rule.quiz and rule.id != OPENING]
    mix = (say.button("classquiz.mix", f"cq:{found.id}:when:{MIX}"),)
    rows: Rows = tuple(
        (Button(_short(f"{r.id} {r.title.in_(say.lang)}"), f"cq:{found.id}:when:{r.id}"),)
        for r in rules
    )
    rows = paged(say, rows, page, lambda to: f"cq:{found.id}:{to}")
    return Screen(say("classquiz.topic", label=found.label), (mix, *rows))


def moments(
    say: Speech, found: ClassView, topic: str, now: datetime | None, later: datetime
) -> Screen:
    """Ask when pupils get it. ``now`` (local): None while it may not be sent right away."""
    then = say.button(
        "classquiz.break", f"cq:{found.id}:break:{topic}", when=moment(later, say.lang)
    )
    rows: Rows = ((then,),)
    if now is not None:
        rows = ((say.button("classquiz.now", f"cq:{found.id}:now:{topic}"),), *rows)
    return Screen(say("classquiz.when"), rows)


def live(say: Speech, label: str, found: ClassQuizView, count: Live, opens: datetime) -> Screen:
    """Show how many take part; ``opens`` is local."""
    text = say(
        "classquiz.live",
        label=label,
        topic=topic_of(say, found.topic),
        opens=moment(opens, say.lang),
        invited=found.invited,
        begun=count.begun,
        finished=count.finished,
    )
    if found.closed_at is not None:
        return Screen(text, ((say.button("classquiz.show", f"cqz:{found.id}:show"),),))
    refresh = say.button("classquiz.refresh", f"cqz:{found.id}:live")
    return Screen(text, ((refresh, say.button("classquiz.close", f"cqz:{found.id}:close")),))


def nobody(say: Speech) -> Screen:
    """Say that no pupil of the class is confirmed yet."""
    return Screen(say("classquiz.nobody"))


def invitation(say: Speech, quiz_id: str) -> Screen:
    """Invite a pupil, and say what the mentor sees."""
    return Screen(say("classquiz.invite"), ((say.button("classquiz.join", f"cqj:{quiz_id}"),),))


def closed_itself(say: Speech, quiz: str, label: str) -> Screen:
    """Tell who set a quiz that it closed by itself, with the way to its result."""
    show = say.button("classquiz.show", f"cqz:{quiz}:show")
    return Screen(say("classquiz.closed_itself", label=label), ((show,),))


def over(say: Speech) -> Screen:
    """Say that a quiz is closed, or not for this account; practising always is possible."""
    return Screen(say("classquiz.over"), ((say.button("start.button.quiz", "quiz"),),))


def few(say: Speech, outcome: Outcome) -> Screen:
    """Say that too few took part to show anything."""
    return Screen(
        say("classquiz.few", label=outcome.label, participants=outcome.result.participants)
    )


def result(say: Speech, quiz_id: str, outcome: Outcome) -> Screen:
    """Show per question what went wrong and what to talk about."""
    lines = [
        say(
            "classquiz.item",
            number=number,
            question=_cut(_question(say, each)),
            share=percent(each.share),
            wrong=say.after("classquiz.wrong", answer=misled)
            if (misled := wrong(say, each))
            else "",
            talk=_explanation(say, each),
        )
        for number, each in enumerate(outcome.result.items, start=1)
    ]
    text = say("classquiz.result", label=outcome.label, lines=Html("\n\n".join(lines)))
    csv = say.button("classquiz.csv", f"cqz:{quiz_id}:csv")
    return Screen(text, ((csv, say.button("classquiz.pdf", f"cqz:{quiz_id}:pdf")),))


def chart(say: Speech, outcome: Outcome) -> Chart:
    """Return what the picture and the pages show."""
    found, then = outcome.result, outcome.before
    was = {each.rule: each.right / each.asked for each in then.rules} if then else {}
    shown = {each.rule for each in found.rules}
    bars = [
        RuleBar(
            each.rule,
            say.pack.rule(each.rule).title.in_(say.lang),
            each.right / each.asked,
            was.get(each.rule),
        )
        for each in found.rules
    ]
    items = [
        ItemBar(
            _question(say, each),
            each.share,
            say.label("classquiz.wrong", answer=misled) if (misled := wrong(say, each)) else "",
            _explanation(say, each),
        )
        for each in found.items
    ]
    legend = say.label("classquiz.legend") if shown & was.keys() else ""
    return Chart(
        say.label("classquiz.title", label=outcome.label),
        summary(say, outcome),
        bars,
        items,
        legend,
    )


def summary(say: Speech, outcome: Outcome) -> str:
    """Say in one line how the class did, and how it did before."""
    text = say.label(
        "classquiz.summary",
        topic=topic_of(say, outcome.topic),
        participants=outcome.result.participants,
        share=percent(outcome.result.share),
    )
    if outcome.before is None or not outcome.before.items:
        return text
    return text + " " + say.label("classquiz.before", share=percent(outcome.before.share))


def csv_of(say: Speech, outcome: Outcome) -> bytes:
    """Return the result per question as CSV."""
    heads = [say.label(key) for key in HEADS]
    rows = (
        (
            _rule(say, each),
            _question(say, each),
            each.asked,
            each.right,
            percent(each.share),
            wrong(say, each),
            _explanation(say, each),
        )
        for each in outcome.result.items
    )
    return table(heads, rows)


HEADS: Final = (
    "classquiz.head.rule",
    "classquiz.head.question",
    "classquiz.head.asked",
    "classquiz.head.right",
    "classquiz.head.share",
    "classquiz.head.wrong",
    "classquiz.head.talk",
)


def percent(share: float) -> int:
    """Return a share as a whole percentage."""
    return round(share * 100)


def topic_of(say: Speech, topic: str | None) -> str:
    """Return what a quiz is about."""
    if topic is None or not say.pack.has_label(topic):
        return say.label("classquiz.mix")
    return f"{topic} {say.pack.rule(topic).title.in_(say.lang)}"


def wrong(say: Speech, each: ItemResult) -> str:
    """Return the wrong answer that was chosen most; empty where none stands out."""
    try:
        options = say.pack.quiz_item(each.item).options
    except UnknownIdError:
        return ""
    if each.misled is None or each.misled >= len(options):
        return ""
    return options[each.misled].in_(say.lang)


def _question(say: Speech, each: ItemResult) -> str:
    try:
        return say.pack.quiz_item(each.item).question.in_(say.lang)
    except UnknownIdError:  # the pack changed since
        return each.item


def _explanation(say: Speech, each: ItemResult) -> str:
    try:
        return say.pack.quiz_item(each.item).explanation.in_(say.lang)
    except UnknownIdError:
        return ""


def _rule(say: Speech, each: ItemResult) -> str:
    try:
        return say.pack.quiz_item(each.item).rule or ""
    except UnknownIdError:
        return ""


def _cut(text: str) -> str:
    return text if len(text) <= QUESTION_SHOWN else text[: QUESTION_SHOWN - 1].rstrip() + "…"


def _short(text: str) -> str:
    return text if len(text) <= BUTTON else text[: BUTTON - 1].rstrip() + "…"
