"""Takes the README's pictures of phones: ``python -m docs.pictures.take``, beside this file.

Needs Chromium and an emoji font (Debian: ``chromium fonts-noto-color-emoji``).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bot.demo.launcher import Demo
from tests.bot.demo.test_browser import ARGS, CHROMIUM, phone, play_chip, say, sees, tap

HERE = Path(__file__).parent
QUESTION = "mag ik mn leeraar volgen op insta?"
WHAT = "In een groepsapp sturen ze een foto van mij rond en lachen ze me uit"
ANSWERS = (
    ("Waar gebeurde het?", "WhatsApp"),
    ("Wanneer was het?", "Vandaag"),
    ("Wie waren erbij?", "Overslaan"),
    ("Gaat het over iemand die op school werkt?", "Nee"),
    ("Is er nu iemand in gevaar?", "Nee"),
)


async def picture(page: Page, name: str, number: int) -> None:
    """Take a picture of one phone."""
    await page.mouse.move(0, 0)
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    await phone(page, number).locator(".device").screenshot(path=HERE / f"{name}.png")


async def play(page: Page) -> None:
    """Ask, report and read, with a picture of each."""
    sam, mentor = phone(page, 0), phone(page, 2)
    fail = page.get_by_role("button", name="Laat Telegram haperen")
    await fail.click()
    await play_chip(page, "saturday")
    await fail.click()
    await say(sam, QUESTION)
    await sees(sam, "Regel 9")
    await picture(page, "ask", 0)
    await say(sam, "/melden")
    await sees(sam, "Wat is er gebeurd?")
    await say(sam, WHAT)
    for question, answer in ANSWERS:
        await sees(sam, question)
        await tap(sam, answer)
    await sees(sam, "Dit wordt verstuurd")
    await picture(page, "report", 0)
    await tap(sam, "Versturen")
    await sees(sam, "is bezorgd")
    await tap(mentor, "Lezen")
    await sees(mentor, WHAT)
    await sees(sam, "is gelezen")
    await picture(page, "mentor", 2)


async def take() -> None:
    """Start a playground and a browser, and play."""
    async with Demo(port=0) as demo, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        size = {"width": 1340, "height": 860}
        page = await browser.new_page(locale="nl-NL", viewport=size, color_scheme="light")  # type: ignore[arg-type]
        await page.goto(demo.url)
        await sees(phone(page, 0), "Ik ben Vuistregel")
        await play(page)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take())
