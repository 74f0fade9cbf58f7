"""The second channel for alarms: when Telegram itself may be what fails, it cannot carry the news.

One alarm when something stops, one all-clear when everything is well again. Neither holds a word or
a name of anybody.
"""

from __future__ import annotations

import asyncio
import shutil
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

import httpx
import structlog

from bot.screen import Speech
from bot.services import Services
from bot.settings import Settings
from storage import outbox

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 20.0
STUCK_AFTER: Final = timedelta(minutes=3)
SILENT_AFTER_SECONDS: Final = 180.0
LEAST_FREE_BYTES: Final = 200_000_000
SEND_SECONDS: Final = 20.0


class Channel(Protocol):
    """A way to reach the administrator outside Telegram."""

    async def send(self, subject: str, body: str) -> None:
        """Send; raises when it did not go."""
        ...


@dataclass(frozen=True)
class Hook:
    """Posts ``{"subject", "text"}`` as JSON to an address."""

    url: str

    async def send(self, subject: str, body: str) -> None:
        """Post one alarm."""
        async with httpx.AsyncClient(timeout=SEND_SECONDS) as client:
            answer = await client.post(self.url, json={"subject": subject, "text": body})
            answer.raise_for_status()


@dataclass(frozen=True)
class Mail:
    """Sends by SMTP, with STARTTLS where the server offers it."""

    host: str
    port: int
    sender: str
    to: str
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Mail({self.host!r})"

    async def send(self, subject: str, body: str) -> None:
        """Send one mail, in a thread of its own."""
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, self.sender, self.to
        message.set_content(body)
        await asyncio.to_thread(self._send, message)

    def _send(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=SEND_SECONDS) as server:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls()
            if self.user and self.password:
                server.login(self.user, self.password)
            server.send_message(message)


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Return the channels that are set; none is allowed, with a warning at start."""
    found: list[Channel] = []
    if settings.alarm_url:
        found.append(Hook(settings.alarm_url.get_secret_value()))
    if settings.smtp_host and settings.smtp_to:
        password = settings.smtp_password
        found.append(
            Mail(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_from or settings.smtp_to,
                settings.smtp_to,
                settings.smtp_user,
                password.get_secret_value() if password else None,
            )
        )
    return tuple(found)


class Watch:
    """Looks every twenty seconds whether reports still get through."""

    def __init__(
        self,
        services: Services,
        channels: Sequence[Channel],
        since_poll: Callable[[], float | None] | None = None,
    ) -> None:
        self._services = services
        self._channels = channels
        self._since_poll = since_poll
        self._told: frozenset[str] = frozenset()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look until stopped."""
        if not self._channels and not self._services.settings.demo_clock:
            log.warning("no second channel for alarms: set VUISTREGEL_ALARM_URL or SMTP_HOST")
        while not self._stopping.is_set():
            await self.look()
            try:
                await asyncio.wait_for(self._stopping.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let ``run`` end."""
        self._stopping.set()

    async def look(self) -> None:
        """Tell of what is newly wrong, once; and once when all is well again."""
        wrong = await self._wrong()
        fresh = wrong - self._told
        if fresh and await self._tell("alarm.subject", sorted(fresh)):
            self._told |= fresh
        elif self._told and not wrong and await self._tell("alarm.clear_subject", ["clear"]):
            self._told = frozenset()

    async def _wrong(self) -> frozenset[str]:
        try:
            depth = await self._services.db.run(outbox.depth, self._services.clock())
        except Exception as error:  # a database that is away is what the alarm is for
            log.error("watch: database", error=type(error).__name__, exc_info=error)
            return frozenset({"database"})
        since = self._since_poll() if self._since_poll else None
        checks = {
            "delivery": depth.oldest > STUCK_AFTER,
            "polling": since is not None and since > SILENT_AFTER_SECONDS,
            "disk": shutil.disk_usage(self._folder()).free < LEAST_FREE_BYTES,
        }
        return frozenset(name for name, found in checks.items() if found)

    def _folder(self) -> Path:
        db = self._services.db
        path = Path(db.url.database or ".") if db.is_sqlite else Path()
        return path.resolve().parent if db.is_sqlite else path.resolve()

    async def _tell(self, subject: str, reasons: Sequence[str]) -> bool:
        say = Speech(self._services.pack, self._services.pack.main_language)
        body = "\n".join(say.label(f"alarm.reason.{reason}") for reason in reasons)
        sent = [await self._sent(each, say.label(subject), body) for each in self._channels]
        return any(sent)

    async def _sent(self, channel: Channel, subject: str, body: str) -> bool:
        try:
            await channel.send(subject, body)
        except (OSError, httpx.HTTPError, smtplib.SMTPException) as error:
            log.error("alarm not sent", error=type(error).__name__)
            return False
        return True
