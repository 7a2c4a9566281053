"""The keys that do something here and now, with what they do, small and in one row; a click does the same.

Keys that would do nothing now are not shown; a panel whose keys are always the same has them bound here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.speech import say
from dealerdesk.desk.theme import PAD_PX, SMALL_PX, Tone, Weight

if TYPE_CHECKING:
    from dealerdesk.desk.panels.asking_form import AskingForm

ENTER, ESCAPE = "Enter", "Esc"
OPENED_OR_LEFT = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
LINE_PX = 26
CAP_PX = 18
CAP_PAD_PX = 5
BETWEEN_PX = 14
ROUND_PX = 3


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does."""

    key: str
    words: str


FORM_KEYS = (Hint(ENTER, "asks for it"), Hint(ESCAPE, "leaves"))
"""The keys of an open form."""


class KeyBar(QWidget):
    """One row of hints, or more where there is no room. `pressed` gives the key that was clicked, or typed if bound."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hints: tuple[Hint, ...] = ()
        self._bound: tuple[Hint, ...] = ()
        self._form: AskingForm | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Keys")
        self._fit()

    def show_hints(self, hints: Sequence[Hint]) -> None:
        """Shows these keys."""
        if tuple(hints) != self.hints:
            self.hints = tuple(hints)
            say(self, ", ".join(f"{hint.key}: {hint.words}" for hint in hints))
            self._fit()
            self.update()

    def bind(self, hints: Sequence[Hint], *widgets: QWidget) -> None:
        """Shows these keys for good, and has them typed in one of `widgets` do the same as a click."""
        for hint in hints:
            action = QAction(hint.words, self)
            action.setData(hint.key)
            action.setShortcut(QKeySequence(hint.key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(self._typed)
            for widget in widgets:
                widget.addAction(action)
        self._bound = tuple(hints)
        self.show_hints(hints)

    def give_way_to(self, form: AskingForm) -> None:
        """While a form is open its two keys are shown instead of the bound ones, and a click on them is its own."""
        self._form = form
        form.installEventFilter(self)

    def eventFilter(self, form: QObject, event: QEvent) -> bool:
        if event.type() in OPENED_OR_LEFT and self._form is not None:
            self.show_hints(self._bound if self._form.isHidden() else FORM_KEYS)
        return super().eventFilter(form, event)

    def _click(self, key: str) -> None:
        if self._form is None or self._form.isHidden():
            self.pressed.emit(key)
        elif key == ESCAPE:
            self._form.leave()
        else:
            self._form.enter()

    def _typed(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.pressed.emit(action.data())

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        for hint, rect in self._places():
            if rect.contains(at):
                self._click(hint.key)
                return
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.fillRect(0, 0, self.width(), 1, look.colour("line"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for hint, rect in self._places():
            cap = QRect(rect.left(), rect.top() + (LINE_PX - CAP_PX) // 2, self._cap_px(hint), CAP_PX)
            painter.setPen(look.ink(Tone.FAINT))
            painter.setBrush(look.colour("raised"))
            painter.drawRoundedRect(cap.adjusted(0, 0, -1, -1), ROUND_PX, ROUND_PX)
            painter.setFont(theme.font(SMALL_PX, Weight.SEMIBOLD))
            painter.setPen(look.ink(Tone.NORMAL, "raised"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, hint.key)
            painter.setFont(theme.font(SMALL_PX))
            painter.setPen(look.ink(Tone.SECONDARY))
            painter.drawText(rect.adjusted(cap.width() + 5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, hint.words)
        painter.end()

    def _fit(self) -> None:
        last = self._places()
        self.setFixedHeight((last[-1][1].bottom() if last else LINE_PX) + 3)

    def _places(self) -> list[tuple[Hint, QRect]]:
        metrics = QFontMetrics(theme.font(SMALL_PX))
        places, x, y = [], PAD_PX, 2
        for hint in self.hints:
            width = self._cap_px(hint) + 5 + metrics.horizontalAdvance(hint.words) + 2
            if x > PAD_PX and x + width > self.width() - PAD_PX:
                x, y = PAD_PX, y + LINE_PX
            places.append((hint, QRect(x, y, width, LINE_PX)))
            x += width + BETWEEN_PX
        return places

    @staticmethod
    def _cap_px(hint: Hint) -> int:
        metrics = QFontMetrics(theme.font(SMALL_PX, Weight.SEMIBOLD))
        return max(CAP_PX, metrics.horizontalAdvance(hint.key) + 2 * CAP_PAD_PX)
