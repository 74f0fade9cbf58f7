"""QR codes and links to join a class."""

from __future__ import annotations

import os
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import BotError

if TYPE_CHECKING:
    from PIL import Image

SCALE: Final = 8
BORDER: Final = 4
ENLARGED: Final = 3
DPI: Final = 150.0


def class_link(username: str, code: str) -> str:
    """Return the deep link of a class (core.telegram.org/bots/features#deep-linking)."""
    return f"https://t.me/{username}?start=c-{code}"


def staff_link(username: str, code: str) -> str:
    """Return the personal link of a member of staff."""
    return f"https://t.me/{username}?start=s-{code}"


def qr_png(link: str) -> bytes:
    """Return a QR code as PNG."""
    import segno

    out = BytesIO()
    segno.make(link, error="m").save(out, kind="png", scale=SCALE, border=BORDER)
    return out.getvalue()


def poster(link: str, label: str, kind: str) -> bytes:
    """Return a QR code with ``label`` below it as ``kind``: svg, png or pdf."""
    if kind == "svg":
        return _svg(link, label).encode()
    out = BytesIO()
    _picture(link, label).save(out, format=kind.upper(), resolution=DPI)
    return out.getvalue()


def _picture(link: str, label: str) -> Image.Image:
    """Return the poster as a picture, large enough for an A4 page."""
    from PIL import Image, ImageDraw, ImageFont

    code = Image.open(BytesIO(qr_png(link))).convert("L")
    code = code.resize((code.width * ENLARGED, code.height * ENLARGED), Image.Resampling.NEAREST)
    page = Image.new("L", (code.width, code.height + code.height // 6), 255)
    page.paste(code, (0, 0))
    font = ImageFont.load_default(code.height // 9)
    ImageDraw.Draw(page).text((code.width // 2, code.height), label, 0, font, anchor="mt")
    return page


def _svg(link: str, label: str) -> str:
    import segno

    code = segno.make(link, error="m")
    side = code.symbol_size(border=BORDER)[0]
    drawing = code.svg_inline(border=BORDER, omitsize=True, light="#fff")
    height = side + side // 6
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}"'
        f' width="{side * SCALE}" height="{height * SCALE}">'
        f'<rect width="{side}" height="{height}" fill="#fff"/>'
        f'<svg width="{side}" height="{side}">{drawing}</svg>'
        f'<text x="{side / 2}" y="{side + side // 9}" font-family="sans-serif"'
        f' font-size="{side // 9}" text-anchor="middle">{escape(label)}</text></svg>\n'
    )


def check_writable(path: Path) -> None:
    """Raise BotError unless a file can be written at ``path``; creates and changes nothing."""
    target = path if path.exists() else path.parent
    if path.is_dir() or not target.exists() or not os.access(target, os.W_OK):
        raise BotError(f"{path}: cannot be written")


def save_poster(link: str, label: str, path: Path, kind: str) -> None:
    """Write the poster of a class to a file: svg, png or pdf. Raises BotError when that fails."""
    try:
        path.write_bytes(poster(link, label, kind))
    except OSError as error:
        raise BotError(f"{path}: {error.strerror}") from None
