"""The control API under ``/demo/``: for the page and for tests, never for the bot.

Everything that changes something is a POST (or DELETE) with a JSON object, so that no other web
page can do it from a visitor's browser.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.actions import ACTIONS
from bot.demo.errors import ApiError, bad
from bot.demo.faults import KINDS, Fault
from bot.demo.state import Person, State
from bot.demo.transcript import overview, query_view, transcript
from bot.demo.validate import Json

Hook = Callable[[], Awaitable[None]]
Handler = Callable[[Request], Awaitable[Response]]
LONGEST_WAIT = 30.0
HEARTBEAT = 15.0
SAFE_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")


async def _body(request: Request) -> Json:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ApiError(415, "a JSON object is expected")
    try:
        given = await request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise ApiError(400, "a JSON object is expected")
    return given


def _guarded(handler: Handler) -> Handler:
    """Turn a refusal or a missing field into a JSON answer."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ApiError as error:
            return JSONResponse(error.body(), error.code)
        except (KeyError, TypeError, ValueError) as error:
            refusal = bad(f"missing or wrong field ({type(error).__name__})")
            return JSONResponse(refusal.body(), 400)

    return guarded


class Control:
    """The handlers. ``hooks`` are the launcher's: kill, stop, start of the bot's process."""

    def __init__(self, state: State, hooks: dict[str, Hook]) -> None:
        self.state = state
        self.hooks = hooks

    def routes(self) -> list[Route]:
        """Return the routes below ``/demo``."""
        table: list[tuple[str, Handler, list[str]]] = [
            ("/state", self.show, ["GET"]),
            ("/people", self.add_person, ["POST"]),
            ("/groups", self.add_group, ["POST"]),
            ("/chat", self.chat, ["GET"]),
            ("/query/{id}", self.query, ["GET"]),
            ("/events", self.events, ["GET"]),
            ("/files/{id}", self.file, ["GET"]),
            ("/violations", self.violations, ["GET"]),
            ("/calls", self.calls, ["GET"]),
            ("/faults", self.set_fault, ["POST"]),
            ("/faults", self.lift_faults, ["DELETE"]),
            ("/clock", self.read_clock, ["GET"]),
            ("/clock", self.move_clock, ["POST"]),
            ("/process", self.process, ["POST"]),
            ("/do/{action}", self.act, ["POST"]),
        ]
        return [Route(path, _guarded(handler), methods=way) for path, handler, way in table]

    async def show(self, request: Request) -> Response:
        """Who is there, what is set."""
        return JSONResponse({**overview(self.state), "process_actions": sorted(self.hooks)})

    async def add_person(self, request: Request) -> Response:
        """Add a person: ``key``, ``id``, ``first_name`` and what else ``Person`` has."""
        given = await _body(request)
        person = self.state.add_person(Person(**given))
        self.state.bell.ring()
        return JSONResponse(person.user())

    async def add_group(self, request: Request) -> Response:
        """Add a group with the bot in it: ``title`` and ``members`` (keys or ids)."""
        given = await _body(request)
        members = [self.state.person(key).id for key in given["members"]]
        chat = self.state.add_group(str(given["title"]), members)
        self.state.bell.ring()
        return JSONResponse({"id": chat.id})

    async def chat(self, request: Request) -> Response:
        """A chat as a person sees it; with ``after`` it waits up to ``wait`` seconds for news."""
        query = request.query_params
        person = self.state.person(query["person"])
        wait = min(float(query.get("wait", 0)), LONGEST_WAIT)
        await self.state.bell.wait(int(query.get("after", 0)), wait)
        chat_id = int(query.get("chat") or person.id)
        return JSONResponse(transcript(self.state, person, chat_id))

    async def query(self, request: Request) -> Response:
        """What the bot answered to a tapped button or an inline query; waits up to ``wait``."""
        wait = min(float(request.query_params.get("wait", 0)), LONGEST_WAIT)
        return JSONResponse(await query_view(self.state, request.path_params["id"], wait))

    async def events(self, request: Request) -> Response:
        """Server-sent events: the number of the last change, at every change."""
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._ring(), media_type="text/event-stream", headers=headers)

    async def _ring(self) -> AsyncIterator[str]:
        seen = 0
        while not self.state.bell.closed:
            count = await self.state.bell.wait(seen, HEARTBEAT)
            yield f"data: {count}\n\n" if count > seen else ": still here\n\n"
            seen = count

    async def file(self, request: Request) -> Response:
        """A file that the bot sent. Nothing but pictures is shown in the page itself."""
        upload = self.state.files.get(request.path_params["id"])
        if upload is None:
            raise ApiError(404, "no such file")
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox"}
        if upload.mime in SAFE_IMAGES:
            return Response(upload.data, media_type=upload.mime, headers=headers)
        headers["content-disposition"] = "attachment"
        return Response(upload.data, media_type="application/octet-stream", headers=headers)

    async def violations(self, request: Request) -> Response:
        """What the bot sent that the official API does not have."""
        return JSONResponse(self.state.violations)

    async def calls(self, request: Request) -> Response:
        """The methods that the bot called (all but getUpdates), oldest first, with the chat."""
        return JSONResponse([{"method": name, "chat_id": chat} for name, chat in self.state.calls])

    async def set_fault(self, request: Request) -> Response:
        """Let something go wrong: the fields of ``Fault``."""
        given = await _body(request)
        if given.get("kind") not in KINDS:
            raise bad(f"kind must be one of {', '.join(KINDS)}")
        if "person" in given:
            given["chat_id"] = self.state.person(given.pop("person")).id
        fault = self.state.faults.set(Fault(**given))
        self.state.bell.ring()
        return JSONResponse(fault.public())

    async def lift_faults(self, request: Request) -> Response:
        """Take faults away: all, or those of a ``kind`` or ``method``."""
        given = await _body(request)
        self.state.faults.lift(given.get("kind"), given.get("method"))
        self.state.bell.ring()
        return JSONResponse([fault.public() for fault in self.state.faults.active])

    async def read_clock(self, request: Request) -> Response:
        """Offset in seconds and the moved time."""
        clock = self.state.clock
        return JSONResponse({"offset": clock.offset, "now": clock.now()})

    async def move_clock(self, request: Request) -> Response:
        """Set the ``offset`` in seconds, or move on ``by`` seconds."""
        given = await _body(request)
        clock = self.state.clock
        clock.move(float(given["offset"] if "offset" in given else clock.offset + given["by"]))
        self.state.bell.ring()
        return await self.read_clock(request)

    async def process(self, request: Request) -> Response:
        """Kill or restart the bot's process: ``action``."""
        action = str((await _body(request)).get("action"))
        if action not in self.hooks:
            raise ApiError(404, "this stand-in has no hold on the bot's process")
        await self.hooks[action]()
        self.state.bell.ring()
        return JSONResponse({"ok": True})

    async def act(self, request: Request) -> Response:
        """Let ``person`` do something: see ``bot.demo.actions``."""
        given: dict[str, Any] = await _body(request)
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            raise ApiError(404, f"actions: {json.dumps(sorted(ACTIONS))}")
        person = self.state.person(given.pop("person"))
        return JSONResponse(action(self.state, person, given))
