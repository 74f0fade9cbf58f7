"""A headless Chromium on a playground: what the tests of the page and its pictures have in common.

Every wait is for what a person would see, never for a time.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next(filter(None, map(shutil.which, NAMES)), None)
ARGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE: Final = 60_000
"""Milliseconds until something expected counts as missing; a busy machine is slow."""
SERIOUS: Final = ("serious", "critical")
WIDE: Final = {"width": 1560, "height": 900}
NARROW: Final = {"width": 360, "height": 740}
LOCALES: Final = {"nl": "nl-NL", "en": "en-GB"}
BRISK: Final = (
    sys.executable,
    "-c",
    "from bot import ratelimit; from bot.cli import main; ratelimit.SECOND = 0.02; main(['run'])",
)
"""The bot without Telegram's second between two messages to one chat: a test would wait for it."""


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start a Chromium."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield running
        await running.close()


@asynccontextmanager
async def opened(
    running: Browser, url: str, lang: str = "nl", size: dict[str, int] = WIDE, **more: Any
) -> AsyncIterator[Page]:
    """Open the page at ``url``; there was no error in it, and nothing was asked for elsewhere."""
    wrong: list[str] = []
    given = {"locale": LOCALES[lang], "viewport": size, "reduced_motion": "reduce", **more}
    context = await running.new_context(**given)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(f"{url}/") else wrong.append(request.url),
    )
    await page.goto(f"{url}/")
    await expect(page.locator("#who-0 option")).not_to_have_count(0)
    yield page
    await context.close()
    assert wrong == []


def phone(page: Page, number: int) -> Locator:
    """Return one of the three phones, from 0."""
    return page.locator(f"#phone-{number}")


async def say(device: Locator, words: str) -> None:
    """Type something and send it."""
    field = device.locator(".composer textarea")
    await field.fill(words)
    await field.press("Enter")


async def tap(device: Locator, label: str) -> None:
    """Tap the newest button with this label."""
    await device.locator(".keys").get_by_role("button", name=label, exact=True).last.click()


async def sees(device: Locator, words: str) -> None:
    """Wait until the bot has said this."""
    await expect(device.locator(".message.in", has_text=words).last).to_be_visible()


async def panel(page: Page, key: str) -> None:
    """Press a button of the panel that makes Telegram fail and moves the clock."""
    await page.locator(f'.panel [data-key="{key}"]').click()


async def story(page: Page, key: str) -> None:
    """Play a story of the bar to its end, its steps done by the page."""
    await page.locator(f'[data-story="{key}"]').click()
    await expect(page.locator(f'#guide[data-story-now="{key}"]')).to_be_visible()
    ready = page.locator('#guide-go[aria-disabled="false"]:visible')
    over = page.locator('#guide[data-at="end"]')
    while not await over.is_visible():
        await expect(ready.or_(over).first).to_be_visible()
        at = await page.locator("#guide").get_attribute("data-at")
        if at != "end":
            await ready.click()
            await expect(page.locator(f'#guide[data-at="{at}"]')).to_have_count(0)


async def grave(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page as it is now."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
