"""Panels that only count their beats, under the names of the real ones, so that layouts can be tried with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QLineEdit, QWidget

from dealerdesk.desk.panel import Panel, PanelEntry
from dealerdesk.desk.panels import PANELS

if TYPE_CHECKING:
    from dealerdesk.desk.desk import Desk
    from dealerdesk.formulas.derivation import Derivation
    from dealerdesk.live.frame import Frame


class PlainPanel(Panel):
    """Counts."""

    made: ClassVar[list[str]] = []

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.beats = 0
        self.derivations: list[object] = []
        self.field = QLineEdit()
        self.body.addWidget(self.field)
        PlainPanel.made.append(self.name)

    def beat(self, _frame: Frame) -> None:
        self.beats += 1

    def show_derivation(self, derivation: Derivation) -> None:
        self.derivations.append(derivation)


for _entry in PANELS:
    globals()[f"Plain_{_entry.name}"] = type(
        f"Plain_{_entry.name}", (PlainPanel,), {"name": _entry.name, "title": _entry.title}
    )

ENTRIES = tuple(PanelEntry(entry.name, entry.title, entry.key, f"{__name__}:Plain_{entry.name}") for entry in PANELS)
