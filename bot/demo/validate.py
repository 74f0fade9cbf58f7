"""What a call to the Bot API may hold: the official fields and types, as data in ``api.json``.

Telegram ignores fields that it does not know. The stand-in does too, but writes each down as a
violation, so that tests of the bot can ask that there are none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.demo.errors import bad

Json = dict[str, Any]


@dataclass(frozen=True)
class Upload:
    """A file in a multipart call."""

    name: str
    mime: str
    data: bytes


class _Mismatch(Exception):
    pass


@cache
def _api() -> Json:
    source = resources.files("bot.demo").joinpath("api.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(source)
    return loaded


def knows(method: str) -> bool:
    """Tell whether the official list (as far as the stand-in has it) names ``method``."""
    return method in _api()["methods"]


def methods() -> list[str]:
    """Return the names of the methods in the official list, as far as the stand-in has it."""
    return list(_api()["methods"])


def read_call(method: str, params: Json) -> tuple[Json, list[str]]:
    """Return the typed values of a call and what is wrong with it without stopping it.

    Raises ``ApiError`` 400 when a value is not of its official type.
    """
    problems: list[str] = []
    fields = _api()["methods"][method]
    values = {}
    for name, value in params.items():
        if name not in fields:
            problems.append(f"{method}: unknown field {name}")
            continue
        try:
            values[name] = _union(value, fields[name]["types"], f"{method}.{name}", problems)
        except _Mismatch as error:
            raise bad(f"can't parse parameter {error}") from error
    for name, field in fields.items():
        if field.get("required") and name not in values:
            problems.append(f"{method}: {name} is missing")
    return values, problems


def check_object(kind: str, value: Any) -> list[str]:
    """Return what differs between ``value`` and the official type ``kind``; empty when nothing."""
    problems: list[str] = []
    try:
        _one(value, kind, kind, problems)
    except _Mismatch as error:
        problems.append(str(error))
    return problems


def _union(value: Any, kinds: list[str], path: str, problems: list[str]) -> Any:
    """Read ``value`` as the type of ``kinds`` that fits with the fewest problems."""
    best: tuple[int, Any, list[str]] | None = None
    for kind in kinds:
        found: list[str] = []
        try:
            read = _one(value, kind, path, found)
        except _Mismatch:
            continue
        if best is None or len(found) < best[0]:
            best = (len(found), read, found)
    if best is None:
        raise _Mismatch(f"{path}: expected {' or '.join(kinds)}")
    problems.extend(best[2])
    return best[1]


def _one(value: Any, kind: str, path: str, problems: list[str]) -> Any:
    if kind in _PLAIN:
        return _PLAIN[kind](value, path)
    if kind.startswith("Array of "):
        rows = _parsed(value, list, path)
        inner = kind.removeprefix("Array of ")
        return [_one(row, inner, f"{path}[{i}]", problems) for i, row in enumerate(rows)]
    known = _api()["types"].get(kind)
    if known is None:
        return value
    if "subtypes" in known:
        return _union(value, known["subtypes"] or [kind], path, problems)
    return _fields(_parsed(value, dict, path), known["fields"], path, problems)


def _fields(value: Json, fields: Json, path: str, problems: list[str]) -> Json:
    read = {}
    for name, inner in value.items():
        if name not in fields:
            problems.append(f"{path}: unknown field {name}")
            continue
        read[name] = _union(inner, fields[name]["types"], f"{path}.{name}", problems)
    for name, field in fields.items():
        if field.get("required") and name not in read:
            problems.append(f"{path}: {name} is missing")
    return read


def _parsed(value: Any, kind: type, path: str) -> Any:
    """Take an object as it is, or out of the JSON text that a form carries."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise _Mismatch(f"{path}: not JSON") from None
    if not isinstance(value, kind):
        raise _Mismatch(f"{path}: expected {kind.__name__}")
    return value


def _integer(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _Mismatch(f"{path}: expected Integer")
    try:
        return int(value)
    except ValueError:
        raise _Mismatch(f"{path}: expected Integer") from None


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Mismatch(f"{path}: expected Float")
    try:
        return float(value)
    except ValueError:
        raise _Mismatch(f"{path}: expected Float") from None


def _string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _Mismatch(f"{path}: expected String")
    return value


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "1", "false", "0"):
        return str(value).lower() in ("true", "1")
    raise _Mismatch(f"{path}: expected Boolean")


def _file(value: Any, path: str) -> Upload:
    if not isinstance(value, Upload):
        raise _Mismatch(f"{path}: expected a file")
    return value


_PLAIN: dict[str, Any] = {
    "Integer": _integer,
    "Float": _number,
    "String": _string,
    "Boolean": _boolean,
    "True": _boolean,
    "InputFile": _file,
}
