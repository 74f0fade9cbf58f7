"""A stand-in on a free port, a bare python-telegram-bot bot against it, two telephones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.demo.handset import Handset, Playground
from bot.demo.server import DemoServer
from bot.demo.state import Person, State


def people() -> list[Person]:
    return [
        Person("sam", 5001, "Sam", "de Wit", role="leerling"),
        Person("noor", 5002, "Noor", language="en", role="leerling"),
    ]


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def state() -> State:
    return State(people(), rng=Random(7))


@pytest.fixture
async def server(state: State) -> AsyncIterator[DemoServer]:
    async with DemoServer(state) as running:
        yield running


def make_request() -> HTTPXRequest:
    # Without certificates: reading them costs more than the test, and loopback has none.
    kwargs = {"verify": False, "trust_env": False}
    return HTTPXRequest(connection_pool_size=8, read_timeout=30, httpx_kwargs=kwargs)


def make_bot(server: DemoServer, token: str | None = None) -> Bot:
    return Bot(
        token or server.state.token,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=make_request(),
        get_updates_request=make_request(),
    )


@pytest.fixture
async def bot(server: DemoServer) -> AsyncIterator[Bot]:
    async with make_bot(server) as running:
        yield running


@pytest.fixture
async def sam(server: DemoServer) -> AsyncIterator[Handset]:
    async with Handset(server.url, "sam") as handset:
        yield handset


@pytest.fixture
async def noor(server: DemoServer) -> AsyncIterator[Handset]:
    async with Handset(server.url, "noor") as handset:
        yield handset


@pytest.fixture
async def playground(server: DemoServer) -> AsyncIterator[Playground]:
    async with Playground(server.url) as handle:
        yield handle
