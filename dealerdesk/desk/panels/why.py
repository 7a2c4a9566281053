"""Why: how a figure came about. Its terms add up to it; each says what it was computed from, from where and when.

It computes nothing: it shows a derivation that the live engine made at the moment of asking.
"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, plain
from dealerdesk.desk.panel import Panel, plain_label
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.why_rows import (
    INPUT_COLUMNS,
    as_shown,
    derivation_text,
    input_rows,
    term_columns,
    term_rows,
)
from dealerdesk.desk.table import Column, TableView
from dealerdesk.desk.theme import PAD_PX
from dealerdesk.formulas.derivation import Derivation

COPY_KEY = "Ctrl+Shift+C"
BACK_KEYS = ("Backspace", "Alt+Left")
KEPT_MAX = 20


class WhyPanel(Panel):
    """The derivation asked for last; Backspace goes back to the one before."""

    name = "why"
    title = "Why"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.derivation: Derivation | None = None
        self._before: list[Derivation] = []
        self.figure = plain_label("", "tile")
        self.what = plain_label("", "title")
        self.formula = plain_label("", "secondary")
        self.note = plain_label("", "hint")
        first = (Column("term", "Term", width=20, frozen=True),)
        self.terms = TableView("why-terms", first, self, memory=desk.memory, title="terms")
        self.inputs = TableView("why-inputs", INPUT_COLUMNS, self, memory=desk.memory, title="inputs")
        self.head = self._head()
        self._build()
        self.set_facts("Ctrl+? on a figure")

    def show_derivation(self, derivation: Derivation) -> None:
        if self.derivation is not None:
            self._before = [*self._before, self.derivation][-KEPT_MAX:]
        self._show(derivation)

    def refocus(self) -> None:
        self.terms.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def back(self) -> None:
        """Shows the derivation before this one, where there is one."""
        if self._before:
            self._show(self._before.pop())

    def copy_text(self) -> None:
        """Puts the whole derivation on the clipboard, as text."""
        if self.derivation is None:
            self.desk.notify("Ask why first: Ctrl+? on a figure.")
            return
        QGuiApplication.clipboard().setText(derivation_text(self.derivation))
        self.desk.notify("The derivation is on the clipboard, with every digit.")

    def _build(self) -> None:
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.addWidget(self.terms)
        split.addWidget(self.inputs)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self.body.addWidget(self.head)
        self.body.addWidget(split, 1)
        self.head.hide()
        self.terms.set_empty_text(
            "No figure has been asked about yet.", "Press Ctrl+? on a P&L, equity, margin level or net."
        )
        self.inputs.set_empty_text("Choose a term to see what it was computed from.")
        self._menus = [RowMenu(self.desk, table, about_nothing) for table in (self.terms, self.inputs)]
        self.terms.selected.connect(self._show_inputs)
        self.terms.activated.connect(self._open_part)
        self._add_action("Copy as text", (COPY_KEY,), self.copy_text)
        self._add_action("Back", BACK_KEYS, self.back)

    def _head(self) -> QFrame:
        head = QFrame(self)
        head.setProperty("role", "panel")
        rows = QVBoxLayout(head)
        rows.setContentsMargins(PAD_PX, PAD_PX, PAD_PX, PAD_PX)
        rows.setSpacing(PAD_PX // 2)
        line = QHBoxLayout()
        line.addWidget(self.what)
        line.addStretch(1)
        rows.addLayout(line)
        for label in (self.figure, self.formula, self.note):
            label.setWordWrap(label is not self.figure)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            rows.addWidget(label)
        return head

    def _show(self, derivation: Derivation) -> None:
        self.derivation = derivation
        figure = plain(derivation.figure)
        self.what.setText(figure[:1].upper() + figure[1:])
        self.figure.setText(as_shown(derivation))
        self.formula.setText(plain(derivation.formula))
        self._note(plain(derivation.note))
        self.head.show()
        self.terms.title = "terms" if derivation.terms else "parts"
        self.terms.set_columns(term_columns(derivation))
        self.terms.show_rows(term_rows(derivation))
        self.inputs.show_rows(input_rows(derivation.inputs, derivation.roundings))
        count = counted(len(derivation.terms) or len(derivation.parts), self.terms.title)
        back = " · Backspace back" if self._before else ""
        self.set_facts(f"{count} · {COPY_KEY} copies all{back}")

    def _note(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _show_inputs(self, key: Hashable) -> None:
        derivation = self.derivation
        if derivation is None or not isinstance(key, int):
            return
        if derivation.terms and key < len(derivation.terms):
            term = derivation.terms[key]
            self.inputs.show_rows(input_rows([*term.inputs, *derivation.inputs], derivation.roundings))
            own = f"{plain(term.label)}: {plain(term.formula)}" if term.formula not in ("", term.label) else ""
            self._note(own or plain(derivation.note))
        elif key < len(derivation.parts):
            part = derivation.parts[key]
            self.inputs.show_rows(input_rows(part.inputs, part.roundings))

    def _open_part(self, key: Hashable) -> None:
        derivation = self.derivation
        if derivation is not None and not derivation.terms and isinstance(key, int) and key < len(derivation.parts):
            self.show_derivation(derivation.parts[key])

    def _add_action(self, text: str, keys: tuple[str, ...], slot: object) -> None:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)


def about_nothing(_key: Hashable) -> Subject:
    """A term is about no account and no symbol."""
    return Subject()
