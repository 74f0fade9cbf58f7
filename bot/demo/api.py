"""One call to the Bot API: token, method, faults, fields, effect."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from bot.demo import faults
from bot.demo.errors import ApiError
from bot.demo.methods import METHODS, Context
from bot.demo.state import State
from bot.demo.validate import Json, Upload, methods, read_call

NAMES = {name.lower(): name for name in methods()}
MANY = 200


async def answer(state: State, token: str, method: str, params: Json) -> Any:
    """Carry out a call and return its result.

    Raises ``ApiError`` for what Telegram would refuse and ``ConnectionCut`` for a fault that
    resets the connection.
    """
    if token != state.token:
        raise ApiError(401, "Unauthorized")
    name = NAMES.get(method.lower())
    if name is None:
        _violate(state, [f"unknown method {method}"])
        raise ApiError(404, "Not Found")
    chat_id = _chat_id(params)
    if name == "getUpdates":
        state.polled = True
    else:
        state.calls.append((name, chat_id))
    state.limits.take(name, chat_id, asyncio.get_running_loop().time())
    fault = state.faults.meet(name, chat_id)
    await faults.before(fault)
    values, problems = read_call(name, params)
    _violate(state, problems)
    files = {key: value for key, value in params.items() if isinstance(value, Upload)}
    result = METHODS[name.lower()](Context(state, values, files))
    if inspect.isawaitable(result):
        result = await result
    faults.after(fault)
    return result


def _violate(state: State, problems: list[str]) -> None:
    """Write down what Telegram would pass over in silence."""
    room = MANY - len(state.violations)
    state.violations.extend(problems[: max(room, 0)])


def _chat_id(params: Json) -> int | None:
    value = str(params.get("chat_id", ""))
    return int(value) if value.lstrip("-").isdigit() else None
