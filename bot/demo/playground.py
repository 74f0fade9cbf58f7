"""The stand-in itself, for tests: what goes wrong, what time it is, what the bot called."""

from __future__ import annotations

from typing import Any

import httpx

Json = dict[str, Any]


def client(base_url: str, timeout: float) -> httpx.AsyncClient:
    """Return a client for plain HTTP on loopback: reading certificates would cost 0.1 s each."""
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=timeout,
        trust_env=False,
        verify=False,  # noqa: S501 - there is no TLS
    )


class Playground:
    """The stand-in itself, for tests: faults, clock, process, what the bot called."""

    def __init__(self, base_url: str) -> None:
        self._http = client(base_url, 60)

    async def __aenter__(self) -> Playground:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def fault(self, kind: str, **fields: Any) -> None:
        """Let something go wrong: see ``bot.demo.faults.Fault``; also ``person``."""
        await self._send("POST", "/demo/faults", {"kind": kind, **fields})

    async def lift(self, **fields: Any) -> None:
        """Take faults away: all, or by ``kind`` and ``method``."""
        await self._send("DELETE", "/demo/faults", fields)

    async def clock(self, **fields: float) -> None:
        """Move the clock: ``offset`` in seconds from the real time, or ``by`` seconds on."""
        await self._send("POST", "/demo/clock", fields)

    async def process(self, action: str) -> None:
        """Kill, stop, start or restart the bot's process."""
        await self._send("POST", "/demo/process", {"action": action})

    async def group(self, title: str, *members: str | int) -> int:
        """Add a group with the bot in it; return its chat id."""
        given = {"title": title, "members": list(members)}
        return int((await self._send("POST", "/demo/groups", given))["id"])

    async def violations(self) -> list[str]:
        """Return what the bot sent that the official API does not have."""
        return list(await self._send("GET", "/demo/violations"))

    async def calls(self) -> list[Json]:
        """Return the bot's calls, oldest first: ``method`` and ``chat_id``."""
        return list(await self._send("GET", "/demo/calls"))

    async def state(self) -> Json:
        """Return people, groups, faults, clock and how many updates wait."""
        return dict(await self._send("GET", "/demo/state"))

    async def _send(self, method: str, path: str, given: Json | None = None) -> Any:
        answer = await self._http.request(method, path, json=given)
        if answer.is_error:
            raise AssertionError(f"{path}: {answer.json()['description']}")
        return answer.json()
