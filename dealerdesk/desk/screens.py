"""Places of panels on further monitors: rectangles only. Which panels go where is the workspaces' business.

A panel on a further monitor is a window of its own, so a group of tabs there shows its first panel alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

OTHERS_MAX = 2
"""How many monitors beside the main window's are laid out; on more, the rest stays empty."""


def others(window: QWidget) -> list[QRect]:
    """What may be used of the monitors on which `window` is not, from left to right."""
    here = window.screen()
    rects = [screen.availableGeometry() for screen in QGuiApplication.screens() if screen is not here]
    return sorted(rects, key=lambda rect: (rect.left(), rect.top()))[:OTHERS_MAX]


def slices(length: int, shares: Sequence[int]) -> list[tuple[int, int]]:
    """Offset and length of each share of a length; together they are the whole of it."""
    total = sum(shares)
    edges = [0, *(length * reached // total for reached in accumulate(shares))]
    return [(begin, end - begin) for begin, end in pairwise(edges)]


def tiles(area: QRect, widths: Sequence[int], heights: Sequence[Sequence[int]]) -> list[list[QRect]]:
    """Rectangles that fill an area: by column from left to right, each from top to bottom."""
    return [
        [QRect(area.topLeft() + QPoint(x, y), QRect(0, 0, width, height).size()) for y, height in rows]
        for (x, width), rows in zip(
            slices(area.width(), widths), (slices(area.height(), shares) for shares in heights), strict=True
        )
    ]
