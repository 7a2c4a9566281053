"""Asks for a new version of a policy, or for its end; before that, for what it would have asked over the past month."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from dealerdesk.commands.bodies import Rule, SetPolicy
from dealerdesk.commands.kinds import NAMED
from dealerdesk.commands.policy_queries import PolicyVersion
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.asking_form import AskingForm
from dealerdesk.desk.panels.audit_asking import AskingError, moment_of
from dealerdesk.desk.panels.policy_terms import TERMS, TermError, read_rule, terms_of

LINES = ("policy", *TERMS, "roles", "escalate_after", "escalate_roles", "effective", "note")
NEEDED: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "terms": QScrollArea,
    "conditions": QWidget,
    "of_kind": QComboBox,
    "deviates": QCheckBox,
    "approvals": QComboBox,
    "replay": QPushButton,
    **dict.fromkeys(LINES, QLineEdit),
}
FRESH = Rule(roles=(Role.SUPERVISOR,))
APPROVALS = (1, 2)
USUAL_KIND = "change_balance"


class PolicyForm(AskingForm):
    """`replay_asked` gives the rule and the kind of command that it is for."""

    replay_asked = Signal(object, str)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "policy.ui", NEEDED, "reason", parent)
        self.ends = False
        self.lines = {name: self.form.part(name, QLineEdit) for name in LINES}
        self.of_kind = self.form.part("of_kind", QComboBox)
        self.deviates = self.form.part("deviates", QCheckBox)
        self.approvals = self.form.part("approvals", QComboBox)
        self.heading = self.form.part("heading", QLabel)
        self.heading.setProperty("role", "title")
        self._let_the_ground_through()
        for name in sorted(NAMED):
            self.of_kind.addItem(name.replace("_", " "), name)
        for count in APPROVALS:
            self.approvals.addItem(str(count), count)
        self.replay = self.form.part("replay", QPushButton)
        self.replay.clicked.connect(self.ask_replay)

    def open_for(self, version: PolicyVersion | None, *, ends: bool = False) -> None:
        """Fills the fields with what is in force now; `version` is None for a policy that is not there yet."""
        self.ends = ends
        name = version.id if version is not None else "a policy"
        self.heading.setText(f"End {name}" if ends else f"A new version of {name}" if version else "A new policy")
        self.form["terms"].setVisible(not ends)
        self.replay.setVisible(not ends)
        rule = version.rule if version is not None and version.rule is not None else FRESH
        for key, line in self.lines.items():
            line.setText(terms_of(rule).get(key, ""))
            line.setCursorPosition(0)
        self.lines["policy"].setText(version.id if version is not None else "")
        self.lines["note"].setText(version.note if version is not None else "")
        self.lines["note"].setCursorPosition(0)
        for widget in (self.lines["policy"], self.of_kind):
            widget.setEnabled(version is None)
        self.of_kind.setCurrentIndex(self.of_kind.findData(version.kind if version is not None else USUAL_KIND))
        self.deviates.setChecked(rule.deviates_from_advice)
        self.approvals.setCurrentIndex(self.approvals.findData(rule.approvals))
        self.begin()

    def first(self) -> QWidget:
        if self.ends:
            return self.line
        return self.lines["policy"] if self.lines["policy"].isEnabled() else self.lines["servers"]

    def body(self) -> SetPolicy | None:
        policy = self.lines["policy"].text().strip()
        rule = None if self.ends else self.rule()
        if rule is None and not self.ends:
            return None
        if not policy:
            self.lacks(self.lines["policy"], "Give the policy a name, such as balance-large.")
        elif not self.line.text().strip():
            self.lacks(self.line, "Write the reason.")
        else:
            effective_us = self._effective_us()
            if effective_us is not None:
                return SetPolicy(
                    policy=policy,
                    of_kind=str(self.of_kind.currentData()),
                    rule=rule,
                    effective_us=effective_us,
                    note=self.lines["note"].text().strip(),
                )
        return None

    def rule(self) -> Rule | None:
        """The rule as the fields stand; None, with the sentence said, when it cannot be read."""
        typed = {name: line.text() for name, line in self.lines.items()}
        try:
            return read_rule(typed, deviates=self.deviates.isChecked(), approvals=int(self.approvals.currentData()))
        except TermError as error:
            self.say(f"{error}.")
            return None

    def ask_replay(self) -> None:
        """Asks what the rule as it stands would have asked for."""
        rule = self.rule()
        if rule is not None:
            self.say("")
            self.replay_asked.emit(rule, str(self.of_kind.currentData()))

    def _let_the_ground_through(self) -> None:
        """In a low panel the terms scroll; the area that does it has no ground of its own."""
        area = self.form.part("terms", QScrollArea)
        area.viewport().setAutoFillBackground(False)
        self.form.part("conditions", QWidget).setAutoFillBackground(False)

    def _effective_us(self) -> int | None:
        typed = self.lines["effective"].text().strip()
        if not typed or self.ends:
            return 0
        try:
            at_us = moment_of(typed, self.desk.library.database_us())
        except AskingError as error:
            self.lacks(self.lines["effective"], f"{error}.")
            return None
        if at_us <= self.desk.library.database_us():
            self.lacks(self.lines["effective"], "That has passed: leave it empty to put it in force at once.")
            return None
        return at_us
