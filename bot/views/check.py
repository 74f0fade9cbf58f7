"""The post check: questions and outcomes, from taps that are kept in the button itself."""

from __future__ import annotations

from bot.screen import Button, Html, Screen, Speech
from bot.views.answers import help_lines
from content.models import CheckOutcome, CheckQuestion


def question(
    say: Speech, node: CheckQuestion, path: str = "", about: int = 0, *, media: bool = False
) -> Screen:
    """Ask one question. ``path`` holds the taps so far, ``about`` the id of the pupil's message."""
    intro = say("check.media_intro" if media else "check.intro") if not path else ""
    text = say("check.question", intro=intro, question=node.text.in_(say.lang))
    buttons = tuple(
        (Button(answer.label.in_(say.lang), f"check:{path}{n}:{about}"),)
        for n, answer in enumerate(node.answers)
    )
    return Screen(Html(text.strip()), buttons)


def outcome(say: Speech, node: CheckOutcome, about: int = 0) -> Screen:
    """Show where a check ended: verdict, rules, help lines and what can be done next."""
    lines = help_lines(say, node.help_lines) if node.help_lines else Html("")
    offer = node.offer_delete and bool(about)
    text = say(
        "check.outcome",
        verdict=say(f"verdict.{node.verdict}"),
        text=node.text.in_(say.lang),
        lines=Html(f"\n\n{lines}" if lines else ""),
        rules=say("check.rules", rules=", ".join(node.rules)) if node.rules else "",
    )
    if offer:
        text = Html(text + "\n\n" + say("check.delete_offer"))
    return Screen(Html(text.replace("<i></i>", "").strip()), _rows(say, node, about, offer=offer))


def _rows(
    say: Speech, node: CheckOutcome, about: int, *, offer: bool
) -> tuple[tuple[Button, ...], ...]:
    rows = [
        tuple(Button(say.label("answer.button.rule", rule=r), f"rule:{r}") for r in node.rules[:3])
    ]
    if node.offer_report:
        kind = "urgent" if node.help_lines else "new"
        rows.append((say.button("answer.button.report", f"report:{kind}"),))
    if offer:
        rows.append((say.button("check.delete", f"del:{about}"),))
    rows.append((say.button("check.again", "check"),))
    return tuple(row for row in rows if row)
