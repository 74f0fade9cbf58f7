"""Builds the bot once: the real dependencies, or fakes handed in by keyword."""

from __future__ import annotations

import random
from typing import Any

from httpx import create_ssl_context
from telegram.ext import ApplicationBuilder, BaseRateLimiter, ContextTypes
from telegram.request import BaseRequest, HTTPXRequest

from bot.clock import Clock, movable_clock, system_clock
from bot.context import App, Context
from bot.handlers import register
from bot.handling import note_failure
from bot.ratelimit import RateLimiter
from bot.services import Services
from bot.settings import Settings, need
from bot.sharing import Leased
from bot.transport import Request
from content.loader import load_pack
from content.matcher import Matcher
from content.pack import Pack
from content.schoolclock import SchoolClock
from content.startup import give_back
from storage.crypto import Vault
from storage.database import Database


def build_services(
    settings: Settings,
    *,
    pack: Pack | None = None,
    matcher: Matcher | None = None,
    db: Database | None = None,
    clock: Clock | None = None,
    rng: random.Random | None = None,
) -> Services:
    """Build the services.

    Raises SettingsProblem, PackError or KeyProblem with one line for the administrator.
    """
    pack = pack or load_pack(settings.content)
    matcher = matcher or Matcher(pack)
    give_back()
    return Services(
        settings=settings,
        pack=pack,
        matcher=matcher,
        school_clock=SchoolClock(pack.school),
        db=db or open_database(settings),
        clock=clock
        or (movable_clock(settings.demo_clock) if settings.demo_clock else system_clock),
        rng=rng or random.Random(),
    )


def open_database(settings: Settings) -> Database:
    """Open the database of the settings, with the keys of the settings."""
    vault = Vault.from_setting(need(settings.secret_key, "SECRET_KEY"))
    return Database(settings.database_url.get_secret_value(), vault)


def build_app(
    services: Services,
    *,
    request: BaseRequest | None = None,
    limiter: BaseRateLimiter[Any] | None = None,
) -> App:
    """Build the Application with every handler; updates come from ``Handling``, not an Updater."""
    sending, polling = (request, request) if request else _requests()
    builder = (
        ApplicationBuilder()
        .token(need(services.settings.token, "TOKEN"))
        .base_url(f"{services.settings.api_url}/bot")
        .base_file_url(f"{services.settings.api_url}/file/bot")
        .request(sending)
        .get_updates_request(polling)
        .rate_limiter(limiter or build_limiter(services))
        .context_types(ContextTypes(context=Context))
        .updater(None)
        .job_queue(None)
    )
    app: App = builder.build()
    app.bot_data["services"] = services
    register(app)
    app.add_error_handler(note_failure)
    return app


def _requests() -> tuple[BaseRequest, BaseRequest]:
    """Build what sends and what polls, with one set of certificates: each takes time and room."""
    secure = {"verify": create_ssl_context()}
    polling = HTTPXRequest(connection_pool_size=2, read_timeout=40, httpx_kwargs=secure)
    return Request(pool_timeout=10, httpx_kwargs=secure), polling


def build_limiter(services: Services) -> RateLimiter:
    """Build the keeper of Telegram's limits; on PostgreSQL there may be other replicas."""
    overall, db = services.settings.sends_per_second, services.db
    return RateLimiter(overall, None if db.is_sqlite else Leased(db, overall))
