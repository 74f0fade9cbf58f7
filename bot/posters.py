"""QR codes and links to join a class."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Final

from bot.errors import BotError

SCALE: Final = 8


def class_link(username: str, code: str) -> str:
    """Return the deep link of a class (core.telegram.org/bots/features#deep-linking)."""
    return f"https://t.me/{username}?start=c-{code}"


def staff_link(username: str, code: str) -> str:
    """Return the personal link of a member of staff."""
    return f"https://t.me/{username}?start=s-{code}"


def qr_png(link: str) -> bytes:
    """Return a QR code as PNG."""
    return qr(link, "png")


def qr(link: str, kind: str) -> bytes:
    """Return a QR code as ``kind``: svg, png or pdf."""
    import segno

    out = BytesIO()
    segno.make(link, error="m").save(out, kind=kind, scale=SCALE, border=4)
    return out.getvalue()


def check_writable(path: Path) -> None:
    """Raise BotError unless a file can be written at ``path``; creates and changes nothing."""
    target = path if path.exists() else path.parent
    if path.is_dir() or not target.exists() or not os.access(target, os.W_OK):
        raise BotError(f"{path}: cannot be written")


def save_qr(link: str, path: Path, kind: str) -> None:
    """Write a QR code to a file: svg, png or pdf. Raises BotError when that fails."""
    try:
        path.write_bytes(qr(link, kind))
    except OSError as error:
        raise BotError(f"{path}: {error.strerror}") from None
