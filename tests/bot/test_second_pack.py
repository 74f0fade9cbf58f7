"""The same flows with two packs: the ECL's, and a school of seven rules, English first.

No test here knows a word of either: what is expected comes from the pack itself.
"""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot import commands, menu
from bot.meant import meant
from bot.pictures import Line, bars
from bot.screen import Button, Speech, in_rows
from bot.views import quiz as quiz_views
from bot.views import rules as rule_views
from content.loader import load_pack
from content.pack import OPENING, Pack
from storage import access, classes, people, privacy
from tests.bot.staffroom import (
    ADMIN,
    DEMIR,
    KOK,
    NOOR,
    SEM,
    SMIT,
    STAFF,
    STRANGER,
    VOS,
    class_id,
    deliver,
    got,
    newest,
    open_school,
    row,
    sound,
    staff_id,
)
from tests.bot.telegram import Bubble, plain
from tests.bot.test_start import Shown
from tests.bot.world import World

HARBOUR: Final = Path(__file__).parents[1] / "data" / "harbour"
FRENCH: Final = 3007


@pytest.fixture(scope="session", params=["ecl", "harbour"])
def pack(request: pytest.FixtureRequest, pack: Pack) -> Pack:
    """One pack after the other; matcher and world follow."""
    return pack if request.param == "ecl" else load_pack(HARBOUR)


@pytest.fixture
async def school(world: World) -> AsyncIterator[World]:
    """A school whose people speak the pack's main language; then the sweep."""
    for who in (NOOR, SEM, STRANGER, ADMIN, *STAFF):
        world.langs[who] = world.services.pack.main_language
    world.langs[FRENCH] = "fr"
    yield await open_school(world, KOK)
    sound(world)


@pytest.fixture
def say(pack: Pack) -> Speech:
    """The texts in the pack's main language."""
    return Speech(pack, pack.main_language)


def says(shown: Bubble | str, say: Speech, key: str) -> bool:
    """Tell whether a message is the text of ``key``, whatever its values are."""
    text = shown if isinstance(shown, str) else shown.text
    parts = re.split(r"\{\w+\}", plain(say.pack.texts[key].in_(say.lang)))
    return re.search(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


def rules(pack: Pack) -> Iterator[str]:
    """Yield the rules, without the protocol's opening."""
    return (rule for rule in pack.rule_ids if rule != OPENING)


async def fill_in(school: World, who: int, say: Speech, what: str) -> Bubble:
    """Go through the dialogue of a report up to the preview."""
    await school.say(who, f"/{commands.REPORT.name(say.lang)}")
    shown = await school.say(who, what)
    taps = {
        "report.ask.app": say.pack.school.apps[0],
        "report.ask.when": say.label("report.when.yesterday"),
        "report.ask.who": say.label("button.skip"),
        "report.ask.staff": say.label("report.staff.no"),
        "report.ask.danger": say.label("report.no"),
    }
    while not says(shown, say, "report.preview"):
        step = next(key for key in taps if says(shown, say, key))
        shown = await school.tap(who, taps.pop(step), shown)
    return shown


def told(pack: Pack) -> str:
    """Return an account of something that happened, in the main language."""
    lang = pack.main_language
    found: str = next(
        text
        for each in pack.situations
        if each.rule != OPENING and each.id.endswith(("photo", "classmate", "page", "calling"))
        for text in getattr(each.reports, lang)
    )
    return found


async def test_ask(school: World, pack: Pack, say: Speech) -> None:
    """Each rule answers a question of its own: verdict, reason, number and title."""
    for rule in rules(pack):
        about = next(s for s in pack.situations if pack.number(s.rule or "") == rule)
        asked = getattr(about.examples, say.lang)[0]
        shown = await school.say(NOOR, asked)
        assert say.label(f"verdict.{about.verdict}") in shown.text
        assert about.answer.in_(say.lang) in shown.text
        assert pack.rule(about.rule or "").title.in_(say.lang) in shown.text


async def test_danger_first(school: World, pack: Pack, say: Speech) -> None:
    """The help lines come first, in the language of the question."""
    case = next(each for each in pack.crisis.cases if getattr(each.examples, say.lang))
    shown = await school.say(NOOR, getattr(case.examples, say.lang)[0])
    assert says(shown, say, "answer.crisis")
    assert pack.help_line(case.lines[0]).contact.in_(say.lang) in shown.text


async def test_rules_to_browse(school: World, pack: Pack, say: Speech) -> None:
    """Every rule and every lettered part has a button, and a card of its own."""
    shown = await school.say(NOOR, f"/{commands.RULES.name(say.lang)}")
    assert says(shown, say, "rules.list")
    assert [label for label, _ in shown.buttons] == list(rules(pack))
    for label in rules(pack):
        card = await school.say(NOOR, f"/{commands.RULE.name(say.lang)} {label.lower()}")
        assert pack.rule(label).plain.in_(say.lang) in card.text
        for part in pack.rule_file(label).letters:
            assert any(shown == part.id for shown, _ in card.buttons)


async def test_post_check(school: World, pack: Pack, say: Speech) -> None:
    """The first answers lead to an outcome that names its rules."""
    shown = await school.say(NOOR, "/check")
    for _ in range(5):
        if not shown.buttons[0][1].startswith("check:"):
            break
        shown = await school.tap(NOOR, shown.buttons[0][0], shown)
    assert any(each.text.in_(say.lang) in shown.text for each in pack.check.outcomes)


async def test_quiz(school: World, pack: Pack, say: Speech) -> None:
    """A round of five polls, all right; then the result, and every rule in the progress."""
    await school.say(NOOR, "/quiz")
    for _ in range(5):
        bubble = next(b for b in reversed(school.telegram.chat(NOOR)) if b.poll_id)
        right = (bubble.poll or {})["correct_option_ids"][0]
        await school.vote(NOOR, right, bubble)
    assert says(school.last(NOOR), say, "quiz.result")
    shown = await school.say(NOOR, f"/{commands.PROGRESS.name(say.lang)}")
    for rule in rules(pack):
        assert pack.rule(rule).title.in_(say.lang) in shown.text


async def test_join(school: World, say: Speech) -> None:
    """Scan, name, four digits; the mentor types them, and both hear it."""
    expires = school.time + timedelta(days=30)
    code = await school.run(classes.new_code, class_id("H3b"), expires, school.time, renew=True)
    assert says(await school.say(STRANGER, f"/start c-{code}"), say, "join.ask_name")
    shown = await school.say(STRANGER, "Ali de Vries")
    assert says(shown, say, "join.done")
    digits = (await school.run(people.find, STRANGER)).code
    await school.say(VOS, f"/{commands.CLASS.name(say.lang)}")
    await school.tap(VOS, say.label("class.button.confirm"))
    assert says(await school.say(VOS, digits), say, "class.code_right")
    assert says(school.last(STRANGER), say, "join.confirmed")


async def test_report_to_the_mentor_and_back(school: World, pack: Pack, say: Speech) -> None:
    """Preview, receipt, a notice without words, read, answered, answered back, closed."""
    what = told(pack)
    preview = await fill_in(school, NOOR, say, what)
    assert what in preview.text
    assert pack.school.roles["mentor"].in_(say.lang) in preview.text
    await school.tap(NOOR, say.label("report.button.send"))
    await deliver(school)
    assert says(got(school, NOOR), say, "report.receipt")
    notice = school.last(VOS)
    assert says(notice, say, "notice.normal")
    assert what not in notice.text
    card = await school.tap(VOS, say.label("notice.button.read"), notice)
    assert what in card.text
    await school.tap(VOS, say.label("case.button.reply"), card)
    await school.say(VOS, "See you at 8?")
    await deliver(school)
    assert "See you at 8?" in got(school, NOOR)
    await school.tap(NOOR, say.label("relay.button.reply"))
    await school.say(NOOR, "Yes!")
    await deliver(school)
    assert "Yes!" in got(school, VOS)
    await school.tap(VOS, say.label("case.button.close"), card)
    await school.say(VOS, "We talked, all is well now")
    await deliver(school)
    found = await school.run(row, await school.run(newest))
    assert found["state"] == "closed"


async def test_rule_of_a_report_is_changed(school: World, pack: Pack, say: Speech) -> None:
    """Whatever number of rules a pack has, each can be chosen for a report."""
    preview = await fill_in(school, NOOR, say, told(pack))
    await school.tap(NOOR, say.label("report.button.change"), preview)
    shown = await school.tap(NOOR, say.label("report.change.rule"))
    assert [label for label, _ in shown.buttons][:-1] == list(rules(pack))
    last = list(rules(pack))[-1]
    shown = await school.tap(NOOR, last, shown)
    assert pack.rule(last).title.in_(say.lang) in shown.text
    await school.say(NOOR, "/stop")


async def test_privacy(school: World, pack: Pack, say: Speech) -> None:
    """What is kept, one's own data, and being forgotten."""
    shown = await school.say(NOOR, "/privacy")
    assert says(shown, say, "privacy.text")
    await school.say(NOOR, f"/{commands.MY_DATA.name(say.lang)}")
    sent = [call for call in school.telegram.calls if call.method == "sendDocument"]
    assert len(sent) == 2
    await school.say(NOOR, f"/{commands.FORGET.name(say.lang)}")
    await school.tap(NOOR, say.label("forget.yes"))
    assert says(school.last(NOOR), say, "forget.done")
    data = await school.run(privacy.export, NOOR, school.time)
    assert data["account"] is None or data["account"]["name"] is None


async def test_unknown_language_hears_the_main_one(school: World, pack: Pack, say: Speech) -> None:
    """Who has a French telephone, and staff who never chose, get the school's main language."""
    assert says(await school.say(FRENCH, "/start"), say, "start.hello")
    code = await school.run(access.invite, staff_id(DEMIR), school.time)
    assert says(await school.say(FRENCH, f"/start s-{code}"), say, "staff.link_opened")
    assert says(school.last(ADMIN), say, "staff.link_admin")
    assert says(school.last(VOS), say, "staff.link_colleague")
    await school.tap(ADMIN, say.label("staff.link_admin_confirm"))
    assert says(school.last(FRENCH), say, "staff.welcome")


async def test_menu_in_the_main_language(pack: Pack, say: Speech) -> None:
    """The menu and description that all get are in the main language; others stand beside it."""
    bot = Shown()
    await menu.publish(bot, pack)  # type: ignore[arg-type]
    for lang in (None, *pack.school.languages):
        own = [each.name(lang or say.lang) for each in commands.for_audience(staff=False)]
        assert bot.set["commands", lang] == " ".join(own)
    assert bot.set["short", None] == say.label("about.short", school=pack.school.name)


def test_quiz_items_fit(pack: Pack, say: Speech) -> None:
    """Each question of the pack makes a poll that Telegram takes, in both languages."""
    for item in pack.quiz:
        for lang in pack.school.languages:
            asked = quiz_views.poll(Speech(pack, lang), item, 0, 5, random.Random(1))
            assert len(asked.question) <= 300
            assert all(len(option) <= 100 for option in asked.options)


def test_other_schools_hear_nothing_of_the_ecl(pack: Pack) -> None:
    """No shipped text names the ECL's own rules, number of rules or terms to another school."""
    if pack.school.name == "ECL":
        return
    own = re.compile(r"\bECL\b|\btien\b|\bten\b (?!failed)|\bregel \d|\brule \d|Haarlem|in Dutch")
    assert [key for key, text in pack.texts.items() if own.search(text.nl + text.en)] == []
    mentor = re.compile(r"\bmentors?\b|\bmentoren\b|team ?leider|team leader", re.IGNORECASE)
    said = {key: re.sub(r"\{\w+\}", "", text.nl + text.en) for key, text in pack.texts.items()}
    assert [key for key, text in said.items() if mentor.search(text)] == []


def test_long_labels(pack: Pack, say: Speech) -> None:
    """Labels that are words stand whole on their buttons, and do not run into the title."""
    shown = rule_views.overview(say)
    assert all(sum(len(button.label) for button in line) <= 22 for line in shown.rows)
    assert in_rows([]) == ()
    assert in_rows([Button("x" * 40, "a")] * 2) == ((Button("x" * 40, "a"),),) * 2
    lines = [Line(rule, pack.rule(rule).title.in_(say.lang), 0.5) for rule in rules(pack)]
    assert bars("x", lines).startswith(b"\x89PNG")


async def test_a_report_about_a_role_by_the_schools_own_word(school: World, pack: Pack) -> None:
    """Who is meant by "the head of year" is found, so that the report passes that person by."""
    for role, account in (("mentor", VOS), ("coordinator", SMIT)):
        name = pack.school.roles[role].en.removeprefix("your ").removeprefix("the ")
        found = await meant(school.services, NOOR, f"my {name} keeps texting me on insta")
        assert staff_id(account) in found.all


async def test_a_pack_without_quiz(school: World, pack: Pack, say: Speech) -> None:
    """Before a school has written questions, a quiz says so kindly, also for a rule or a group."""
    bare = tuple(rule.model_copy(update={"quiz": ()}) for rule in pack.rules)
    school.services.pack = replace(pack, rules=bare)
    for asked in ("/quiz", f"/quiz {next(rules(pack))}"):
        assert says(await school.say(NOOR, asked), say, "quiz.none")
    assert says(
        await school.say(NOOR, f"/{commands.PROGRESS.name(say.lang)}"), say, "progress.none"
    )
