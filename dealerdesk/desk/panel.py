"""What every panel is: a 25 px header (title left, one line of facts right) over a body. Not a framework.

A panel draws what the live state and the library hold and asks for what a person wants; it decides nothing. Docks,
layouts and the beat are elsewhere; they only know this class and the entry that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from dealerdesk.desk import theme
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from dealerdesk.desk.desk import Desk
    from dealerdesk.formulas.derivation import Derivation
    from dealerdesk.live.frame import Frame

BAND_PX = 3
ROLE_OF_TONE = {Tone.SECONDARY: "secondary", Tone.FAINT: "faint", Tone.STALE: "faint"}


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """A panel as the table of panels names it: `path` is "module:Class", imported when it is first shown."""

    name: str
    title: str
    key: str
    path: str


def set_toned_text(label: QLabel, text: str, tone: Tone) -> None:
    """Writes `text` in the colour of `tone`; the style sheet is only asked again when the tone changed."""
    if label.text() != text:
        label.setText(text)
    name = tone.name.lower()
    if label.property("tone") != name:
        label.setProperty("role", ROLE_OF_TONE.get(tone, ""))
        label.setProperty("tone", name)
        theme.restyle(label)


def plain_label(text: str = "", role: str = "") -> QLabel:
    """A label that never reads its text as anything but plain text."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


class PanelHeader(QFrame):
    """Title, small controls, facts. Mouse events it does not use reach the dock, which is dragged by it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = self._text = title
        self._tabbed = False
        self.setProperty("role", "panel-header")
        self.setFixedHeight(theme.PANEL_HEADER_PX)
        self.mark = plain_label()
        self.mark.setProperty("tone", Tone.ALARM.name.lower())
        self.mark.hide()
        self.title = plain_label(title, "title")
        self.facts = plain_label("", "secondary")
        self.facts.setProperty("tone", Tone.SECONDARY.name.lower())
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # facts give way before the title does: a narrow panel keeps its name
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.PAD_PX, 0, theme.PAD_PX, 0)
        self._row.setSpacing(theme.PAD_PX)
        self._row.addWidget(self.mark)
        self._row.addWidget(self.title)
        self._row.addWidget(self.facts, 1)

    def set_title(self, text: str) -> None:
        """What the panel shows now; it begins with the panel's name or replaces it."""
        if text != self._text:
            self._text = text
            self._write()

    def set_mark(self, words: str) -> None:
        """Words before the title and a thin band along the top, both in alarm red: a live broker's panel that is a
        window of its own. Without words neither is there."""
        if words != self.mark.text():
            self.mark.setText(words)
            self.mark.setVisible(bool(words))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.mark.text():
            painter = QPainter(self)
            painter.fillRect(0, 0, self.width(), BAND_PX, theme.current().colour("alarm"))
            painter.end()

    def set_tabbed(self, tabbed: bool) -> None:
        """Under a tab, which says the panel's name already, the header says only what is more than that."""
        if tabbed is not self._tabbed:
            self._tabbed = tabbed
            self._write()

    def _write(self) -> None:
        text = self._text.removeprefix(self._name).lstrip(" ·›") if self._tabbed else self._text
        self.title.setText(text)
        self.title.setVisible(bool(text))

    def add_control(self, widget: QWidget) -> None:
        """Puts a control between the title and the facts."""
        self._row.insertWidget(self._row.count() - 1, widget)

    def add_last(self, widget: QWidget) -> None:
        """Puts a control at the right end."""
        self._row.addWidget(widget)


class Panel(QWidget):
    """One panel. Subclasses set `name` and `title`, fill `body`, and draw in `beat`."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    shown = Signal()
    """The panel became visible; its next beat comes at once."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName(f"panel-{self.name}")
        self.setAccessibleName(self.title)
        self.header = PanelHeader(self.title)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(self.body, 1)

    def set_title(self, text: str) -> None:
        """Shows another title than the panel's own, e.g. with what it is about."""
        self.header.set_title(text)

    def set_facts(self, text: str, tone: Tone = Tone.SECONDARY) -> None:
        """Shows the one line of facts at the right of the header."""
        set_toned_text(self.header.facts, text, tone)

    def add_control(self, widget: QWidget) -> None:
        """Puts a small control into the header."""
        self.header.add_control(widget)

    def beat(self, frame: Frame) -> None:
        """Draws what changed. Called on the desk's beat, only while the panel is visible."""

    def refocus(self) -> None:
        """Takes the focus when the panel is opened by its key: its first part that takes focus by Tab."""
        for child in self.findChildren(QWidget):
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(self):
                child.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def take_focus(self) -> None:
        """Takes the focus when a workspace begins with this panel: what scrolls at its left, a table as a rule. No row
        is chosen by that."""
        parts = [*self.findChildren(QAbstractScrollArea), *self.findChildren(QLineEdit)]
        here = [part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisibleTo(self)]
        if here:
            min(here, key=self._left_of).setFocus(Qt.FocusReason.OtherFocusReason)

    def _left_of(self, part: QWidget) -> int:
        return part.mapTo(self, QPoint()).x()

    def show_derivation(self, derivation: Derivation) -> None:
        """Shows how a figure came about; only the Why panel does."""
        raise NotImplementedError(f"{self.name} shows no derivations: {derivation.figure}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()
