"""The HTTP side: health, and a webhook that only Telegram can use."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot.web import BODY_LIMIT, SECRET_HEADER, WEBHOOK_PATH, create_web, server

SECRET = "right-secret"
GOOD = {SECRET_HEADER: SECRET}


class Taken:
    """Takes updates in, or fails to."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.settled = True
        self.ready = True

    async def take_in(self, update: dict[str, Any]) -> bool:
        if update.get("boom"):
            raise ValueError("boom")
        self.updates.append(update)
        return self.settled

    async def health(self) -> dict[str, object]:
        return {"ready": self.ready}

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        async with self.client() as client:
            return (await client.post(WEBHOOK_PATH, content=body, headers=headers)).status_code

    def client(self, *, webhook: bool = True) -> httpx.AsyncClient:
        app = create_web(self.health, self.take_in, SECRET) if webhook else create_web(self.health)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_health() -> None:
    """``/healthz`` says 200 when ready and 503 when not."""
    taken = Taken()
    async with taken.client(webhook=False) as client:
        assert (await client.get("/healthz")).json() == {"ready": True}
        taken.ready = False
        assert (await client.get("/healthz")).status_code == 503
        assert (await client.post(WEBHOOK_PATH, content=b"{}")).status_code == 404


async def test_an_update_of_telegram() -> None:
    """With the right secret an update is taken in, and 200 says that it is settled."""
    taken = Taken()
    assert await taken.post(b'{"update_id": 7}', GOOD) == 200
    assert taken.updates == [{"update_id": 7}]
    taken.settled = False
    assert await taken.post(b'{"update_id": 8}', GOOD) == 500


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "é"])
async def test_a_wrong_secret_is_refused(secret: str | None) -> None:
    """Without the secret nothing is read."""
    taken = Taken()
    headers = {} if secret is None else {SECRET_HEADER: secret.encode()}
    assert await taken.post(b'{"update_id": 7}', headers) == 403  # type: ignore[arg-type]
    assert taken.updates == []


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"7", b"{}", b'{"update_id": "x"}', b"\xff"])
async def test_what_is_no_update(body: bytes) -> None:
    """Something else than an update is refused, and not taken in."""
    taken = Taken()
    assert await taken.post(body, GOOD) == 400
    assert taken.updates == []


async def test_a_body_that_is_too_long() -> None:
    """More than the limit is refused."""
    taken = Taken()
    body = json.dumps({"update_id": 7, "pad": "x" * BODY_LIMIT}).encode()
    assert await taken.post(body, GOOD) == 413
    assert taken.updates == []


async def test_an_error_inside_tells_telegram_to_repeat() -> None:
    """When taking in fails the answer is 500, without a word about why."""
    taken = Taken()
    async with taken.client() as client:
        got = await client.post(WEBHOOK_PATH, content=b'{"update_id":7,"boom":1}', headers=GOOD)
    assert got.status_code == 500
    assert "boom" not in got.text


async def test_a_webhook_without_secret_is_refused() -> None:
    """An empty secret would let everybody in, so it cannot be set up."""
    taken = Taken()
    with pytest.raises(ValueError, match="secret"):
        create_web(taken.health, taken.take_in, "")


async def test_the_server_logs_no_requests() -> None:
    """Requests are not logged: a path or an address is nobody's business."""
    made = server(create_web(Taken().health), "127.0.0.1", 0)
    assert made.config.access_log is False


async def test_live_whatever_else_is_wrong() -> None:
    """A process that answers is live, also when it is not ready."""
    taken = Taken()
    taken.ready = False
    async with taken.client() as client:
        assert (await client.get("/healthz/live")).json() == {"live": True}


async def test_the_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a refusal takes tells nothing about the secret."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return given == right

    monkeypatch.setattr("hmac.compare_digest", compare)
    assert await Taken().post(b'{"update_id": 7}', {SECRET_HEADER: "right-secreT"}) == 403
    assert compared == [(b"right-secreT", SECRET.encode())]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_metrics_stay_inside(header: str) -> None:
    """The numbers are shown to a neighbour, not through the proxy that Telegram's calls take."""
    async with Taken().client() as client:
        inside = await client.get("/metrics")
        outside = await client.get("/metrics", headers={header: "203.0.113.9"})
    assert "vuistregel_updates_total" in inside.text
    assert inside.headers["content-type"].startswith("text/plain")
    assert (outside.status_code, outside.text) == (404, "")
