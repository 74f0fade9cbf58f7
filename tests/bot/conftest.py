"""The world that every test of this room plays in."""

from __future__ import annotations

import random
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import event
from telegram.ext import BaseRateLimiter

from bot.bootstrap import build_app, build_services
from bot.settings import Settings
from content.matcher import Matcher
from content.pack import Pack
from storage.crypto import Vault
from storage.database import Database
from tests.bot.telegram import Telegram, refusals
from tests.bot.world import World

ADMIN = 900


class NoLimits(BaseRateLimiter[int]):
    """Lets every call through at once."""

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(self, callback, args, kwargs, endpoint, data, rate_limit_args):  # type: ignore[no-untyped-def]
        """Call at once."""
        return await callback(*args, **kwargs)


@pytest.fixture
def settings() -> Settings:
    """Settings of a test, from nowhere else."""
    return Settings(token=SecretStr("1:test"), admin_ids=(ADMIN,))


@pytest.fixture
async def world(
    settings: Settings, pack: Pack, matcher: Matcher, migrated_file: Path, tmp_path: Path
) -> AsyncIterator[World]:
    """A bot with people around it, on a fresh database."""
    shutil.copy(migrated_file, tmp_path / "test.db")
    db = Database(f"sqlite:///{tmp_path / 'test.db'}", Vault([bytes(range(32))]))
    # these tests try no power cuts; waiting for the disk would take most of their time
    event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    holder: list[World] = []
    services = build_services(
        settings,
        pack=pack,
        matcher=matcher,
        db=db,
        clock=lambda: holder[0].now(),
        rng=random.Random(7),
    )
    telegram = Telegram()
    app = build_app(services, request=telegram, limiter=NoLimits())
    holder.append(World(app, services, telegram))
    async with app:
        yield holder[0]
    await db.close()


@pytest.fixture
def clean(world: World) -> Iterator[World]:
    """The world, in which at the end no handler failed and Telegram would refuse no call."""
    yield world
    assert world.services.failures == {}
    assert refusals(world.telegram.calls) == []
