"""The table of methods and what all of them are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.demo.state import Chat, State
from bot.demo.validate import Json, Upload


@dataclass
class Context:
    """One call: the state, the typed parameters, the attached files."""

    state: State
    params: Json
    files: dict[str, Upload]

    def chat(self) -> Chat:
        """Return the chat that the call is for. Raises ``ApiError``."""
        return self.state.reachable(self.params.get("chat_id"))

    def get(self, name: str, default: Any = None) -> Any:
        """Return one parameter."""
        return self.params.get(name, default)


Method = Callable[[Context], Any | Awaitable[Any]]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Enter a function in the table under its Bot API name (found without regard to case)."""

    def enter(function: Method) -> Method:
        METHODS[name.lower()] = function
        return function

    return enter
