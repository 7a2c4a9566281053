"""The parameters of a stress test: what moves by how much, how spreads widen, and the name to keep it under."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone
from dealerdesk.live.scenarios import NAME_MAX, Kind, Scenario
from dealerdesk.live.shocks import ShockError, Shocks, missing, read_shocks, written

LINES = ("moves", "spread", "name")
NEEDED: dict[str, type[QWidget]] = {
    "words": QLabel,
    "answer": QLabel,
    "protected": QCheckBox,
    **dict.fromkeys(LINES, QLineEdit),
}
SPREAD_MAX = 1_000.0


class StressForm(QFrame):
    """Filled from the chosen scenario; Enter in a field runs what stands there, in the name field keeps it too; Esc
    leaves the fields as they are."""

    run_asked = Signal()
    keep_asked = Signal()
    left = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.desk = desk
        self.form = load_form("stress.ui", NEEDED, self)
        self.moves, self.spread, self.name = (self.form.part(name, QLineEdit) for name in LINES)
        self.protected = self.form.part("protected", QCheckBox)
        self.words, self.answer = self.form.part("words", QLabel), self.form.part("answer", QLabel)
        self.words.setProperty("role", "secondary")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.form.widget)
        self._chosen: Scenario | None = None
        # what is said of the chosen scenario is not true of a changed one
        self.moves.textEdited.connect(self.words.hide)
        self.say("")

    def show_scenario(self, scenario: Scenario) -> None:
        """Fills the fields."""
        self._chosen = scenario
        self.moves.setText(written(scenario.shocks))
        self.moves.setCursorPosition(0)
        self.spread.setText(f"{scenario.shocks.spread_factor:g}")
        self.name.setText(scenario.name if scenario.kind is Kind.OWN else "")
        self.words.setText(scenario.words)
        self.words.setVisible(bool(scenario.words))
        self.look_what_is_missing()

    def look_what_is_missing(self) -> None:
        """Says what of the chosen scenario nobody trades here; asked again when symbols came or went."""
        if self._chosen is None or not self._is_untouched(self._chosen):
            return
        state = self.desk.state
        lacking = missing(state.symbols, state.currencies, self._chosen.shocks)
        self.say(f"Not traded here: {', '.join(lacking)}." if lacking else "")

    def scenario(self) -> Scenario | None:
        """What stands in the fields; None, with the sentence said, when it is no scenario."""
        chosen = self._chosen
        if chosen is not None and self._is_untouched(chosen):
            return chosen
        state = self.desk.state
        try:
            moves = read_shocks(self.moves.text(), state.symbols, state.currencies)
        except ShockError as error:
            self._lacks(self.moves, f"{error}.")
            return None
        try:
            spread = float(self.spread.text().strip() or 1)
        except ValueError:
            self._lacks(self.spread, "Spreads widen by a factor such as 3.")
            return None
        if not 0 <= spread <= SPREAD_MAX:
            self._lacks(self.spread, f"Spreads widen by nought to {SPREAD_MAX:.0f} times.")
            return None
        self.say("")
        name = self.name.text().strip() or self.moves.text().strip()
        return Scenario(name[:NAME_MAX], Kind.OWN, Shocks(moves, spread))

    def say(self, text: str, tone: Tone = Tone.ATTENTION) -> None:
        """Says what is missing, or what the scenario leaves out here."""
        set_toned_text(self.answer, text, tone)
        self.answer.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self.name.hasFocus() and self.name.text().strip():
            self.keep_asked.emit()
        else:
            self.run_asked.emit()

    def _is_untouched(self, chosen: Scenario) -> bool:
        # a scenario of the catalogue may name what is not traded here; what is typed may not
        same = self.moves.text() == written(chosen.shocks) and self.spread.text() == f"{chosen.shocks.spread_factor:g}"
        return same and self.name.text().strip() in ("", chosen.name)

    def _lacks(self, field: QWidget, text: str) -> None:
        self.say(text)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
