"""The search field in the top strip and the list under it: one place to find and do everything, by keyboard alone.

It shows what `search` finds and says what was chosen; what happens then is the window's.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from dealerdesk.desk import theme
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.search import ACTION, Found, Index, search_all
from dealerdesk.desk.surface import Overlay
from dealerdesk.desk.theme import Tone, Weight

WORDS = "Find an account, client, symbol or action"
FEWER = "Find anything"
SHOWN_MAX = 14
ROW_PX = 27
WIDTH_PX = 640
FOUND = Qt.ItemDataRole.UserRole
MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class SearchField(QLineEdit):
    """The field; arrows, Enter and Escape belong to the list below it."""

    moved = Signal(int)
    chosen = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search-field")
        self.setAccessibleName(WORDS)
        self.key_words = "Ctrl K"
        self._fit()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in MOVES:
            self.moved.emit(MOVES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif key is Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.text():
            painter = QPainter(self)
            painter.setPen(theme.current().ink(Tone.SECONDARY))
            inside = self.rect().adjusted(0, 0, -theme.PAD_PX, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.key_words)
            painter.end()

    def _fit(self) -> None:
        """The key always has its room: where there is little, the words are fewer."""
        metrics = self.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(self.key_words) - 4 * theme.PAD_PX
        fitting = (words for words in (WORDS, FEWER) if metrics.horizontalAdvance(words) < room)
        self.setPlaceholderText(next(fitting, ""))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class Palette(QObject):
    """Field, list and indexes. `chosen` carries the Found that was taken."""

    opened = Signal()
    chosen = Signal(object)

    def __init__(self, window: QWidget, field: SearchField) -> None:
        super().__init__(window)
        self._field = field
        self._window = window
        self._indexes: list[Index] = []
        self._before: QWidget | None = None
        self._list = QListWidget()
        self._list.setItemDelegate(_Row(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName("Found")
        self._frame = Overlay(window)
        self._frame.setObjectName("palette")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._list)
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._frame.hide()
        field.textEdited.connect(self._search)
        field.moved.connect(self._move)
        field.chosen.connect(self._choose)
        field.left.connect(self.close)
        field.installEventFilter(self)
        self._list.itemClicked.connect(self._choose)

    def set_indexes(self, indexes: Sequence[Index]) -> None:
        """What can be found from now on; earlier indexes win between equals."""
        self._indexes = list(indexes)
        if self.is_open:
            self._search(self._field.text())

    @property
    def is_open(self) -> bool:
        return self._frame.isVisible()

    def found(self) -> list[Found]:
        """What is listed now, best first."""
        listed = (self._list.item(row).data(FOUND) for row in range(self._list.count()))
        return [found for found in listed if isinstance(found, Found)]

    def open(self) -> None:
        """Opens the list with everything typed before forgotten, and takes the focus."""
        if self._before is None:
            self._before = self._window.focusWidget()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.clear()
        self._search("")
        self.opened.emit()

    def close(self) -> None:
        """Closes the list and gives the focus back."""
        if self._frame.isHidden():
            return
        self._frame.hide()
        self._field.clear()
        before, self._before = self._before, None
        if before is not None and self._field.hasFocus():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseButtonPress and not self.is_open:
            self.open()
        return super().eventFilter(watched, event)

    def _search(self, typed: str) -> None:
        self._list.clear()
        for found in search_all(self._indexes, typed, SHOWN_MAX):
            item = QListWidgetItem(plain(f"{found.title}  {found.detail}".strip()))
            item.setData(FOUND, found)
            self._list.addItem(item)
        if not self._list.count():
            nothing = QListWidgetItem(
                "Nothing is called so. A login, a name, a symbol or the name of a panel finds it."
            )
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(nothing)
        self._list.setCurrentRow(0)
        self._place()

    def _place(self) -> None:
        corner = self._field.mapTo(self._window, self._field.rect().bottomLeft())
        width = max(self._field.width(), min(WIDTH_PX, self._window.width()))
        left = max(0, corner.x() - (width - self._field.width()) // 2)
        self._frame.setGeometry(left, corner.y() + 4, width, self._list.count() * ROW_PX + 4)
        self._frame.show()
        self._frame.raise_()

    def _move(self, by: int) -> None:
        row = max(0, min(self._list.count() - 1, self._list.currentRow() + by))
        self._list.setCurrentRow(row)

    def _choose(self) -> None:
        item = self._list.currentItem()
        found = item.data(FOUND) if item is not None else None
        if isinstance(found, Found):
            self.close()
            self.chosen.emit(found)


class _Row(QStyledItemDelegate):
    """Title, detail beside it, kind or key at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = theme.current()
        rect: QRect = option.rect
        current = index.row() == self._list().currentRow()
        painter.fillRect(rect, look.colour("selection" if current else "panel"))
        if current:
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), look.colour("positive"))
        ground = "selection" if current else "panel"
        inside = rect.adjusted(theme.PAD_PX + 2, 0, -theme.PAD_PX, 0)
        found = index.data(FOUND)
        if not isinstance(found, Found):
            _write(painter, inside, index.data(), Tone.SECONDARY, ground)
            return
        hint = found.hint if found.kind == ACTION else found.kind
        width = painter.fontMetrics().horizontalAdvance(hint) + theme.PAD_PX
        _write(painter, inside, hint, Tone.SECONDARY, ground, Qt.AlignmentFlag.AlignRight)
        left = _write(painter, inside.adjusted(0, 0, -width, 0), plain(found.title), Tone.NORMAL, ground)
        detail = inside.adjusted(left + 2 * theme.PAD_PX, 0, -width, 0)
        _write(painter, detail, plain(found.detail), Tone.SECONDARY, ground)

    def _list(self) -> QListWidget:
        parent = self.parent()
        assert isinstance(parent, QListWidget)
        return parent


def _write(
    painter: QPainter,
    rect: QRect,
    text: str,
    tone: Tone,
    ground: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> int:
    """Writes one line and returns its width."""
    painter.setPen(theme.current().ink(tone, ground))
    painter.setFont(theme.font(weight=Weight.MEDIUM if tone is Tone.NORMAL else Weight.REGULAR))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown)
