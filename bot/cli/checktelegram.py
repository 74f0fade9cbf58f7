"""What ``doctor`` asks Telegram: token, inline mode, webhook, clock, administrators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from bot.cli import reach
from bot.cli.botapi import PATIENCE, BotApi
from bot.cli.findings import Finding, note, ok, wrong
from bot.settings import PREFIX, Settings, need

CLOCK_SECONDS: Final = 30
RECENT: Final = timedelta(hours=1)
MANY: Final = 100
PORTS: Final = frozenset({80, 88, 443, 8443})
"""Bot API, setWebhook."""


async def token(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether Telegram knows the bot; then its webhook and its administrators."""
    api = BotApi(need(settings.token, "TOKEN"), settings.api_url)
    me = await asyncio.to_thread(api.me)
    yield ok("token", f"@{me.username}")
    if not me.inline:
        remedy = "switch it on with @BotFather: /setinline"
        yield note("inline", "off: rules cannot be shared in a class chat", remedy)
    for finding in _webhook(settings, await asyncio.to_thread(api.webhook)):
        yield finding


def _webhook(settings: Settings, info: dict[str, Any]) -> Iterator[Finding]:
    from bot.web import WEBHOOK_PATH

    stands, wanted = str(info.get("url") or ""), settings.webhook_url
    if not wanted:
        if stands:
            remedy = "stop the other bot, or take another token; vuistregel run ends the webhook"
            yield wrong("webhook", "another program has set a webhook for this token", remedy)
        else:
            yield ok("webhook", "none, the bot polls")
        return
    parts = urlsplit(wanted)
    if parts.scheme != "https" or (parts.port or 443) not in PORTS:
        remedy = f"{PREFIX}WEBHOOK_URL must be https, on port 443, 80, 88 or 8443"
        yield wrong("webhook", "an address that Telegram does not call", remedy)
    elif stands != f"{wanted}{WEBHOOK_PATH}":
        yield note("webhook", "not set at Telegram yet", "start the bot: vuistregel run sets it")
    else:
        yield from _called(info)


def _called(info: dict[str, Any]) -> Iterator[Finding]:
    failed = datetime.fromtimestamp(int(info.get("last_error_date") or 0), UTC)
    waiting = int(info.get("pending_update_count") or 0)
    if datetime.now(UTC) - failed < RECENT:
        said = " ".join(str(info.get("last_error_message") or "").split())
        remedy = "look at the proxy and the certificate before the bot; does the bot run?"
        yield wrong("webhook", f"Telegram cannot reach it: {said}", remedy)
    elif waiting > MANY:
        yield wrong("webhook", f"{waiting} updates wait at Telegram", "does the bot run?")
    else:
        yield ok("webhook", "set, and Telegram reaches it")


async def clock(settings: Settings) -> AsyncIterator[Finding]:
    """Compare this machine's clock with Telegram's."""
    said = await telegrams_time(settings.api_url)
    if said is None:
        remedy = "look whether this machine reaches the Bot API"
        yield note("clock", "not compared: the Bot API did not tell the time", remedy)
        return
    off = abs((datetime.now(UTC) - said).total_seconds())
    shown = f"{off:.0f} seconds from Telegram's"
    if off > CLOCK_SECONDS:
        remedy = "switch time synchronisation (NTP) on: terms run by this clock"
        yield wrong("clock", shown, remedy)
    else:
        yield ok("clock", shown)


async def telegrams_time(api_url: str) -> datetime | None:
    """Ask what time it is there; None where nobody says."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            said = (await client.head(api_url)).headers.get("date")
        return parsedate_to_datetime(said) if said else None
    except (httpx.HTTPError, ValueError):
        return None


async def administrators(settings: Settings) -> AsyncIterator[Finding]:
    """Look whether anybody is warned, and whether the bot may write to them."""
    if not settings.admin_ids:
        remedy = f"set {PREFIX}ADMIN_IDS: else nobody hears that a report reaches nobody"
        yield note("administrator", "none", remedy)
        return
    async with asyncio.timeout(PATIENCE):
        deaf = await reach.deaf(settings)
    for admin in deaf:
        found = f"no alarm in Telegram reaches account {admin}"
        remedy = f"open the bot with that account and press Start, or set {PREFIX}ADMIN_IDS"
        yield wrong("administrator", found, remedy)
    if not deaf:
        yield ok("administrator", f"{len(settings.admin_ids)} to be warned")
