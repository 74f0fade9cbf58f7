"""What the stand-in answers when it refuses a call, in Telegram's own shape and words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refused call: HTTP status, description, and seconds to wait where Telegram names them."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON object that Telegram answers."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


class ConnectionCut(Exception):
    """The connection is to be reset without an answer."""


def bad(reason: str) -> ApiError:
    """Return the 400 with Telegram's prefix before ``reason``."""
    return ApiError(400, f"Bad Request: {reason}")
