"""The main job in a real browser: ask, report, read, answer, close, through an outage and a crash.

Needs a Chromium on the path and is skipped without one. Waits for what a person would see, never
for a time.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Final

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.demo.launcher import Demo

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next(filter(None, map(shutil.which, NAMES)), None)
ARGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE: Final = 60_000
"""Milliseconds until something expected counts as missing; a busy machine is slow."""
WHAT: Final = "ze sturen een foto van mij rond in een groepsapp"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on this machine; Debian: apt-get install chromium"
)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The page of a playground whose clock stands at a Saturday, in Dutch, without an error."""
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    async with Demo(port=0) as demo, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = await browser.new_page(locale="nl-NL", viewport={"width": 1560, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(demo.url)
        yield page
        await browser.close()
    assert errors == []


def phone(page: Page, number: int) -> Locator:
    return page.locator(f"#phone-{number}")


async def say(device: Locator, words: str) -> None:
    await device.get_by_role("textbox", name="Bericht").fill(words)
    await device.get_by_role("textbox", name="Bericht").press("Enter")


async def tap(device: Locator, label: str) -> None:
    await device.locator(".keys").get_by_role("button", name=label, exact=True).last.click()


async def sees(device: Locator, words: str) -> None:
    await expect(device.locator(".message.in", has_text=words).last).to_be_visible()


async def play_chip(page: Page, key: str) -> None:
    await page.locator(f'.panel [data-key="{key}"]').click()


async def test_the_main_job(page: Page) -> None:
    """A question gets its rule; a report survives a crash, and an answer survives an outage."""
    sam, mentor = phone(page, 0), phone(page, 2)
    await page.get_by_role("button", name="Laat Telegram haperen").click()
    await play_chip(page, "saturday")
    await page.get_by_role("button", name="Vraag iets").click()
    await sees(sam, "Regel 2: Privacy van anderen")

    await say(sam, "/melden")
    await sees(sam, "Wat is er gebeurd?")
    await play_chip(page, "kill")
    await expect(page.locator(".lamp")).to_have_text("ligt stil")
    await say(sam, WHAT)
    await play_chip(page, "restart")
    await sees(sam, "Waar gebeurde het?")
    for question, answer in (
        ("Waar gebeurde het?", "WhatsApp"),
        ("Wanneer was het?", "Vandaag"),
        ("Wie waren erbij?", "Overslaan"),
        ("Gaat het over iemand die op school werkt?", "Nee"),
        ("Is er nu iemand in gevaar?", "Nee"),
    ):
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
    await play_chip(page, "outage")
    await expect(page.locator('[data-key="outage"]')).to_have_attribute("aria-pressed", "true")
    await say(mentor, "Kom maandag even langs.")
    await play_chip(page, "lift")
    await sees(sam, "Kom maandag even langs.")
    await tap(mentor, "Afronden")
    await say(mentor, "We hebben het samen opgelost.")
    await sees(sam, "We hebben het samen opgelost.")
    await expect(mentor.locator(".message", has_text=WHAT)).to_have_count(0)


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        focused = "document.activeElement.ariaLabel || document.activeElement.textContent"
        if name == await page.evaluate(focused):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


async def test_a_narrow_phone_by_keyboard_alone(page: Page) -> None:
    """On 360 pixels nothing sticks out, and keys alone ask a question and open its rule."""
    await page.set_viewport_size({"width": 360, "height": 740})
    sam = phone(page, 0)
    await sees(sam, "Ik ben Vuistregel")
    await expect(phone(page, 2)).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await tab_to(page, "Vraag iets")
    await page.keyboard.press("Enter")
    await sees(sam, "Regel 2: Privacy van anderen")
    await page.evaluate("document.activeElement.blur()")
    await tab_to(page, "Hele regel 2")
    await page.keyboard.press("Enter")
    await expect(sam.locator("blockquote")).to_be_visible()
    await tab_to(page, "Bericht")
