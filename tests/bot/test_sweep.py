"""Sweeps over the whole room: commands, buttons and texts fit together; every button answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from telegram.ext import CallbackQueryHandler

from bot import commands
from bot.commands import Command
from bot.handlers import every_route
from bot.views.privacy import NAMED
from content.pack import Pack
from tests.bot import sources
from tests.bot.staffroom import NOOR, VOS, open_school, report
from tests.bot.telegram import Bubble
from tests.bot.world import World

SAM, GROUP = 11, -100
TAPS = 20
TYPED = ("mag ik een foto van de klas posten", "iemand heeft mij stiekem gefilmd", "ik wil dood")
DECLARED: dict[str, tuple[str, ...]] = {
    "absent.until.*": ("day", "week", "month"),
    "alarm.reason.*": ("delivery", "polling", "webhook", "disk", "database", "clear"),
    "case.button.*": ("take", "reply", "hand_over", "close"),
    "my_data.key.*": tuple(sorted(NAMED)),
    "notice.*": ("handed", "escalated", "addition"),
    "own.button.*": ("add", "correct", "withdraw", "reopen"),
    "report.ask.*": (
        "name",
        "what",
        "app",
        "when",
        "who",
        "staff",
        "staff_name",
        "class",
        "danger",
    ),
    "report.change.*": ("what", "app", "when", "who", "staff", "danger", "class", "rule"),
    "report.app.*": ("school", "home"),
    "report.when.*": ("today", "yesterday", "week", "longer"),
    "state.*": ("sent", "delivered", "read", "working", "closed", "withdrawn"),
    "status.*": (
        *("delivered", "read", "working", "closed", "withdrawn"),
        *("handed", "escalated", "reopened"),
    ),
    "case.role.*": ("mentor", "deputy", "coordinator", "confidential", "board"),
    "steps.*": ("crisis", "home", "sexual", "staff"),
    "verdict.*": ("no", "conditional", "yes", "info"),
}
"""Keys that code builds: the pattern, and what stands for the star."""


@pytest.mark.parametrize("command", commands.ALL, ids=lambda command: command.nl)
async def test_every_command_is_in_menu_and_help_and_answered(
    clean: World, command: Command
) -> None:
    """Both names of a command get one answer or more in private, and in a group the way there."""
    for number, name in enumerate(command.names):
        who = SAM + number
        answer = await clean.say(who, f"/{name}")
        assert answer.text
        assert "commando ken ik niet" not in answer.text
        chat = {"id": GROUP, "type": "group", "title": "x"}
        entity = {"type": "bot_command", "offset": 0, "length": len(name) + 1}
        body = clean._message(who) | {"chat": chat, "text": f"/{name}", "entities": [entity]}
        await clean.update({"message": body})
        shown = clean.last(GROUP)
        links = [data for _, data in shown.buttons]
        assert any("t.me/VuistregelBot" in each for each in [shown.text, *links])


def test_every_button_that_a_view_makes_has_a_route() -> None:
    """The prefix of each button's data is routed by a handler of its own."""
    patterns = [
        route.pattern
        for route in every_route()
        if isinstance(route, CallbackQueryHandler) and route.pattern
    ]
    made = sources.button_prefixes()
    assert {"rule", "report", "check", "quiz"} <= made
    lost = [
        prefix
        for prefix in made
        if not any(re.match(str(getattr(p, "pattern", p)), f"{prefix}:x") for p in patterns)
    ]
    assert lost == []


def built_keys() -> Iterator[str]:
    for pattern, parts in DECLARED.items():
        yield from (pattern.replace("*", part) for part in parts)


def test_every_key_in_code_is_a_text(pack: Pack) -> None:
    """A key that code names or builds is in the pack."""
    assert sorted(set(sources.keys(pack)) - set(pack.texts)) == []
    assert sorted(set(built_keys()) - set(pack.texts)) == []


def test_every_built_key_is_declared() -> None:
    """Keys that are put together in code are listed above, so that the two tests here see them."""
    assert sorted(sources.built_patterns() - set(DECLARED)) == []
    assert sorted(set(DECLARED) - sources.built_patterns()) == []


def test_every_text_is_used(pack: Pack) -> None:
    """No text lies about that nothing shows."""
    used = {*sources.keys(pack), *built_keys()}
    assert sorted(set(pack.texts) - used) == []


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_placeholders(pack: Pack) -> None:
    """Each text is there in Dutch and English, with the same values to fill in."""
    for key, text in pack.texts.items():
        assert text.nl.strip(), key
        assert text.en.strip(), key
        assert placeholders(text.nl) == placeholders(text.en), key


class Failures(dict[int, BaseException]):
    """Failures that are remembered after they were tried again."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __setitem__(self, key: int, error: BaseException) -> None:
        self.seen.append(repr(error))
        super().__setitem__(key, error)


class Crawler:
    """Taps every kind of button once that comes into one chat."""

    def __init__(self, world: World, who: int) -> None:
        self.world, self.who = world, who
        self.tapped: set[str] = set()

    async def go(self) -> int:
        taps = 0
        while taps < TAPS and (found := self._next()):
            bubble, data = found
            self.tapped.add(kind_of(data))
            await self.world.press(self.who, data, bubble)
            taps += 1
        return taps

    def _next(self) -> tuple[Bubble, str] | None:
        for bubble in reversed(self.world.telegram.chat(self.who)):
            for _, data in bubble.buttons:
                if kind_of(data) not in self.tapped and not data.startswith("http"):
                    return bubble, data
        return None


def kind_of(data: str) -> str:
    """Return what makes a tap another one: its words and short numbers, not its ids."""
    parts = [part for part in data.split(":") if len(part) < 20]
    return ":".join(parts[:1] if parts[0] in {"rule", "quiz"} else parts)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("who", [SAM, NOOR, VOS], ids=["stranger", "pupil", "mentor"])
async def test_tapping_everything(clean: World, lang: str, who: int) -> None:
    """Whatever is tapped, in whatever order: no handler fails and Telegram refuses nothing."""
    await open_school(clean)
    await report(clean)
    failures = clean.services.failures = Failures()
    clean.langs[who] = lang
    taps = 0
    crawler = Crawler(clean, who)
    for text in [*(f"/{command.nl}" for command in commands.ALL), *TYPED]:
        await clean.say(who, text)
        taps += await crawler.go()
    assert taps > 18
    assert failures.seen == []
    assert "Er ging iets mis" not in clean.texts(who)
