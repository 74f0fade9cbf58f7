"""The page in a real browser with the real bot: the main job, the stories, keys alone, axe.

Needs a Chromium on the path and is skipped without one. One playground and one browser serve all
of it; the group keeps it in one worker.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.demo.handset import Playground
from bot.demo.launcher import Demo
from tests.bot.demo import browsing
from tests.bot.demo.browsing import BRISK, NARROW, WIDE, panel, phone, say, sees, story, tap

SAM = 5001
WHAT = "ze sturen een foto van mij rond in een groepsapp"
IN_ENGLISH = "they are sending a photo of me around in a group chat"
ANSWERS = (
    ("Waar gebeurde het?", "WhatsApp"),
    ("Wanneer was het?", "Vandaag"),
    ("Wie waren erbij?", "Overslaan"),
    ("Gaat het over iemand die op school werkt?", "Nee"),
    ("Is er nu iemand in gevaar?", "Nee"),
)
ENGLISH_ANSWERS = (
    ("Where did it happen?", "WhatsApp"),
    ("When was it?", "Today"),
    ("Who was involved?", "Skip"),
    ("someone who works at school?", "No"),
    ("in danger right now?", "No"),
)

pytestmark = [
    pytest.mark.skipif(
        browsing.CHROMIUM is None,
        reason="no chromium on this machine; Debian: apt-get install chromium",
    ),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("browser"),
]


class Open(Protocol):
    """Opens the page in a language and a size."""

    def __call__(
        self, lang: str = "nl", size: dict[str, int] = WIDE
    ) -> AbstractAsyncContextManager[Page]: ...


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Demo]:
    async with Demo(port=0, command=BRISK) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with browsing.browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def world(demo: Demo) -> AsyncIterator[Playground]:
    """The playground on a Saturday; afterwards no failure, nobody blocked, and the bot runs."""
    async with Playground(demo.url) as playground:
        await playground.clock(offset=_to_saturday(time.time()))
        yield playground
        await playground.lift()
        for person in demo.state.people.values():
            person.blocked = False
        await playground.process("start")


@pytest.fixture
def opening(demo: Demo, browser: Browser, world: Playground) -> Open:
    def opens(lang: str = "nl", size: dict[str, int] = WIDE) -> AbstractAsyncContextManager[Page]:
        return browsing.opened(browser, demo.url, lang, size)

    return opens


def _to_saturday(now: float) -> float:
    """Seconds until noon on a Saturday: in lesson hours a pupil gets news without words."""
    week, saturday = 7 * 86_400, 2 * 86_400 + 11 * 3600  # time began on a Thursday
    return (saturday - now) % week


async def test_the_main_job(opening: Open) -> None:
    """A question gets its rule; a report survives a crash, and an answer survives an outage."""
    async with opening() as page:
        sam, mentor = phone(page, 0), phone(page, 2)
        await page.get_by_role("button", name="Laat Telegram haperen").click()
        await panel(page, "saturday")
        await say(sam, "mag ik een foto van mijn klas op mijn story zetten?")
        await sees(sam, "Regel 2: Privacy van anderen")

        await say(sam, "/melden")
        await sees(sam, "Wat is er gebeurd?")
        await panel(page, "kill")
        await expect(page.locator(".lamp")).to_have_text("ligt stil")
        await say(sam, WHAT)
        await panel(page, "restart")
        for question, answer in ANSWERS:
            await sees(sam, question)
            await tap(sam, answer)
        await sees(sam, "Marit Vos (je mentor)")
        await tap(sam, "Versturen")
        await sees(sam, "is bezorgd")

        assert WHAT not in await mentor.inner_text()
        await tap(mentor, "Lezen")
        await sees(mentor, WHAT)
        await sees(sam, "is gelezen")
        await tap(mentor, "Antwoord")
        await sees(mentor, "Typ je antwoord aan Sam de Wit")
        await panel(page, "outage")
        await expect(page.locator('[data-key="outage"]')).to_have_attribute("aria-pressed", "true")
        await say(mentor, "Kom maandag even langs.")
        await panel(page, "lift")
        await sees(sam, "Kom maandag even langs.")
        await tap(mentor, "Afronden")
        await sees(mentor, "wat is er gedaan?")
        await say(mentor, "We hebben het samen opgelost.")
        await sees(sam, "We hebben het samen opgelost.")
        await expect(mentor.locator(".message", has_text=WHAT)).to_have_count(0)


class Keys:
    """A person without a mouse: Tab, arrows, Enter and Escape, on one phone at a time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.device = phone(page, 0)

    async def focused(self) -> str:
        """Return the name of what has the focus."""
        found: str = await self.page.evaluate(
            "(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"
        )
        return found

    async def to(self, name: str) -> None:
        """Press Tab until what has this name has the focus."""
        for _ in range(90):
            if await self.focused() == name:
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{name} cannot be reached by keyboard")

    async def press(self, name: str) -> None:
        """Press a button under the newest message that has one."""
        await self.to("Message")
        await self.page.keyboard.press("ArrowUp")
        await self.to(name)
        await self.page.keyboard.press("Enter")

    async def say(self, words: str) -> None:
        """Type something and send it."""
        await self.to("Message")
        await self.page.keyboard.type(words)
        await self.page.keyboard.press("Enter")

    async def switch(self, name: str, arrow: str) -> None:
        """Go to another phone: the tabs answer to the arrow keys."""
        await self.page.keyboard.press("Escape")
        await self.page.evaluate("document.activeElement.blur()")
        tab = self.page.locator('[role="tab"][aria-selected="true"]')
        for _ in range(9):  # what comes in meanwhile may take the focus along
            shown = (await tab.text_content()) or ""
            if shown == name:
                break
            await self.to(shown)
            await self.page.keyboard.press(arrow)
        await expect(tab).to_have_text(name)
        self.device = phone(self.page, int((await tab.get_attribute("id") or "")[-1]))
        await expect(self.device).to_be_visible()

    async def sees(self, words: str) -> None:
        await sees(self.device, words)


async def test_the_main_job_by_keyboard_alone_on_a_narrow_phone(opening: Open) -> None:
    """On 360 pixels nothing sticks out, and keys alone ask, report, read, answer and close."""
    async with opening("en", NARROW) as page:
        keys = Keys(page)
        await expect(phone(page, 2)).to_be_hidden()
        await keys.say("can I put a photo of my class on my story?")
        await keys.sees("Rule 2")
        await keys.press("Whole rule 2")
        await expect(keys.device.locator("blockquote")).to_be_visible()

        await keys.to("Menu")
        await page.keyboard.press("Enter")
        await expect(keys.device.locator(".sheet button").first).to_be_focused()
        await page.keyboard.press("Escape")
        await keys.say("/report")
        await keys.sees("What happened?")
        await keys.say(IN_ENGLISH)
        for question, answer in ENGLISH_ANSWERS:
            await keys.sees(question)
            await keys.press(answer)
        await keys.sees("To: Tom de Boer")
        await keys.press("Send")
        await keys.sees("has been delivered")

        await keys.switch("Tom", "ArrowRight")
        await keys.sees("M-20")
        await keys.press("Read")
        await keys.sees(IN_ENGLISH)
        await keys.press("Reply")
        await keys.sees("Type your answer to Lily Brown")
        await keys.say("Come and see me on Monday.")
        await keys.sees("Sent to Lily")
        await keys.press("Close")
        await keys.sees("what has been done?")
        await keys.say("We solved it together.")
        await keys.switch("Lily", "ArrowLeft")
        await keys.sees("Come and see me on Monday.")
        await keys.sees("We solved it together.")
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


async def test_stories(opening: Open) -> None:
    """Each story of the bar plays to its end, and says so step by step."""
    async with opening() as page:
        for key in ("ask", "quiz", "report", "mentor"):
            await story(page, key)
            await expect(page.locator("#guide li.done")).to_have_count(
                await page.locator("#guide li").count()
            )


def _answers(demo: Demo) -> int:
    """How often Sam was told about a photo of the class."""
    said = demo.state.chats[SAM].messages.values()
    return sum("Op een klassenfoto" in each.wire.get("text", "") for each in said)


@pytest.mark.parametrize(
    ("lang", "size", "keys"),
    [("nl", WIDE, ("outage", "flood")), ("en", NARROW, ("blocked", "killed"))],
    ids=["nl-wide", "en-narrow"],
)
async def test_stories_of_failure(
    opening: Open, demo: Demo, lang: str, size: dict[str, int], keys: tuple[str, ...]
) -> None:
    """An outage, a 429, a blocked bot and a killed process lose nothing, and answer once."""
    async with opening(lang, size) as page:
        before = _answers(demo)
        for key in keys:
            if await page.locator("#panel").is_hidden():
                await page.locator('[data-story="fail"]').click()
            await story(page, key)
        if "outage" in keys:
            assert _answers(demo) == before + len(keys)


async def test_clock(opening: Open, demo: Demo) -> None:
    """Tomorrow, the weekend and the holiday of the school are one tap each."""
    demo.state.school["holidays"] = [{"first": "2099-07-15"}]
    async with opening() as page:
        await page.locator('[data-story="fail"]').click()
        now = page.locator(".panel output.now")
        before = demo.state.clock.now()
        await panel(page, "dayOn")
        await expect(now).not_to_have_text("")
        assert 86_000 < demo.state.clock.now() - before < 90_000
        await panel(page, "saturday")
        await expect(now).to_contain_text("zaterdag")
        await panel(page, "holiday")
        await expect(now).to_contain_text("25 december")


async def test_axe_finds_nothing_serious(opening: Open) -> None:
    """Light and dark, Dutch and English, wide and 360 pixels, each with each, with all that is."""
    async with opening() as page:
        await story(page, "quiz")
        await page.locator('[data-story="fail"]').click()
        assert await browsing.grave(page) == []
        for button, size in (("#theme", NARROW), ("#language", WIDE), ("#theme", NARROW)):
            await page.locator(button).click()
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            assert await browsing.grave(page) == [], (button, size)
