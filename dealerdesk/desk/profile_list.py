"""The list of brokers to sign in to: each with its name, LIVE filled in red or DEMO outlined, and where it lies."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from dealerdesk.config import FoundProfile, Profile
from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import live_ground, live_ink
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.theme import Tone, Weight

ROW_PX = 46
KIND_PX = 42
FOUND = Qt.ItemDataRole.UserRole


def place_of(profile: Profile) -> str:
    """Where a profile's database lies, without anything that is nobody's business."""
    if profile.is_embedded:
        return "a database on this machine"
    return f"the database at {urlsplit(profile.database_url).hostname or 'this machine'}"


class ProfileList(QListWidget):
    """The profiles by name; `chosen` carries the one that became current, or None for one that cannot be used."""

    chosen = Signal(object)

    def __init__(self, found: list[FoundProfile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Brokers")
        self.setItemDelegate(_Row(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for each in found:
            item = QListWidgetItem(self)
            item.setData(FOUND, each)
            title = each.path.stem if each.profile is None else f"{each.profile.kind} {each.profile.title}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, plain(title))
            item.setToolTip(plain(each.trouble or str(each.path)))
        self.currentItemChanged.connect(self._on_current)

    def choose(self, name: str) -> None:
        """Makes the profile of that name current, or the first that can be used."""
        found = [self.item(row).data(FOUND) for row in range(self.count())]
        usable = [row for row, each in enumerate(found) if each.profile is not None]
        named = [row for row in usable if found[row].profile.name == name]
        if rows := named or usable:
            self.setCurrentRow(rows[0])
        elif found:
            self.setCurrentRow(0)

    def current(self) -> FoundProfile | None:
        """What stands under the current row."""
        item = self.currentItem()
        found: FoundProfile | None = None if item is None else item.data(FOUND)
        return found

    def _on_current(self) -> None:
        found = self.current()
        self.chosen.emit(None if found is None else found.profile)


class _Row(QStyledItemDelegate):
    """Two lines a profile: LIVE or DEMO and the broker, then where it is or why it cannot be used."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = theme.current()
        found: FoundProfile = index.data(FOUND)
        area: QRect = option.rect
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = "selection" if is_current else "panel"
        painter.fillRect(area, look.colour(ground))
        if is_current:
            painter.fillRect(area.left(), area.top(), 3, area.height(), QColor(look.accent))
        inner = area.adjusted(theme.PAD_PX + 4, 6, -theme.PAD_PX, -6)
        upper, lower = inner.adjusted(0, 0, 0, -inner.height() // 2), inner.adjusted(0, inner.height() // 2, 0, 0)
        if found.profile is None:
            self._write(painter, upper, found.path.stem, look.ink(Tone.SECONDARY, ground), Weight.SEMIBOLD)
            self._write(painter, lower, found.trouble, look.ink(Tone.ATTENTION, ground), Weight.REGULAR)
            return
        self._write_kind(
            painter, QRect(upper.left(), upper.top() + 1, KIND_PX, upper.height() - 2), found.profile, ground
        )
        title = upper.adjusted(KIND_PX + theme.PAD_PX, 0, 0, 0)
        self._write(painter, title, found.profile.title, look.ink(Tone.NORMAL, ground), Weight.SEMIBOLD)
        self._write(painter, lower, place_of(found.profile), look.ink(Tone.SECONDARY, ground), Weight.REGULAR)

    def _write_kind(self, painter: QPainter, box: QRect, profile: Profile, ground: str) -> None:
        look = theme.current()
        painter.setFont(theme.font(theme.SMALL_PX, Weight.SEMIBOLD))
        if profile.live:
            painter.fillRect(box, live_ground(look))
            painter.setPen(live_ink(look))
        else:
            painter.setPen(look.ink(Tone.ATTENTION, ground))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, profile.kind)

    def _write(self, painter: QPainter, area: QRect, text: str, ink: QColor, weight: Weight) -> None:
        painter.setPen(ink)
        painter.setFont(theme.font(theme.TEXT_PX if weight is Weight.SEMIBOLD else theme.SMALL_PX, weight))
        fitting = painter.fontMetrics().elidedText(plain(text), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
