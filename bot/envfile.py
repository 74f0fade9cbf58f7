"""The file ``.env``: settings put into it, all else kept as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.errors import SettingsProblem
from bot.files import write_private
from bot.settings import PREFIX

_LINE: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
_PLAIN: Final = re.compile(r"[\w@%+=:,./?&~-]*")


def merged(text: str, values: Mapping[str, str]) -> str:
    """Return a settings file with ``values`` (names without the prefix) in it.

    Lines that it does not know, comments and order stay. A name that stood there twice stands
    there once. Raises SettingsProblem for a value that no line can hold.
    """
    left = {f"{PREFIX}{name}".upper(): _quoted(name, value) for name, value in values.items()}
    wanted = set(left)
    lines: list[str] = []
    for line in text.splitlines():
        found = _LINE.match(line)
        name = found[1].upper() if found else ""
        if name not in wanted:
            lines.append(line)
        elif name in left:
            lines.append(f"{name}={left.pop(name)}")
    lines += [f"{name}={value}" for name, value in left.items()]
    return "\n".join([*lines, ""])


def update(path: Path, values: Mapping[str, str]) -> None:
    """Put ``values`` into the file, at once or not at all; only its owner can read it afterwards.

    Raises SettingsProblem when it cannot be read or written.
    """
    try:
        text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        write_private(path, merged(text, values).encode())
    except UnicodeDecodeError:
        raise SettingsProblem(f"{path.name} cannot be read as UTF-8 text") from None
    except OSError as error:
        raise SettingsProblem(f"{path.name}: {error.strerror}") from None


def _quoted(name: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise SettingsProblem(f"{PREFIX}{name} holds a line end")
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
