"""The stand-in as a web server on this machine: Bot API, control API and page."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from bot.demo.api import answer
from bot.demo.control import Control, Hook
from bot.demo.errors import ApiError, ConnectionCut
from bot.demo.state import State
from bot.demo.webhook import WebhookSender
from bot.demo.wire import read_params

WEB = Path(__file__).parent / "web"
LOCAL_NAMES = ["127.0.0.1", "localhost", "[::1]"]
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Cut = Callable[[Any], None]


class _Page:
    """The page's files, with headers that keep it on this machine."""

    def __init__(self) -> None:
        self._files = StaticFiles(directory=WEB, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", PAGE_POLICY.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cache-control", b"no-cache"),
                ]
            await send(message)

        await self._files(scope, receive, with_headers)


def create_app(
    state: State, hooks: dict[str, Hook] | None = None, cut: Cut | None = None
) -> Starlette:
    """Return the application.

    ``hooks``: the launcher's hold on the bot's process by name (kill, restart …). ``cut``: resets
    the connection of a client (host and port); without it a reset is a 502.
    """

    async def bot_api(request: Request) -> Response:
        path = request.path_params
        try:
            kind = request.headers.get("content-type", "")
            params = read_params(request.url.query, kind, await request.body())
            result = await answer(state, path["token"], path["method"], params)
        except ApiError as error:
            return JSONResponse(error.body(), error.code)
        except ConnectionCut:
            if cut is not None:
                cut(tuple(request.scope["client"]))
            return JSONResponse(ApiError(502, "Bad Gateway").body(), 502)
        return JSONResponse({"ok": True, "result": result})

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", bot_api, methods=["GET", "POST"]),
            Mount("/demo", routes=Control(state, hooks or {}).routes()),
            Mount("/", _Page()),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES)],
    )


class _Uvicorn(uvicorn.Server):
    """uvicorn that leaves the signals of the process alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def cut(self, client: Any) -> None:
        """Reset the connection of ``client`` without an answer."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                transport = getattr(connection, "transport", None)
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()


class DemoServer:
    """A running stand-in: ``async with DemoServer(state) as server`` and then ``server.url``."""

    def __init__(
        self,
        state: State,
        host: str = "127.0.0.1",
        port: int = 0,
        hooks: dict[str, Hook] | None = None,
    ) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError("the stand-in listens on this machine only")
        self.state = state
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        app = create_app(state, hooks, self._cut)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        self._uvicorn = _Uvicorn(config)
        self._tasks: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        """Listen; returns once calls are taken."""
        self._tasks = [
            asyncio.create_task(WebhookSender(self.state).run()),
            asyncio.create_task(self._uvicorn.serve(sockets=[self._socket])),
        ]
        while not self._uvicorn.started:
            if self._tasks[1].done():
                await self._tasks[1]
                raise RuntimeError("the stand-in did not start")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Let all that waits return, then close."""
        self.state.close()
        self._uvicorn.should_exit = True
        sender, web = self._tasks
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
        await web
        self._socket.close()

    def _cut(self, client: Any) -> None:
        self._uvicorn.cut(client)

    async def __aenter__(self) -> DemoServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def serve(
    host: str = "127.0.0.1",
    port: int = 8765,
    state: State | None = None,
    until: Awaitable[Any] | None = None,
) -> None:
    """Run a stand-in on ``host`` (this machine only) until ``until`` is done, or cancelled.

    Raises ``ValueError`` for an address that others could reach, ``OSError`` for a taken port.
    """
    async with DemoServer(state or State(), host, port):
        await (until if until is not None else asyncio.Event().wait())
