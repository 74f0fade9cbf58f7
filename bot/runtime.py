"""One running bot: database, polling or webhook, delivery and upkeep, stopped in order."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import start_http_server
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import menu
from bot.alarm import Watch, channels_of
from bot.bootstrap import build_app, build_services, open_database
from bot.called import Called
from bot.context import App
from bot.delivery import Delivery
from bot.errors import StartProblem
from bot.handling import Handling
from bot.health import Health
from bot.intake import KINDS, Json, strip
from bot.polling import Poller
from bot.prepare import listening, prepare_database
from bot.services import Services
from bot.settings import PREFIX, Settings, host_and_port, need
from bot.upkeep import Upkeep
from storage import jobs, outbox

if TYPE_CHECKING:
    from bot.web import Server

log = structlog.get_logger(__name__)

STOP_SECONDS: Final = 8.0
STARTING_TRIES: Final = 5
CONNECTIONS: Final = 100  # Telegram's most: an urgent report must not wait behind forty quizzes
WEBHOOK_AGAIN_SECONDS: Final = 3.0


async def run(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM.

    Raises SettingsProblem, PackError, KeyProblem, SchemaTooNew, SchemaTooOld or StartProblem, each
    with one line for the administrator.
    """
    need(settings.token, "TOKEN")
    db = open_database(settings)  # what is wrong with key or database shows before the slow pack
    try:
        await prepare_database(db)
        services = build_services(settings, db=db)
        app = build_app(services)
        with listening("HTTP_LISTEN", settings.listen) as listener:
            try:
                await _initialize(app)
                await _take_over(services)
                await _serve(app, services, listener)
            finally:
                await app.shutdown()
                await app.bot.shutdown()  # the application leaves it open if it never started
    finally:
        await db.close()


async def _initialize(app: App) -> None:
    for attempt in range(1, STARTING_TRIES + 1):
        try:
            await app.initialize()
            return
        except InvalidToken:
            raise StartProblem("Telegram does not know VUISTREGEL_TOKEN") from None
        except TelegramError as error:
            if attempt == STARTING_TRIES:
                raise StartProblem("the Bot API cannot be reached") from None
            log.warning("Bot API not reachable yet", error=type(error).__name__)
            await asyncio.sleep(attempt)


async def _take_over(services: Services) -> None:
    """Take over what an earlier process had in hand: SQLite has one process at a time."""
    if services.db.is_sqlite:
        await services.db.run(outbox.release, services.clock())
        await services.db.run(jobs.release)


async def _serve(app: App, services: Services, listener: socket.socket | None) -> None:
    settings = services.settings
    handling = Handling(app, services)
    poller = None if settings.webhook_url else Poller(app, services, handling)
    delivery, upkeep = Delivery(app, services), Upkeep(services)
    watch = watch_of(app, services, poller)
    web = _web(services, handling, poller, *settings.listen) if settings.listen else None
    if settings.metrics_listen:
        _serve_metrics(*host_and_port(settings.metrics_listen))
    stop = asyncio.Event()
    with _signals(stop):
        published = asyncio.create_task(menu.publish_calmly(app.bot, services.pack))
        tasks = [asyncio.create_task(each.run()) for each in (delivery, upkeep, watch)]
        if web and listener:
            tasks.append(asyncio.create_task(web.serve(sockets=[listener])))
        tasks.append(
            asyncio.create_task(poller.run() if poller else _webhook(app, settings, handling))
        )
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        published.cancel()
        await _wind_down(handling, poller, web)
        for each in (delivery, upkeep, watch):
            each.stop()
        await _end(tasks)


def watch_of(app: App, services: Services, poller: Poller | None) -> Watch:
    """Return what looks whether updates come: by polling, or as Telegram tells of a webhook."""
    channels, settings = channels_of(services.settings), services.settings
    if poller:
        return Watch(services, channels, poller.seconds_since_poll)
    called = Called(app.bot.get_webhook_info, webhook_address(settings))
    return Watch(services, channels, called=called)


async def _wind_down(handling: Handling, poller: Poller | None, web: Server | None) -> None:
    """Take in nothing more, and finish what came."""
    log.info("stopping")
    if poller:
        poller.stop()
    if web:
        web.should_exit = True
    await handling.settle(STOP_SECONDS / 2)


def _serve_metrics(host: str, port: int) -> None:
    try:
        start_http_server(port, host)
    except OSError as error:
        raise StartProblem(f"{PREFIX}METRICS_LISTEN: {host}:{port}: {error.strerror}") from None


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS / 2)
    for task in late:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, InvalidToken):
            raise StartProblem("Telegram does not know VUISTREGEL_TOKEN")
        if isinstance(result, Exception):
            raise result


async def _webhook(app: App, settings: Settings, handling: Handling) -> None:
    await handling.resume()  # what polling took in before the webhook was set
    url = webhook_address(settings)
    secret = need(settings.webhook_secret, "WEBHOOK_SECRET")
    while not await _set_webhook(app, url, secret):
        continue
    await asyncio.Event().wait()


def webhook_address(settings: Settings) -> str:
    """Return the address that Telegram is to call."""
    from bot.web import WEBHOOK_PATH

    return f"{(settings.webhook_url or '').rstrip('/')}{WEBHOOK_PATH}"


async def _set_webhook(app: App, url: str, secret: str) -> bool:
    """Set the webhook; False, after a pause, when Telegram has to be asked again.

    Replicas that start together all set the same one, and Telegram tells some of them to wait.
    """
    try:
        return await app.bot.set_webhook(
            url, secret_token=secret, allowed_updates=list(KINDS), max_connections=CONNECTIONS
        )
    except BadRequest as error:
        raise StartProblem(f"{PREFIX}WEBHOOK_URL: Telegram says: {error.message}") from None
    except (RetryAfter, NetworkError) as error:
        log.warning("webhook not set yet", error=type(error).__name__)
        await asyncio.sleep(WEBHOOK_AGAIN_SECONDS)
        return False


def _web(
    services: Services, handling: Handling, poller: Poller | None, host: str, port: int
) -> Server:
    from bot.web import create_web, server  # polling alone needs no web server

    since_poll = poller.seconds_since_poll if poller else None
    health = Health(services, since_poll, handling.seconds_since_update)

    async def take_in(raw: Json) -> bool:
        kept = strip(raw)
        return kept is None or await handling.now(kept)

    if services.settings.webhook_url is None:
        return server(create_web(health), host, port)
    secret = need(services.settings.webhook_secret, "WEBHOOK_SECRET")
    return server(create_web(health, take_in, secret), host, port)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    try:
        yield
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sign)
