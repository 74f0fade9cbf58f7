"""Start, help, language, stop, and the menu and description by language and role."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import NetworkError

from bot import commands, menu
from content.pack import Pack
from storage import drafts, people
from tests.bot.staffroom import VOS, open_school
from tests.bot.world import World

SAM, NOOR = 11, 12


async def test_welcome_with_the_main_things_as_buttons(clean: World) -> None:
    """/start says what the bot is, with an example question and a button for each main thing."""
    hello = await clean.say(SAM, "/start")
    assert hello.text.startswith("Hoi! Ik ben Vuistregel")
    assert [data for _, data in hello.buttons] == [
        "help:ask",
        "check",
        "quiz",
        "rules",
        "report:new",
    ]
    for label, words in (("Hoe vraag", "vriend"), ("Check", "naakt"), ("De regels", "tien")):
        assert words in (await clean.tap(SAM, label, hello)).text


async def test_an_english_phone_gets_english(clean: World) -> None:
    """The phone's language counts until the person chooses; any other language gets Dutch."""
    clean.langs |= {SAM: "en-GB", NOOR: "tr"}
    assert (await clean.say(SAM, "/start")).text.startswith("Hi! I'm Vuistregel")
    assert (await clean.say(NOOR, "/start")).text.startswith("Hoi!")


@pytest.mark.parametrize("link", ["canary", "<b>", "-", "x" * 64])
async def test_an_unknown_link(clean: World, link: str) -> None:
    """A link that the bot does not know says so without blame, and what can be done."""
    assert "nieuwe" in (await clean.say(SAM, f"/start {link}")).text


async def test_start_in_the_middle_of_something(clean: World) -> None:
    """/start keeps an open dialogue, and says that it is open and how to leave it."""
    await clean.say(SAM, "/melden")
    assert "/stop" in (await clean.say(SAM, "/start")).text
    assert await clean.run(drafts.load, SAM) is not None


async def test_staff_are_welcomed_as_staff(clean: World) -> None:
    """To a mentor /start and /help speak of the mentor's work, not of reporting to a mentor."""
    await open_school(clean)
    hello = await clean.say(VOS, "/start")
    assert "Welkom, Marit Vos" in hello.text
    assert all(f"/{name}" in hello.text for name in ("meldingen", "klas", "afwezig"))
    assert "Iets melden" not in [label for label, _ in hello.buttons]
    text = (await clean.say(VOS, "/help")).text
    assert text.index("/meldingen: wat er voor je openstaat") < text.index("/regels:")
    assert "/melden:" not in text


async def test_help_lists_what_this_person_can_do(clean: World) -> None:
    """/help names every command of a pupil and none of staff; it leaves a dialogue as it is."""
    await clean.say(SAM, "/melden")
    before = await clean.run(drafts.load, SAM)
    text = (await clean.say(SAM, "/help")).text
    for command in commands.ALL:
        assert (f"/{command.nl}:" in text) == (command.audience != "staff")
    assert "112" in text
    assert await clean.run(drafts.load, SAM) == before


async def test_language_is_chosen_and_kept(clean: World) -> None:
    """A tap switches at once, survives a restart, and gives that person's menu in the language."""
    await clean.say(SAM, "/taal")
    assert "English" in (await clean.tap(SAM, "English")).text
    clean.services.recent.forget(SAM)
    assert (await clean.say(SAM, "/help")).text.startswith("This is what")
    call = next(c for c in clean.telegram.calls if c.method == "setMyCommands")
    assert call.params["scope"] == {"type": "chat", "chat_id": SAM}
    assert {"command": "rules", "description": "see the ten rules"} in call.params["commands"]
    await clean.say(SAM, "/language")
    assert "Nederlands" in (await clean.tap(SAM, "Nederlands")).text
    assert (await clean.run(people.find, SAM)).lang == "nl"


async def test_language_without_the_menu(clean: World) -> None:
    """When Telegram refuses the menu the language is chosen all the same, in one message."""
    await clean.say(SAM, "/taal")
    clean.telegram.fail("setMyCommands", 400, description="Bad Request: something")
    await clean.tap(SAM, "English")
    assert len(clean.telegram.chat(SAM)) == 1


async def test_stop_leaves_whatever_is_going_on(clean: World) -> None:
    """/stop wipes a draft, ends a quiz, and says so kindly when there is nothing."""
    assert "niets" in (await clean.say(SAM, "/stop")).text
    await clean.say(SAM, "/melden")
    assert "gewist" in (await clean.say(SAM, "/stop")).text
    assert await clean.run(drafts.load, SAM) is None
    await clean.say(SAM, "/quiz")
    assert "quiz is gestopt" in (await clean.say(SAM, "/stop")).text


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_menus(pack: Pack, lang: str) -> None:
    """Each menu fits Telegram's limits and has names of its language; staff see theirs as well."""
    pupil, staff = menu.menu(pack, lang), menu.menu(pack, lang, staff=True)
    assert {c.command for c in staff} - {c.command for c in pupil} == {
        c.name(lang) for c in commands.ALL if c.audience == "staff"
    }
    assert len(staff) <= 100
    assert all(1 <= len(c.description) <= 256 for c in staff)
    assert all(c.command.islower() and len(c.command) <= 32 for c in staff)


class Shown:
    """A bot that keeps what is set, as far as the menu needs one."""

    def __init__(self) -> None:
        self.set: dict[tuple[str, str | None], str] = {}
        self.calls = 0

    async def set_my_commands(
        self, menu: Any, scope: Any = None, language_code: Any = None
    ) -> None:
        self.set["commands", language_code] = " ".join(each.command for each in menu)

    async def get_my_description(self, code: str | None) -> Any:
        return type("Found", (), {"description": self.set.get(("long", code), "")})

    async def set_my_description(self, text: str, code: str | None) -> None:
        self.calls += 1
        self.set["long", code] = text

    async def get_my_short_description(self, code: str | None) -> Any:
        return type("Found", (), {"short_description": self.set.get(("short", code), "")})

    async def set_my_short_description(self, text: str, code: str | None) -> None:
        self.calls += 1
        self.set["short", code] = text


async def test_publishing(pack: Pack) -> None:
    """Dutch is for all, English for English phones; what stands already is not set again."""
    bot = Shown()
    await menu.publish(bot, pack)  # type: ignore[arg-type]
    assert "regels" in bot.set["commands", None]
    assert "rules" in bot.set["commands", "en"]
    assert len(bot.set["long", None]) <= 512
    assert len(bot.set["short", "en"]) <= 120
    await menu.publish(bot, pack)  # type: ignore[arg-type]
    assert bot.calls == 4


async def test_publishing_when_telegram_is_away(pack: Pack) -> None:
    """The bot starts without its menu when Telegram does not take it."""

    class Away(Shown):
        async def set_my_commands(self, *_: Any, **__: Any) -> None:
            raise NetworkError("away")

    await menu.publish_calmly(Away(), pack)  # type: ignore[arg-type]
