"""The bench's stand-in for the Bot API: a process of its own, as light as can be.

``python -m tests.prove.bench_api`` prints its port. It speaks just enough HTTP for both bots:
``getUpdates`` as a long poll, every send answered at once. ``POST /control`` plays one load in a
closed loop (each person waits for the answer before writing again) and returns what was measured.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from time import time
from typing import Any, Final
from urllib.parse import parse_qs

from tests.prove.bench_load import Load, Measured

BATCH: Final = 100
ME: Final = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Api:
    """Updates that wait for the bot, and the load that is played."""

    def __init__(self) -> None:
        self.load: Load | None = None
        self._waiting: list[tuple[int, bytes]] = []
        self._poll: asyncio.Future[None] | None = None
        self._update_id = 1000
        self._message_id = 1000
        self._polled = 0.0

    def push(self, kind: str, body: dict[str, Any]) -> None:
        """Let an update wait for the bot."""
        self._update_id += 1
        raw = json.dumps({"update_id": self._update_id, kind: body}).encode()
        self._waiting.append((self._update_id, raw))
        if self._poll and not self._poll.done():
            self._poll.set_result(None)

    async def answer(self, method: str, body: bytes) -> bytes:
        """Return the JSON of what a method gives."""
        if method == "getupdates":
            return await self._updates(body)
        if method == "getme":
            return json.dumps({"ok": True, "result": ME}).encode()
        if method in {"sendmessage", "editmessagetext"}:  # the next question may replace the last
            return self._sent(body)
        return b'{"ok":true,"result":true}'

    async def polled(self, since: float) -> float:
        """Return when the bot last asked for updates, once that is after ``since``."""
        while self._polled < since:
            await asyncio.sleep(0.005)
        return self._polled

    async def half(self) -> None:
        """Return when half of the load was answered."""
        while self.load is None:
            await asyncio.sleep(0.005)
        await self.load.half.wait()

    async def play(self, wanted: dict[str, Any]) -> Measured:
        """Play one load and return what was measured."""
        self.load = Load(self.push, **wanted)
        try:
            return await self.load.play()
        finally:
            self.load = None
            self._waiting.clear()

    def _sent(self, body: bytes) -> bytes:
        given = parse_qs(body.decode())
        chat, text = int(given["chat_id"][0]), given["text"][0]
        self._message_id += 1
        if self.load:
            self.load.answered(chat, given.get("reply_markup", [""])[0])
        result = {
            "message_id": self._message_id,
            "date": int(time()),
            "chat": {"id": chat, "type": "private"},
            "text": text,
        }
        return json.dumps({"ok": True, "result": result}).encode()

    async def _updates(self, body: bytes) -> bytes:
        given = parse_qs(body.decode())
        offset, seconds = (int(given.get(name, ["0"])[0]) for name in ("offset", "timeout"))
        self._polled = time()
        self._waiting = [each for each in self._waiting if each[0] >= offset]
        if not self._waiting and seconds:
            self._poll = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._poll], timeout=seconds)
        found = b",".join(raw for _, raw in self._waiting[:BATCH])
        return b'{"ok":true,"result":[' + found + b"]}"


class Connection(asyncio.Protocol):
    """One connection: requests one after another, answered in order."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        size = int(found[1]) if found else 0
        if not end or len(body) < size:
            return
        self._buffer = body[size:]
        path = head.split(b" ", 2)[1].decode()
        task = asyncio.ensure_future(self._answer(path, body[:size]))
        task.add_done_callback(_loudly)

    async def _answer(self, path: str, body: bytes) -> None:
        if path == "/control":
            measured = await self._api.play(json.loads(body))
            found = json.dumps(measured).encode()
        elif path.startswith("/polled"):
            since = float(path.rpartition("=")[2])
            found = json.dumps(await self._api.polled(since)).encode()
        elif path == "/answered":
            await self._api.half()
            found = b"true"
        else:
            found = await self._api.answer(path.rsplit("/", 1)[-1].lower(), body)
        if self._transport:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(found), found)
            )


def _loudly(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception():
        asyncio.get_running_loop().call_exception_handler({"exception": task.exception()})


async def serve() -> None:
    """Serve on a free port, which is printed, until killed."""
    api = Api()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(api), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
