"""A page of words and figures, painted: a title, sentences, pairs of label and value, and what changes into what.

It wraps words, never cuts a figure, and scrolls. What it says is made elsewhere; text from outside stays plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSplitter, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.speech import say
from dealerdesk.desk.theme import PAD_PX, ROW_PX, TEXT_PX, Tone, Weight

TITLE_PX = 15
EDGE_PX = 2
HEADING_GAP_PX = 9
WRAP = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
ARROW = "→"
THIN_SPACE, NARROW_NO_BREAK_SPACE = "\u2009", "\u202f"


class Style(Enum):
    """How a line is set."""

    TITLE = auto()
    HEADING = auto()
    SENTENCE = auto()
    PAIR = auto()
    CHANGE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line. A pair has a `value`, a change has what is there `before` too."""

    style: Style
    text: str
    value: str = ""
    before: str = ""
    tone: Tone = Tone.NORMAL


def title(text: str) -> Line:
    """What the page is about."""
    return Line(Style.TITLE, plain(text))


def heading(text: str) -> Line:
    """The name of what follows."""
    return Line(Style.HEADING, plain(text))


def sentence(text: str, tone: Tone = Tone.SECONDARY) -> Line:
    """Words that wrap."""
    return Line(Style.SENTENCE, _indented(text), tone=tone)


def pair(label: str, value: str, tone: Tone = Tone.NORMAL) -> Line:
    """A quiet label and a clear value."""
    return Line(Style.PAIR, _indented(label), plain(value), tone=tone)


def change(label: str, before: str, after: str, tone: Tone = Tone.NORMAL) -> Line:
    """What is there now, and what would be."""
    return Line(Style.CHANGE, plain(label), plain(after), plain(before), tone)


def _indented(text: str) -> str:
    """Plain text that keeps the spaces it begins with."""
    return " " * (len(text) - len(text.lstrip(" "))) + plain(text).lstrip(" ")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text in its place."""

    rect: QRect
    flags: int
    text: str
    font: QFont
    tone: Tone


class Sheet(QAbstractScrollArea):
    """The page. `show_lines` repaints only when a line changed; PgUp and PgDn scroll, Ctrl+C copies it as text."""

    def __init__(self, name: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(about)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.lines: tuple[Line, ...] = ()
        self._pieces: list[_Piece] = []
        self._height = 0

    def show_lines(self, lines: Iterable[Line], from_top: bool = False) -> None:
        """Shows these lines; `from_top` when they are about something else than those before."""
        fresh = tuple(lines)
        if fresh != self.lines:
            self.lines = fresh
            self._set()
            say(self, self.text())
        if from_top:
            self.verticalScrollBar().setValue(0)

    def text(self) -> str:
        """All of it as plain text."""
        return "\n".join(_as_text(line) for line in self.lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, scrolled = theme.current(), self.verticalScrollBar().value()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), look.colour("panel"))
        if self.hasFocus():
            painter.fillRect(0, 0, EDGE_PX, self.viewport().height(), look.colour("accent"))
        painter.translate(0, -scrolled)
        seen = event.rect().translated(0, scrolled)
        for piece in self._pieces:
            if piece.rect.intersects(seen):
                painter.setFont(piece.font)
                painter.setPen(look.ink(piece.tone))
                painter.drawText(piece.rect, piece.flags, piece.text)
        painter.end()

    def _set(self) -> None:
        """Places every line for the present width."""
        setting = _Setting(max(1, self.viewport().width() - 2 * PAD_PX))
        for line in self.lines:
            setting.add(line)
        self._pieces, self._height = setting.pieces, setting.y + PAD_PX
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._height - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(ROW_PX)
        self.viewport().update()


class _Setting:
    """Puts lines below each other in a column of so many pixels."""

    def __init__(self, width: int) -> None:
        self.pieces: list[_Piece] = []
        self.y = PAD_PX
        self._width = width
        self._fonts = {
            Style.TITLE: theme.font(TITLE_PX, Weight.SEMIBOLD),
            Style.HEADING: theme.font(TEXT_PX, Weight.SEMIBOLD),
            Style.SENTENCE: theme.font(),
        }
        self._value = theme.font(weight=Weight.MEDIUM)

    def add(self, line: Line) -> None:
        """Places one line under those before."""
        match line.style:
            case Style.TITLE:
                self._words(line.text, Style.TITLE, Tone.NORMAL, 4)
            case Style.HEADING:
                self.y += HEADING_GAP_PX if self.pieces else 0
                self._words(line.text, Style.HEADING, Tone.NORMAL, 3)
            case Style.SENTENCE:
                self._words(line.text, Style.SENTENCE, line.tone, 3)
            case Style.PAIR:
                self._row(line.text, [(line.value, line.tone)])
            case Style.CHANGE:
                self._row(line.text, [(line.before, Tone.SECONDARY), (ARROW, Tone.SECONDARY), (line.value, line.tone)])

    def _words(self, text: str, style: Style, tone: Tone, after: int) -> None:
        font, text = self._fonts[style], _unbroken(text)
        used = QFontMetrics(font).boundingRect(QRect(0, 0, self._width, 10_000), WRAP, text)
        self.pieces.append(_Piece(QRect(PAD_PX, self.y, self._width, used.height()), WRAP, text, font, tone))
        self.y += used.height() + after

    def _row(self, label: str, parts: Sequence[tuple[str, Tone]]) -> None:
        """A label left, its parts right; where they do not fit beside each other, below it and wrapped."""
        metrics = QFontMetrics(self._value)
        widths = [metrics.horizontalAdvance(text) for text, _ in parts]
        room = self._width - QFontMetrics(self._fonts[Style.SENTENCE]).horizontalAdvance(label) - 2 * PAD_PX
        if sum(widths) + PAD_PX * (len(parts) - 1) > room:
            self._words(label, Style.SENTENCE, Tone.SECONDARY, 1)
            text = " ".join(text for text, _ in parts)
            self._below(text, parts[-1][1])
            return
        row = QRect(PAD_PX, self.y, self._width, ROW_PX)
        self.pieces.append(_Piece(row, LEFT, label, self._fonts[Style.SENTENCE], Tone.SECONDARY))
        right = PAD_PX + self._width
        for (text, tone), width in zip(reversed(parts), reversed(widths), strict=True):
            place = QRect(right - width, self.y, width + 1, ROW_PX)
            self.pieces.append(_Piece(place, RIGHT, text, self._value, tone))
            right -= width + PAD_PX
        self.y += ROW_PX

    def _below(self, text: str, tone: Tone) -> None:
        width, text = self._width - PAD_PX, _unbroken(text)
        used = QFontMetrics(self._value).boundingRect(QRect(0, 0, width, 10_000), WRAP, text)
        place = QRect(2 * PAD_PX, self.y, width, used.height())
        self.pieces.append(_Piece(place, WRAP, text, self._value, tone))
        self.y += used.height() + 4


def _unbroken(text: str) -> str:
    """The same with spaces inside figures at which no line may end."""
    return text.replace(THIN_SPACE, NARROW_NO_BREAK_SPACE)


def _as_text(line: Line) -> str:
    match line.style:
        case Style.PAIR:
            return f"{line.text}: {line.value}" if line.value else line.text
        case Style.CHANGE:
            return f"{line.text}: {line.before} {ARROW} {line.value}"
        case _:
            return line.text


def beside(name: str, table: QWidget, sheet: Sheet, table_px: int, sheet_px: int) -> QSplitter:
    """A table with the sheet of its current row at its right, each so wide to begin with; `name` is the splitter's."""
    both = QSplitter(Qt.Orientation.Horizontal)
    both.setObjectName(name)
    both.setChildrenCollapsible(False)
    for place, (part, width_px) in enumerate(((table, table_px), (sheet, sheet_px))):
        both.addWidget(part)
        both.setStretchFactor(place, width_px // 10)
    both.setSizes([table_px, sheet_px])
    return both
