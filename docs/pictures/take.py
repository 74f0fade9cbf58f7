"""Takes the README's pictures of phones: ``python -m docs.pictures.take``, beside this file.

Needs Chromium and an emoji font (Debian: ``chromium fonts-noto-color-emoji``).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import time

from PIL import Image
from playwright.async_api import Locator, Page, expect

from bot.demo.handset import Playground
from bot.demo.launcher import Demo
from tests.bot.demo import browsing
from tests.bot.demo.browsing import BRISK, phone, say, sees, story, tap

HERE = Path(__file__).parent
SIZE = {"width": 1340, "height": 920}
QUESTION = "mag ik mn leeraar volgen op insta?"
SMALL = {"width": 400, "height": 800}
COLOURS = 256
NO_DITHER = Image.Dither.NONE
WEEK, SATURDAY = 7 * 86_400, 2 * 86_400 + 11 * 3600


async def picture(place: Page | Locator, name: str) -> None:
    """Take a picture, in as few colours as it needs."""
    page = place if isinstance(place, Page) else place.page
    await page.mouse.move(0, 0)
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    path = HERE / f"{name}.png"
    await place.screenshot(path=path)
    with Image.open(path) as taken:
        few = taken.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=NO_DITHER)
        few.save(path, optimize=True)


def device(page: Page, number: int) -> Locator:
    """Return one phone without the line above it."""
    return phone(page, number).locator(".device")


async def steps(page: Page, key: str, until: int) -> None:
    """Begin a story and let the page do its steps until the one with this number, from 0."""
    await page.locator(f'[data-story="{key}"]').click()
    for at in range(1, until + 1):
        await page.locator('#guide-go[aria-disabled="false"]').click()
        await expect(page.locator(f'#guide[data-at="{at + 1}"]')).to_be_visible()


async def play(page: Page) -> None:
    """Play each story of the bar, with a picture of each."""
    sam, mentor = phone(page, 0), phone(page, 2)
    await say(sam, QUESTION)
    await sees(sam, "Regel 9")
    await picture(device(page, 0), "ask")
    await say(sam, "/quiz")
    await sam.locator(".choice").first.click()
    await expect(sam.locator(".poll .share").first).to_be_visible()
    await expect(sam.locator(".poll")).to_have_count(2)
    await sam.locator(".poll").first.scroll_into_view_if_needed()
    await picture(device(page, 0), "quiz")
    await say(sam, "/stop")
    await steps(page, "report", 1)
    await sees(sam, "Dit wordt verstuurd")
    await page.locator("#guide-close").click()
    await picture(device(page, 0), "report")
    await tap(sam, "Versturen")
    await tap(mentor, "Lezen")
    await sees(mentor, "Stand:")
    await sees(sam, "is gelezen")
    await picture(device(page, 2), "mentor")
    await story(page, "mentor")
    await page.locator('[data-story="fail"]').click()
    await story(page, "blocked")
    await picture(page, "blocked")


async def take() -> None:
    """Start a playground on a Saturday and a browser, and play."""
    async with Demo(port=0, command=BRISK) as demo, browsing.browser() as running:
        async with Playground(demo.url) as playground:
            await playground.clock(offset=(SATURDAY - time()) % WEEK)
        async with browsing.opened(running, demo.url, size=SIZE, color_scheme="light") as page:
            await sees(phone(page, 0), "Ik ben Vuistregel")
            await play(page)
        async with browsing.opened(
            running, demo.url, "en", SMALL, color_scheme="dark", device_scale_factor=1.5
        ) as page:
            await page.locator('[data-story="fail"]').click()
            await story(page, "killed")
            await picture(page, "killed")


if __name__ == "__main__":
    asyncio.run(take())
