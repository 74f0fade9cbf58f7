"""The HTTP side: ``/healthz``, ``/metrics``, and the webhook where one is set."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import metrics
from bot.intake import Json

WEBHOOK_PATH: Final = "/telegram"
BODY_LIMIT: Final = 1_000_000
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105

Health = Callable[[], Awaitable[dict[str, object]]]
TakeIn = Callable[[Json], Awaitable[bool]]


def create_web(health: Health, take_in: TakeIn | None = None, secret: str = "") -> Starlette:
    """Build the web application. ``take_in`` gets each raw update and says whether it is settled.

    Telegram is told 200 only when the effect of an update is in the database; else it sends the
    update again (Bot API, setWebhook). Raises ValueError for a webhook without a secret.
    """
    if take_in is not None and not secret:
        raise ValueError("a webhook needs a secret")

    async def healthz(_: Request) -> Response:
        state = await health()
        return JSONResponse(state, status_code=200 if state.get("ready") else 503)

    async def webhook(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("", status_code=403)
        body = await _body(request)
        if body is None or take_in is None:
            return PlainTextResponse("", status_code=413)
        try:
            update = json.loads(body)
        except ValueError:
            return PlainTextResponse("", status_code=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return PlainTextResponse("", status_code=400)
        settled = await take_in(update)
        return PlainTextResponse("", status_code=200 if settled else 500)

    routes = [
        Route("/healthz", healthz),
        Route("/healthz/live", _live),
        Route("/metrics", _metrics),
    ]
    if take_in is not None:
        routes.append(Route(WEBHOOK_PATH, webhook, methods=["POST"]))
    return Starlette(routes=routes)


async def _live(_: Request) -> Response:
    return JSONResponse({"live": True})


async def _metrics(request: Request) -> Response:
    """Show the numbers inside the own network; not to who comes through the public proxy."""
    if any(name in request.headers for name in FORWARDED):
        return PlainTextResponse("", status_code=404)
    text, kind = metrics.shown()
    return Response(text, media_type=kind)


async def _body(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return body


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the runtime stops everything in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the runtime."""
        yield


def server(app: Starlette, host: str, port: int) -> Server:
    """Return a server for ``app`` that logs no requests."""
    return Server(
        uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off")
    )
