"""What the room's own source says: keys of texts, and the data of buttons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from content.pack import Pack

ROOM = Path(__file__).parents[2] / "bot"
KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")
HEAD = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*\.")


@cache
def trees() -> tuple[ast.AST, ...]:
    """Return the parsed modules of the room, without playground and command line."""
    files = [p for p in ROOM.rglob("*.py") if not {"demo", "cli"} & set(p.parts)]
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in files)


def nodes() -> Iterator[ast.AST]:
    """Yield every node of every module."""
    for tree in trees():
        yield from ast.walk(tree)


def keys(pack: Pack) -> list[str]:
    """Return the strings that look like keys of texts: their first word is one of the pack's."""
    firsts = {key.split(".")[0] for key in pack.texts}
    return [
        node.value
        for node in nodes()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and KEY.fullmatch(node.value)
        and node.value.split(".")[0] in firsts
    ]


def built_patterns() -> set[str]:
    """Return the keys that are built from a beginning in quotes, with a star for the rest."""
    return {
        _pattern(node)
        for node in nodes()
        if isinstance(node, ast.JoinedStr) and HEAD.fullmatch(_head(node))
    }


def button_prefixes() -> set[str]:
    """Return the first words of the data of every button that is made."""
    found = (_head(argument).split(":")[0] for argument in _data_arguments())
    return {prefix for prefix in found if re.fullmatch(r"[a-z]+", prefix)}


def _data_arguments() -> Iterator[ast.AST]:
    for node in nodes():
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in {"Button", "button"}:
            yield node.args[1]


def _head(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        node = node.values[0] if node.values else node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def _pattern(node: ast.JoinedStr) -> str:
    return "".join(_head(part) if isinstance(part, ast.Constant) else "*" for part in node.values)
