"""One YAML file of a pack: its data, and the line on which each field stands.

Every scalar is read as the text that stands there: in a pack ``no`` is a verdict
and ``08:30`` a time, not a boolean and a number. The models turn text into what they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from content.errors import Problem

Loc: TypeAlias = Sequence[int | str]
MAX_BYTES = 8_000_000


class _Loader(yaml.CBaseLoader):
    """Composes nodes without working out their tags: all that is wanted is their text."""

    def descend_resolver(self, *_: object) -> None:
        """Do nothing."""

    def ascend_resolver(self) -> None:
        """Do nothing."""

    def resolve(self, *_: object) -> str:
        """No tag."""
        return ""


class YamlFile:
    """A parsed file. ``name`` is its path relative to the pack, ``data`` plain Python.

    What the parser built goes as soon as the data is taken from it, for it is ten times as large;
    it is built again when the line of a problem is asked for.
    """

    def __init__(self, name: str, text: str, root: yaml.Node) -> None:
        """``text``: the file as it stands; ``root``: what ``yaml.compose`` makes of it."""
        self.name = name
        self._text = text
        self.repeated: list[Problem] = []
        self.data: Any = self._plain(root)

    @cached_property
    def _root(self) -> yaml.Node | None:
        root: yaml.Node | None = yaml.compose(self._text, Loader=_Loader)
        return root

    def line(self, loc: Loc) -> int:
        """The line (from 1) of the field at ``loc``, or of the nearest parent that exists."""
        node, line = self._root, 1
        for step in loc:
            below = None if node is None else _child(node, step)
            if below is None:
                break
            key, node = below
            line = key.start_mark.line + 1
        return line

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem with the field at ``loc``."""
        return Problem(self.name, self.line(loc), ".".join(str(step) for step in loc), message)

    def _plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item) for item in node.value]
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                line = key.start_mark.line + 1
                self.repeated.append(Problem(self.name, line, name, "this key stands here twice"))
            found[name] = self._plain(value)
        return found


def read_yaml(path: Path, name: str) -> YamlFile | Problem:
    """Parse ``path``; a Problem when it is missing, not UTF-8, not YAML or empty."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return Problem(name, 0, "", f"the file is larger than {MAX_BYTES} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Problem(name, 0, "", "the file is missing")
    except OSError as error:
        return Problem(name, 0, "", f"the file cannot be read ({error.strerror})")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(name, line, "", "the file is not UTF-8")
    return _parse(text, name)


def _parse(text: str, name: str) -> YamlFile | Problem:
    try:
        root = yaml.compose(text, Loader=_Loader)
        if root is None:
            return Problem(name, 1, "", "the file is empty")
        return YamlFile(name, text, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        return Problem(name, mark.line + 1 if mark else 1, "", f"not valid YAML: {message}")
    except (yaml.YAMLError, ValueError) as error:
        return Problem(name, 1, "", f"not valid YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        return Problem(name, 1, "", "not valid YAML: nested too deeply, or an alias of itself")


def _child(node: yaml.Node, step: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """The key node (the item itself in a list) and value node one step down."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    return None
