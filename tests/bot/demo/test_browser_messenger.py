"""The page behaves like a messenger: each kind of thing that a bot can send or a person can do.

The bot here is a bare python-telegram-bot one, so that every kind can be sent on purpose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from random import Random

import pytest
import pytest_asyncio
import segno
from playwright.async_api import Browser, Locator, Page, expect
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.constants import ChatAction, ParseMode

from bot.demo.server import DemoServer
from bot.demo.state import State
from tests.bot.demo import browsing
from tests.bot.demo.browsing import phone, say, sees, tap
from tests.bot.demo.conftest import make_bot, people

SAM, NOOR = 5001, 5002

pytestmark = [
    pytest.mark.skipif(
        browsing.CHROMIUM is None,
        reason="no chromium on this machine; Debian: apt-get install chromium",
    ),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("browser"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing.browser() as running:
        yield running


@dataclass
class Scene:
    """A bot, what it hears, and Sam's phone on the page; Noor has the other two."""

    bot: Bot
    state: State
    page: Page
    sam: Locator
    offset: int = 0

    async def hears(self) -> Update:
        """Wait for the next update."""
        (update, *_) = await self.bot.get_updates(offset=self.offset, limit=1, timeout=20)
        self.offset = update.update_id + 1
        return update

    async def hears_text(self) -> str:
        """Wait for the next message; return its text."""
        message = (await self.hears()).message
        assert message is not None
        return message.text or ""


@asynccontextmanager
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    state = State(people(), rng=Random(7))
    async with DemoServer(state) as server, make_bot(server) as bot:
        await bot.set_my_commands(
            [BotCommand("quiz", "vijf vragen"), BotCommand("stop", "ophouden")]
        )
        await bot.set_my_description("Stel je vraag.")
        async with browsing.opened(browser, server.url) as page:
            yield Scene(bot, state, page, phone(page, 0))


async def test_start_menu_and_keyboards(browser: Browser) -> None:
    """Start, the menu of commands, a reply keyboard, inline buttons with a notice and a window."""
    async with scene(browser) as it:
        await expect(it.sam.locator(".welcome")).to_have_text("Stel je vraag.")
        await it.sam.get_by_role("button", name="Start", exact=True).click()
        assert await it.hears_text() == "/start"
        await it.sam.get_by_role("button", name="Menu").click()
        await it.sam.get_by_role("button", name="vijf vragen").click()
        assert await it.hears_text() == "/quiz"

        keys = ReplyKeyboardMarkup([["Ja", "Nee"]], input_field_placeholder="Ja of nee?")
        await it.bot.send_message(SAM, "Doe je <b>mee</b>?", ParseMode.HTML, reply_markup=keys)
        await expect(it.sam.locator(".message.in strong", has_text="mee")).to_be_visible()
        await it.sam.get_by_role("group", name="Toetsen").get_by_role("button", name="Nee").click()
        assert await it.hears_text() == "Nee"
        await expect(it.sam.locator(".message.out", has_text="Nee")).to_be_visible()

        rows = [
            [
                InlineKeyboardButton("Even", callback_data="a"),
                InlineKeyboardButton("Lang", callback_data="b"),
            ]
        ]
        await it.bot.send_message(SAM, "Kies", reply_markup=InlineKeyboardMarkup(rows))
        await tap(it.sam, "Even")
        pressed = (await it.hears()).callback_query
        assert pressed is not None
        assert pressed.data == "a"
        await it.bot.answer_callback_query(pressed.id, "Genoteerd")
        await expect(it.sam.locator(".toast")).to_have_text("Genoteerd")
        await tap(it.sam, "Lang")
        pressed = (await it.hears()).callback_query
        assert pressed is not None
        await it.bot.answer_callback_query(pressed.id, "Lees dit goed", show_alert=True)
        await expect(it.page.get_by_role("dialog")).to_contain_text("Lees dit goed")
        assert await browsing.grave(it.page) == []
        await it.page.get_by_role("button", name="OK").click()


async def test_messages_change_and_go(browser: Browser) -> None:
    """The bot is typing, edits and deletes; a person replies and edits."""
    async with scene(browser) as it:
        it.state.person("sam").started = True
        await it.bot.send_chat_action(SAM, ChatAction.TYPING)
        await expect(it.sam.locator(".status")).to_have_text("typt…")
        sent = await it.bot.send_message(SAM, "eerste versie")
        await expect(it.sam.locator(".status")).to_have_text("bot")
        await sees(it.sam, "eerste versie")
        await sent.edit_text("tweede versie")
        await sees(it.sam, "tweede versie")
        await expect(it.sam.locator(".message.in .foot")).to_contain_text("bewerkt")

        message = it.sam.locator(".message.in").last
        await message.hover()
        await message.get_by_role("button", name="Antwoorden").click()
        await say(it.sam, "dank")
        answer = (await it.hears()).message
        assert answer is not None
        assert answer.reply_to_message is not None
        assert answer.reply_to_message.message_id == sent.message_id
        own = it.sam.locator(".message.out").last
        await own.hover()
        await own.get_by_role("button", name="Bewerken").click()
        await say(it.sam, "dankjewel")
        changed = (await it.hears()).edited_message
        assert changed is not None
        assert changed.text == "dankjewel"
        await it.bot.delete_message(SAM, sent.message_id)
        await expect(it.sam.locator(".message.in")).to_have_count(0)


async def test_quiz_poll(browser: Browser) -> None:
    """A quiz shows votes only after one's own, what was right, and opens its explanation."""
    async with scene(browser) as it:
        it.state.person("sam").started = True
        await it.bot.send_poll(
            SAM,
            "Mag dit?",
            ["Ja", "Nee"],
            type="quiz",
            correct_option_ids=[1],
            is_anonymous=False,
            explanation="Regel 2: vraag het eerst.",
        )
        await expect(it.sam.locator(".poll .share")).to_have_count(0)
        await it.sam.get_by_role("button", name="Ja", exact=True).click()
        await expect(it.sam.locator(".result.wrong .name")).to_have_text("Ja")
        await expect(it.sam.locator(".result.right .name")).to_have_text("Nee")
        await expect(it.sam.get_by_text("Regel 2: vraag het eerst.")).to_be_visible()
        poll = (await it.hears()).poll or (await it.hears()).poll_answer
        assert poll is not None


async def test_pictures_codes_and_cards(browser: Browser) -> None:
    """A QR code on one phone is scanned by another; a card is shared by inline mode."""
    async with scene(browser) as it:
        for person in it.state.people.values():
            person.started = True
        name = it.state.username
        picture = BytesIO()
        link = f"https://t.me/{name}?start=c-abc"
        segno.make(link).save(picture, kind="png", scale=6)
        await it.bot.send_photo(NOOR, picture.getvalue(), caption=f"Scan mij\n{link}")
        shown = phone(it.page, 1).locator("img.photo")
        await expect(shown).to_be_visible()
        await it.sam.get_by_role("button", name="Meer").click()
        await it.sam.get_by_role("menuitem", name="QR scannen op telefoon van Noor").click()
        assert await it.hears_text() == "/start c-abc"
        await expect(it.sam.locator(".message.out .text")).to_have_text("/start")
        await phone(it.page, 1).get_by_role("link", name=link).click()
        assert await it.hears_text() == "/start c-abc"

        await it.sam.get_by_role("button", name="Meer").click()
        assert await browsing.grave(it.page) == []
        await it.sam.get_by_role("menuitem", name="Kaart delen").click()
        await it.page.keyboard.type("foto")
        query = (await it.hears()).inline_query
        while query is not None and query.query != "foto":
            query = (await it.hears()).inline_query
        assert query is not None
        card = InlineQueryResultArticle("1", "Regel 2", InputTextMessageContent("Vraag het eerst."))
        await it.bot.answer_inline_query(query.id, [card])
        await expect(it.sam.get_by_role("button", name="Regel 2")).to_be_visible()
        assert await browsing.grave(it.page) == []
        await it.sam.get_by_role("button", name="Regel 2").click()
        await expect(it.sam.locator(".message.out .via")).to_have_text(f"via @{name}")
        await expect(it.sam.locator(".message.out").last).to_contain_text("Vraag het eerst.")
