"""The stand-in as a web server on this machine: Bot API, control API and page."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
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
GRACE = 2.0
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


async def _bot_api(state: State, cut: Cut | None, request: Request) -> Response:
    """Answer one call as Telegram does."""
    path = request.path_params
    try:
        kind = request.headers.get("content-type", "")
        params = read_params(request.url.query, kind, await request.body())
        result = await answer(state, path["token"], path["method"], params)
    except ApiError as error:
        return JSONResponse(error.body(), error.code)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except ConnectionCut:
        if cut is not None:
            cut(tuple(request.scope["client"]))
        return JSONResponse(ApiError(502, "Bad Gateway").body(), 502)
    return JSONResponse({"ok": True, "result": result})


def create_app(
    state: State, hooks: dict[str, Hook] | None = None, cut: Cut | None = None
) -> Starlette:
    """Return the application.

    ``hooks``: the launcher's hold on the bot's process by name (kill, restart …). ``cut``: resets
    the connection of a client (host and port); without it a reset is a 502.
    """

    async def bot_api(request: Request) -> Response:
        return await _bot_api(state, cut, request)

    return Starlette(
        routes=[
            Route("/bot{token}/{method}", bot_api, methods=["GET", "POST"]),
            Mount("/demo", routes=Control(state, hooks or {}).routes()),
            Mount("/", _Page()),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES)],
    )


class DemoServer:
    """A running stand-in: ``async with DemoServer(state) as server`` and then ``server.url``.

    It starts and stops uvicorn's parts itself: no signal handlers, no ticking loop, and it is
    gone at once when it is told to stop.
    """

    def __init__(
        self,
        state: State,
        host: str = "127.0.0.1",
        port: int = 0,
        hooks: dict[str, Hook] | None = None,
    ) -> None:
        """Take the port. Raises ``ValueError`` for a public address, ``OSError`` if it is taken."""
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError("the stand-in listens on this machine only")
        self.state = state
        self._socket = _listening_socket(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            create_app(state, hooks, self._cut),
            log_config=None,
            access_log=False,
            lifespan="off",
            http="h11",
            ws="none",
            date_header=False,
            server_header=False,
        )
        config.load()
        self._uvicorn = uvicorn.Server(config)
        self._uvicorn.lifespan = config.lifespan_class(config)
        self._uvicorn.servers = []
        self._sender: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; returns once calls are taken."""
        self._sender = asyncio.create_task(WebhookSender(self.state).run())
        await self._uvicorn.startup(sockets=[self._socket])

    async def stop(self) -> None:
        """Let all that waits return, then close."""
        self.state.close()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        for listener in self._uvicorn.servers:
            listener.close()
        for connection in list(self._uvicorn.server_state.connections):
            connection.shutdown()
        if tasks := set(self._uvicorn.server_state.tasks):
            _, late = await asyncio.wait(tasks, timeout=GRACE)
            for task in late:
                task.cancel()
        self._socket.close()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._uvicorn.server_state.connections)

    def _cut(self, client: Any) -> None:
        """Reset the connection of ``client`` (host and port) without an answer."""
        for connection in list(self._uvicorn.server_state.connections):
            if getattr(connection, "client", None) == client:
                transport = getattr(connection, "transport", None)
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()

    async def __aenter__(self) -> DemoServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off: 40 ms less for every call.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening


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
