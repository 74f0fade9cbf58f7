"""``quiz preview`` and ``quiz stats``, and the warnings of ``check``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from content.pack import Pack
from storage.tables import Person, QuizPoll, QuizRound
from tests.bot.cli.conftest import Cli
from tests.content.sample import write_pack

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
EASY, HARD, RARE = "7c-q-crush", "7c-q-snap-cry", "9-q-teacher-adds"


def test_preview_of_an_item_and_a_rule(call: Cli, pack: Pack) -> None:
    """An item is shown as a poll with its right option marked; a rule shows all of its items."""
    item = pack.quiz_item(EASY)
    shown = call("quiz", "preview", EASY).out
    assert f"1/5 {item.question.nl}" in shown
    assert f"(x) {item.options[0].nl}" in shown
    assert shown.count("( ) ") == len(item.options) - 1
    rule = call("quiz", "preview", "7C", "--lang", "en").out
    assert rule.count("(x)") == len(pack.quiz_items("7c"))
    assert pack.quiz_item(EASY).explanation.en in rule
    assert call("quiz", "preview").out.count("(x)") == len(pack.quiz)


def test_preview_of_another_pack_and_of_nothing(call: Cli, tmp_path: Path) -> None:
    """Free labels work; what the pack does not have is one line."""
    folder = str(write_pack(tmp_path / "elders"))
    assert "q-photo" in call("quiz", "preview", "foto", "--pack", folder).out
    call.refused("quiz", "preview", "nothing", words="no quiz item")
    call.refused("quiz", "preview", "1", "--lang", "fr", words="--lang")


def answers(session: Session, people: int) -> None:
    """Let people answer three items: one easy, one hard, one that few saw."""
    for number in range(people):
        who, going = f"p{number}", f"r{number}"
        session.add(Person(id=who, telegram_id=number + 1, created_at=AT, seen_at=AT))
        session.flush()
        session.add(QuizRound(id=going, person_id=who, items=[EASY, HARD, RARE], started_at=AT))
        session.flush()
        for place, item in enumerate((EASY, HARD) if number else (EASY, HARD, RARE)):
            chosen = 0 if item == EASY or number == 1 else 2
            session.add(
                QuizPoll(
                    poll_id=f"{number}-{place}",
                    round_id=going,
                    position=place,
                    item=item,
                    chat_id=1,
                    telegram_message_id=1,
                    right_option=1,
                    sent_at=AT,
                    answered_at=AT,
                    right=chosen == 0,
                    chosen=chosen,
                )
            )


def test_stats_from_five_people_on(at_school: Cli, run: Callable[..., Any]) -> None:
    """Too easy, too hard, the share of each distractor; nothing of what fewer than five saw."""
    run(answers, 5)
    rows = at_school("quiz", "stats", "--json").rows
    items = {row["item"]: row for row in rows if "item" in row}
    assert set(items) == {EASY, HARD}
    assert items[EASY] | {"facility": 1.0, "remark": "too easy"} == items[EASY]
    assert items[HARD]["facility"] == 0.2
    assert items[HARD]["distractors"] == {"3": 0.8}
    assert "too hard" in items[HARD]["remark"]
    weeks = [row for row in rows if "week" in row]
    assert weeks == [{"rule": "7", "week": "2026-W48", "first_answers": 10, "share": 0.6}]
    shown = at_school("quiz", "stats").out
    assert "option 3: 80%" in shown
    assert "rule 7\t2026-W48\t10 first answers\t60%" in shown


@pytest.mark.parametrize("people", [0, 4])
def test_stats_of_too_few(at_school: Cli, run: Callable[..., Any], people: int) -> None:
    """Below five people nothing is shown, and it is said."""
    run(answers, people)
    done = at_school("quiz", "stats")
    assert (done.code, done.out) == (0, "No question has five people's answers yet.\n")
    assert at_school("quiz", "stats", "--json").out == ""


def test_check_warns_and_passes(call: Cli, tmp_path: Path) -> None:
    """A weak item is named on stderr; the pack is still right and stdout holds the counts alone."""
    folder = write_pack(tmp_path / "elders")
    rule = next(path for path in folder.glob("rules/*.yaml") if "q-photo" in path.read_text())
    long = rule.read_text().replace("nl: Eerst vragen", "nl: Eerst vragen en dan rustig wachten")
    rule.write_text(long)
    done = call("check", str(folder), "--json", "--weak")
    assert done.code == 0
    assert json.loads(done.out)["rules"] == 2
    assert "warning: quiz item q-photo (nl): the right option gives itself away" in done.err
    assert "warning: situation film-teacher has 2 phrasings (nl)" in done.err
    short = call("check", str(folder))
    assert short.err.count("warning:") == 3
    assert f"and {len(done.err.splitlines()) - 3} more warnings: --weak" in short.err
