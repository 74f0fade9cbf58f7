"""The second channel for alarms: when Telegram itself may be what fails, it cannot carry the news.

One alarm when something stops, one all-clear when everything is well again. Neither holds a word or
a name of anybody.
"""

from __future__ import annotations

import asyncio
import shutil
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Protocol

import httpx
import structlog

from bot.called import Called
from bot.errors import place_of
from bot.screen import Speech
from bot.services import Services
from bot.settings import Settings
from bot.views.delivery import as_plain, warning
from storage import alarms, jobs, outbox, unheard
from storage.unheard import Unheard

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 20.0
STUCK_AFTER: Final = timedelta(minutes=3)
SILENT_AFTER_SECONDS: Final = 180.0
LEAST_FREE_BYTES: Final = 200_000_000
SEND_SECONDS: Final = 20.0
TLS_PORT: Final = smtplib.SMTP_SSL_PORT  # RFC 8314: encrypted from the first byte
SETTLED: Final = timedelta(minutes=5)
"""So long after its start a watch that saw nothing wrong can say that all is well."""
LOCAL: Final = frozenset({"disk", "database"})
"""What one replica can see of itself alone."""
PASSING_ON: Final = "unheard-warnings"
PASSING_ON_LASTS: Final = timedelta(minutes=2)


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
    """Sends by SMTP, by TLS on port 465, else with STARTTLS where the server offers it.

    No password goes in the open.
    """

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
        with self._connected() as server:
            server.ehlo()
            sealed = self.port == TLS_PORT or server.has_extn("starttls")
            if sealed and self.port != TLS_PORT:
                server.starttls(context=self._context())
            if self.user and self.password and (sealed or self._is_here()):
                server.login(self.user, self.password)
            elif self.password:
                log.warning("mail server offers no STARTTLS: password not sent")
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.port == TLS_PORT:
            context = self._context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SEND_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=SEND_SECONDS)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._is_here():  # nobody is in between, and its certificate is often home-made
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _is_here(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:  # a name
            return False


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
        called: Called | None = None,
    ) -> None:
        self._services = services
        self._channels = channels
        self._since_poll = since_poll
        self._called = called
        self._told: frozenset[str] = frozenset()
        self._began: datetime | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look until stopped."""
        if not self._channels and not self._services.settings.demo_clock:
            log.warning("no second channel for alarms: set VUISTREGEL_ALARM_URL or SMTP_HOST")
        while not self._stopping.is_set():
            try:
                await self.look()
            except Exception as error:  # the bot goes on, and so does the watch
                log.error("watch: no look", error=type(error).__name__, place=place_of(error))
            try:
                await asyncio.wait_for(self._stopping.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let ``run`` end."""
        self._stopping.set()

    async def look(self) -> None:
        """Tell of what is newly wrong, once; and once when all is well again.

        What every replica sees is told by one of them; what is wrong here alone, by this one.
        """
        self._began = self._began or self._services.clock()
        wrong = await self._wrong()
        if not self._channels:
            return
        alone = LOCAL & (wrong - self._told)
        if alone and await self._tell("alarm.subject", sorted(alone)):
            self._told |= alone
        if "database" in wrong:
            return
        knew = bool(self._told)
        try:
            await self._share(wrong - LOCAL)
            if not wrong and (knew or self._services.clock() - self._began >= SETTLED):
                await self._clear()
            await self._pass_on()
        except Exception as error:  # a database that is away meanwhile: at the next look
            log.error("watch: not told", error=type(error).__name__)

    async def _share(self, wrong: frozenset[str]) -> None:
        """Tell what is newly wrong unless another replica did so."""
        run = self._services.db.run
        self._told &= wrong | LOCAL
        if not wrong <= self._told:
            self._told |= wrong & await run(alarms.standing)
        fresh = wrong - self._told
        taken = {each: await run(alarms.take, each, self._services.clock()) for each in fresh}
        held = {each: lease for each, lease in taken.items() if lease}
        sent = bool(held) and await self._tell("alarm.subject", sorted(held))
        for lease in held.values():
            if sent:
                await run(jobs.done, lease, self._services.clock())
            else:
                await run(jobs.failed, lease)
        self._told |= frozenset(held if sent else ())

    async def _clear(self) -> None:
        """Tell that all is well again, when something was told before."""
        run = self._services.db.run
        gone = await run(alarms.clear) if await run(alarms.standing) else frozenset()
        if not gone and not self._told & LOCAL:
            return
        if await self._tell("alarm.clear_subject", ["clear"]):
            self._told = frozenset()
        else:
            self._told |= gone
            await run(alarms.restore, gone, self._services.clock())

    async def _pass_on(self) -> None:
        """Tell what no administrator got in Telegram; one replica at a time."""
        run, now = self._services.db.run, self._services.clock()
        admins = self._services.settings.admin_ids
        held = None
        if await run(unheard.pending, admins, now):
            held = await run(jobs.lease, PASSING_ON, now, now, PASSING_ON_LASTS)
        if held is None:
            return
        for each in await run(unheard.pending, admins, now):
            if await self._send("alarm.unheard_subject", self._warning(each)):
                await run(unheard.told, each.orders)
        await run(jobs.failed, held)  # given back, so that the next warning need not wait

    def _warning(self, each: Unheard) -> str:
        say = self._speech()
        text = warning(say, each.reason, each.number, each.classes)
        return say.label("alarm.unheard", warning=as_plain(text))

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
        called = await self._called.wrong(self._services.clock()) if self._called else frozenset()
        return frozenset(name for name, found in checks.items() if found) | called

    def _folder(self) -> Path:
        db = self._services.db
        path = Path(db.url.database or ".") if db.is_sqlite else Path()
        return path.resolve().parent if db.is_sqlite else path.resolve()

    def _speech(self) -> Speech:
        return Speech(self._services.pack, self._services.pack.main_language)

    async def _tell(self, subject: str, reasons: Sequence[str]) -> bool:
        say = self._speech()
        return await self._send(
            subject, "\n".join(say.label(f"alarm.reason.{reason}") for reason in reasons)
        )

    async def _send(self, subject: str, body: str) -> bool:
        title = self._speech().label(subject)
        return any([await self._sent(each, title, body) for each in self._channels])

    async def _sent(self, channel: Channel, subject: str, body: str) -> bool:
        try:
            await channel.send(subject, body)
        except Exception as error:  # of a channel set wrongly: the others, and the bot, go on
            log.error("alarm not sent", error=type(error).__name__)
            return False
        return True
