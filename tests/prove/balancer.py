"""A round-robin before the replicas, as a proxy is: who fails is left out for a while."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web import server

REST_SECONDS: Final = 10.0
PASSED_ON: Final = ("content-type", "x-telegram-bot-api-secret-token")


class Balancer:
    """Passes each request on to the next of ``origins``."""

    def __init__(self, origins: Sequence[str], client: httpx.AsyncClient) -> None:
        self._origins, self._client = list(origins), client
        self._next = 0
        self._rests: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        """How many requests each origin answered, and how many ``failed``."""

    async def forward(self, request: Request) -> Response:
        """Answer as a replica does; 502 when it does not answer, and then the sender repeats."""
        origin = self._choose()
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        try:
            answer = await self._client.post(
                origin + request.url.path, content=await request.body(), headers=headers
            )
        except httpx.HTTPError:
            self._rests[origin] = asyncio.get_running_loop().time() + REST_SECONDS
            self.counts["failed"] += 1
            return Response(status_code=502)
        self.counts[origin] += 1
        return Response(status_code=answer.status_code)

    def _choose(self) -> str:
        now = asyncio.get_running_loop().time()
        for _ in self._origins:
            self._next = (self._next + 1) % len(self._origins)
            if self._rests.get(self._origins[self._next], 0.0) <= now:
                break
        return self._origins[self._next]


@asynccontextmanager
async def balancer(origins: Sequence[str], port: int, answer: float) -> AsyncIterator[Balancer]:
    """Run a balancer on ``port`` of this machine that waits ``answer`` seconds for a replica."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    async with httpx.AsyncClient(timeout=answer, trust_env=False, limits=limits) as client:
        found = Balancer(origins, client)
        app = Starlette(routes=[Route("/{path:path}", found.forward, methods=["POST"])])
        running = server(app, "127.0.0.1", port)
        task = asyncio.create_task(running.serve())
        try:
            yield found
        finally:
            running.should_exit = running.force_exit = True
            with suppress(asyncio.CancelledError):
                await task


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
