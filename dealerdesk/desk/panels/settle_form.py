"""Asks that a command whose end nobody knows be settled as done or not done, with the evidence that a person found."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QRadioButton, QWidget

from dealerdesk.commands.bodies import Outcome, SettleUnknown
from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panels.asking_form import AskingForm

NEEDED: dict[str, type[QWidget]] = {"what": QLabel, "confirmed": QRadioButton, "failed": QRadioButton}


class SettleForm(AskingForm):
    """One form; opened for a command it forgets the one before."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "settle_unknown.ui", NEEDED, "evidence", parent)
        self.record: CommandRecord | None = None
        self.what = self.form.part("what", QLabel)
        self.what.setProperty("role", "title")
        self.outcomes = {
            Outcome.CONFIRMED: self.form.part("confirmed", QRadioButton),
            Outcome.FAILED: self.form.part("failed", QRadioButton),
        }

    def open_for(self, record: CommandRecord, title: str) -> None:
        """Asks about this command; nothing is chosen yet."""
        self.record = record
        self.what.setText(f"Settle: {plain(title)}")
        for button in self.outcomes.values():
            button.setAutoExclusive(False)
            button.setChecked(False)
            button.setAutoExclusive(True)
        self.begin()

    def server(self) -> str:
        return self.record.server if self.record is not None else ""

    def first(self) -> QWidget:
        return self.outcomes[Outcome.CONFIRMED]

    def body(self) -> SettleUnknown | None:
        chosen = [outcome for outcome, button in self.outcomes.items() if button.isChecked()]
        evidence = self.line.text().strip()
        if self.record is None or not chosen:
            self.lacks(self.first(), "Say first whether it was done.")
            return None
        if not evidence:
            self.lacks(self.line, "Write what you found, and where: a supervisor decides by it.")
            return None
        return SettleUnknown(command_id=self.record.id, outcome=chosen[0], evidence=evidence)
