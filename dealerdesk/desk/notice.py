"""What stands in place of rows or lines: empty, loading and failed are each one sentence and the next step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from dealerdesk.desk import theme as look
from dealerdesk.desk.theme import SMALL_PX, TEXT_PX, Tone, Weight

_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_LINE_PX = 18


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, what to do next, and how urgent it is."""

    sentence: str
    next_step: str = ""
    tone: Tone = Tone.SECONDARY


@dataclass(slots=True)
class Notices:
    """The sentences a table may have to say; the most urgent that applies is said."""

    empty: Notice = Notice("Nothing here yet.")
    loading: Notice | None = None
    failed: Notice | None = None

    def choose(self, shown: int, filtered: bool) -> Notice | None:
        """What to say over so many rows; None: nothing, the rows speak."""
        if self.failed is not None:
            return self.failed
        if self.loading is not None and not shown:
            return self.loading
        if shown:
            return None
        return Notice("No row meets the filters.", "Ctrl+F, then Esc clears them.") if filtered else self.empty


def paint_notice(painter: QPainter, area: QRect, notice: Notice) -> None:
    """Paints a notice in the middle of the upper part of an area."""
    theme = look.current()
    rect = area.adjusted(24, min(area.height() // 3, 120), -24, 0)
    painter.setFont(look.font(TEXT_PX, Weight.MEDIUM))
    painter.setPen(theme.ink(notice.tone))
    used = painter.fontMetrics().boundingRect(rect, int(_CENTRED), notice.sentence)
    painter.drawText(rect, int(_CENTRED), notice.sentence)
    painter.setFont(look.font(SMALL_PX))
    painter.setPen(theme.ink(Tone.SECONDARY))
    painter.drawText(rect.adjusted(0, max(_LINE_PX, used.height() + 4), 0, 0), int(_CENTRED), notice.next_step)
