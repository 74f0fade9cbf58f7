"""A line plot of shares by week, drawn with Pillow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from bot.pictures import LIGHT, font

SIZE: Final = (900, 620)
LEFT, TOP, RIGHT, BOTTOM = 90, 96, 740, 540
COLOURS: Final = ("#1f7a5c", "#b4530a", "#2a5db0", "#8b2f6b", "#51606f")


def draw(curves: Mapping[str, Sequence[float]]) -> bytes:
    """Return a PNG of curves, shares from 0 on, a point a week, each named at its end."""
    top = math.ceil(max(map(max, curves.values())) * 10 + 0.5) / 10
    image = Image.new("RGB", SIZE, LIGHT.ground)
    pen = ImageDraw.Draw(image)
    pen.text(
        (LEFT - 54, 24), "Recall of the rules by week (simulated)", font=font(30), fill=LIGHT.text
    )
    for tenth in range(round(top * 10) + 1):
        y = _y(tenth / 10, top)
        pen.line((LEFT, y, RIGHT, y), fill=LIGHT.empty, width=2)
        pen.text((LEFT - 54, y - 14), f"{tenth / 10:.1f}", font=font(22), fill=LIGHT.faint)
    weeks = max(len(curve) for curve in curves.values())
    for week in range(1, weeks + 1):
        x = _x(week, weeks)
        pen.text((x - 8, BOTTOM + 14), str(week), font=font(22), fill=LIGHT.faint)
    ends: list[float] = []
    best_first = sorted(curves.items(), key=lambda each: -each[1][-1])
    for colour, (name, curve) in zip(COLOURS, best_first, strict=False):
        points = [(_x(n, weeks), _y(value, top)) for n, value in enumerate(curve, start=1)]
        pen.line(points, fill=colour, width=4, joint="curve")
        for x, y in points:
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=colour)
        y = _apart(points[-1][1], ends)
        ends.append(y)
        pen.text((RIGHT + 14, y - 14), f"{name} {curve[-1]:.2f}", font=font(24), fill=colour)
    out = BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _x(week: int, weeks: int) -> float:
    return LEFT + (RIGHT - LEFT) * (week - 1) / max(1, weeks - 1)


def _y(share: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share / top


def _apart(y: float, others: Sequence[float]) -> float:
    """Return a height for a name that is not on top of another."""
    while any(abs(y - other) < 28 for other in others):
        y += 6
    return y
