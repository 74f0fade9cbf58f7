"""QR codes and links to join a class."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import segno

from bot.errors import BotError

SCALE = 8


def class_link(username: str, code: str) -> str:
    """Return the deep link of a class (core.telegram.org/bots/features#deep-linking)."""
    return f"https://t.me/{username}?start=c-{code}"


def staff_link(username: str, code: str) -> str:
    """Return the personal link of a member of staff."""
    return f"https://t.me/{username}?start=s-{code}"


def qr_png(link: str) -> bytes:
    """Return a QR code as PNG."""
    return _qr(link, "png")


def _qr(link: str, kind: str) -> bytes:
    out = BytesIO()
    segno.make(link, error="m").save(out, kind=kind, scale=SCALE, border=4)
    return out.getvalue()


def save_qr(link: str, path: Path, kind: str) -> None:
    """Write a QR code to a file: svg, png or pdf."""
    try:
        path.write_bytes(_qr(link, kind))
    except OSError as error:
        raise BotError(f"{path}: {error.strerror}") from None
