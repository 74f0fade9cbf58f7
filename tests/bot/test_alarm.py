"""Alarms over the second channel, and the word to pupils after a long outage."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from telegram import WebhookInfo
from telegram.error import NetworkError

from bot.alarm import Hook, Mail, Watch, channels_of
from bot.called import Called
from bot.runtime import watch_of
from bot.settings import Settings
from storage import orders, outage
from tests.bot.world import World

HOOK = "https://bot.example/telegram"


class Heard:
    """A channel that remembers, and can be out of order."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.broken = False

    async def send(self, subject: str, body: str) -> None:
        if self.broken:
            raise OSError("no route")
        self.subjects.append(f"{subject}: {body}")


async def test_one_alarm_and_one_all_clear(world: World) -> None:
    """What waits for over three minutes raises one alarm; when it is sent, one all-clear."""
    channel = Heard()
    watch = Watch(world.services, [channel])
    await watch.look()
    assert channel.subjects == []
    await world.run(orders.order, 5, "outage", world.time)
    world.pass_time(minutes=4)
    for _ in range(3):
        await watch.look()
    assert len(channel.subjects) == 1
    assert "drie minuten" in channel.subjects[0]
    world.pass_time(minutes=-4)
    for _ in range(3):
        await watch.look()
    assert len(channel.subjects) == 2
    assert "werkt weer" in channel.subjects[1]


async def test_an_alarm_that_did_not_go_is_tried_again(world: World) -> None:
    """A broken channel is tried at each look until the alarm has gone."""
    channel = Heard()
    channel.broken = True
    watch = Watch(world.services, [channel], since_poll=lambda: 600.0)
    await watch.look()
    channel.broken = False
    await watch.look()
    await watch.look()
    assert len(channel.subjects) == 1
    assert "Telegram" in channel.subjects[0]


async def test_replicas_tell_once_together(world: World) -> None:
    """Of three that see the same one tells it, also after a restart; so with the all-clear."""
    channel = Heard()
    watches = [Watch(world.services, [channel]) for _ in range(3)]
    await world.run(orders.order, 5, "outage", world.time)
    world.pass_time(minutes=4)
    for _ in range(2):
        for watch in watches:
            await watch.look()
    assert len(channel.subjects) == 1
    watches = [Watch(world.services, [channel]) for _ in range(3)]
    for watch in watches:
        await watch.look()
    assert len(channel.subjects) == 1
    world.pass_time(minutes=-4)
    channel.broken = True
    await watches[0].look()
    channel.broken = False
    for _ in range(2):
        for watch in watches:
            await watch.look()
    assert len(channel.subjects) == 2
    assert "werkt weer" in channel.subjects[1]


async def test_a_restart_in_the_middle_of_an_outage(world: World) -> None:
    """What began again knows nothing yet: it neither takes the alarm back nor repeats it."""
    channel, since = Heard(), [600.0]
    await Watch(world.services, [channel], lambda: since[0]).look()
    again = Watch(world.services, [channel], lambda: since[0])
    for since[0] in (0.0, 60.0, 200.0, 300.0):
        await again.look()
        world.pass_time(minutes=1)
    assert len(channel.subjects) == 1
    since[0] = 1.0
    for _ in range(2):
        await again.look()
    assert len(channel.subjects) == 2


async def test_a_restart_after_an_outage(world: World) -> None:
    """The all-clear still comes, once the new process has looked for a while."""
    channel = Heard()
    await Watch(world.services, [channel], lambda: 600.0).look()
    again = Watch(world.services, [channel], lambda: 1.0)
    for _ in range(8):
        await again.look()
        world.pass_time(minutes=1)
    assert len(channel.subjects) == 2
    assert "werkt weer" in channel.subjects[1]


async def test_a_full_disk_of_one_replica(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by that one; the others, whose disk is fine, take nothing back."""
    channel = Heard()
    full, other = Watch(world.services, [channel]), Watch(world.services, [channel])
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1))
            await full.look()
        await other.look()
    assert len(channel.subjects) == 1
    assert "schijf" in channel.subjects[0]
    await full.look()
    assert len(channel.subjects) == 2


async def test_a_lost_database_raises_the_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database is away, that is the alarm."""
    channel = Heard()

    async def away(*args: object, **kwargs: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(type(world.services.db), "run", away)
    await Watch(world.services, [channel]).look()
    assert len(channel.subjects) == 1
    assert "database" in channel.subjects[0]


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ([(0, None)] * 8, False),
        ([(3, None)] * 8, True),
        ([(1, None), (4, None), (9, None), (15, None), (22, None), (30, None)], True),
        ([(90, None), (60, None), (30, None), (10, None), (2, None), (0, None)], False),
        ([(5, None), (4, 0), (3, 0), (2, 0), (1, 0)], True),
        ([(1, None), (0, None), (1, None), (0, None), (1, None), (0, None)], False),
        ([(0, 0)] * 8, False),
    ],
    ids=["quiet", "stuck", "growing", "catching up", "failing", "now and then", "failed once"],
)
async def test_webhook_that_is_not_called(
    world: World, said: list[tuple[int, int | None]], raised: bool
) -> None:
    """Updates that stay with Telegram raise one alarm, moving on none; then one all-clear.

    ``said`` is what Telegram answers, minute by minute: how many wait, and how many minutes ago a
    call last failed.
    """
    answers = iter(said)

    async def ask() -> WebhookInfo:
        waiting, failed = next(answers, (0, None))
        when = None if failed is None else world.time - timedelta(minutes=failed)
        return WebhookInfo(HOOK, False, waiting, last_error_date=when)

    channel = Heard()
    watch = Watch(world.services, [channel], called=Called(ask, HOOK))
    for _ in range(3 * len(said)):
        await watch.look()
        world.pass_time(seconds=20)
    assert ["Telegram roept" in each for each in channel.subjects] == [True] * raised
    for _ in range(6):
        await watch.look()
        world.pass_time(seconds=20)
    assert len(channel.subjects) == 2 * raised


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/telegram"])
async def test_webhook_that_was_taken_away(world: World, url: str) -> None:
    """Another address, or none: the alarm goes at once."""

    async def ask() -> WebhookInfo:
        return WebhookInfo(url, False, 0)

    channel = Heard()
    await Watch(world.services, [channel], called=Called(ask, HOOK)).look()
    assert len(channel.subjects) == 1
    assert "webhookadres" in channel.subjects[0]


async def test_a_running_bot_with_a_webhook_asks(world: World) -> None:
    """With a webhook the watch of the running bot asks Telegram about it."""
    world.services.settings = world.services.settings.model_copy(
        update={"webhook_url": "https://bot.example"}
    )
    watch = watch_of(world.app, world.services, None)
    channel = Heard()
    watch._channels = [channel]
    await watch.look()
    assert "webhookadres" in channel.subjects[0]


async def test_telegram_that_cannot_be_asked_about_the_webhook(world: World) -> None:
    """After three minutes without an answer it is told as such; one failure is nothing."""

    async def ask() -> WebhookInfo:
        raise NetworkError("away")

    channel = Heard()
    watch = Watch(world.services, [channel], called=Called(ask, HOOK))
    for _ in range(8):
        await watch.look()
        world.pass_time(seconds=20)
    assert channel.subjects == []
    for _ in range(8):
        await watch.look()
        world.pass_time(seconds=20)
    assert len(channel.subjects) == 1
    assert "niet kunnen bereiken" in channel.subjects[0]


def test_channels_come_from_the_settings() -> None:
    """An address and a mail server are both used; secrets do not show."""
    none = Settings(token=SecretStr("1:test"))
    assert channels_of(none) == ()
    both = Settings(
        alarm_url=SecretStr("http://127.0.0.1:1/hook"),
        smtp_host="127.0.0.1",
        smtp_to="beheer@school.example",
        smtp_password=SecretStr("geheim"),
    )
    hook, mail = channels_of(both)
    assert isinstance(hook, Hook)
    assert isinstance(mail, Mail)
    assert "geheim" not in repr(mail)


@pytest.mark.parametrize(
    "url", ["nowhere", "http://[", "https://a\nb", "http://x.example:99999999"]
)
async def test_a_wrongly_set_channel_keeps_the_others_and_the_watch_going(
    world: World, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """What cannot be sent to at all is logged; the other channel still tells of a full disk."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1))
    channel = Heard()
    await Watch(world.services, [Hook(url), channel]).look()
    assert len(channel.subjects) == 1


async def test_the_watch_outlives_whatever_goes_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that breaks off is followed by the next one."""
    watch, looks = Watch(world.services, [Heard()]), []

    def broken(_: object) -> None:
        looks.append(True)
        if len(looks) == 2:
            watch.stop()
        raise KeyError("canary")

    monkeypatch.setattr("bot.alarm.ROUND_SECONDS", 0.0)
    monkeypatch.setattr("shutil.disk_usage", broken)
    await asyncio.wait_for(watch.run(), 60)
    assert len(looks) == 2


class Server:
    """Stands for smtplib's connection to a mail server."""

    offers = True

    def __init__(self, *_: object, context: ssl.SSLContext | None = None, **__: object) -> None:
        self.did = [] if context is None else [_checked(context)]
        made.append(self)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def ehlo(self) -> None:
        """Greet."""

    def has_extn(self, _: str) -> bool:
        return self.offers

    def starttls(self, *, context: ssl.SSLContext | None = None) -> None:
        self.did.append(_checked(context))

    def login(self, *_: str) -> None:
        self.did.append("login")

    def send_message(self, _: Any) -> None:
        self.did.append("sent")


def _checked(context: ssl.SSLContext | None) -> str:
    checked = context is not None and context.verify_mode == ssl.CERT_REQUIRED
    return "checked" if checked else "unchecked"


made: list[Server] = []


@pytest.mark.parametrize(
    ("host", "offers", "did"),
    [
        ("mail.example", True, ["checked", "login", "sent"]),
        ("mail.example", False, ["sent"]),
        ("127.0.0.1", True, ["unchecked", "login", "sent"]),
        ("localhost", False, ["login", "sent"]),
    ],
)
async def test_no_password_goes_in_the_open(
    monkeypatch: pytest.MonkeyPatch, host: str, offers: bool, did: list[str]
) -> None:
    """It goes to a server whose certificate is good, or that is on this machine."""
    made.clear()
    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setattr(Server, "offers", offers)
    await Mail(host, 587, "a@school.example", "b@school.example", "a", "geheim").send("s", "b")
    assert [server.did for server in made] == [did]


@pytest.mark.parametrize(("host", "seen"), [("mail.example", "checked"), ("::1", "unchecked")])
async def test_mail_by_tls_from_the_start(
    monkeypatch: pytest.MonkeyPatch, host: str, seen: str
) -> None:
    """Port 465 is encrypted before the first word; STARTTLS has no part in it."""
    made.clear()
    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    await Mail(host, 465, "a@school.example", "b@school.example", "a", "geheim").send("s", "b")
    assert [server.did for server in made] == [[seen, "login", "sent"]]


@pytest.mark.parametrize(("hours", "told"), [(1, 0), (23, 0), (25, 1), (80, 1)])
async def test_word_after_a_long_outage(world: World, hours: int, told: int) -> None:
    """After more than a day without Telegram, pupils with an open report hear it, once."""
    await _report(world)
    await world.run(outage.after_poll, world.time)
    world.pass_time(hours=hours)
    assert await world.run(outage.after_poll, world.time) == told
    assert await world.run(outage.after_poll, world.time + timedelta(minutes=1)) == 0


async def _report(world: World) -> None:
    await world.say(1, "/melden")
    await world.say(1, "Noor de Vries")
    await world.say(1, "iemand scheldt mij uit in de app")
    for label in ("Overslaan", "Overslaan", "Overslaan", "Nee", "Weet ik niet", "Nee", "Versturen"):
        await world.tap(1, label)
    assert "M-2026-0001" in world.texts(1)
