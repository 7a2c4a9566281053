"""Stress: what a jump of prices would do to the book, who would be stopped out, and what the past says of the risk.

Enter on a scenario runs it, on several selected ones all of them, side by side. What is shown is of one moment, says
which, and turns grey when the market has gone on.
"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, integer, percent
from dealerdesk.desk.own_scenarios import OwnScenarios
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import in_currency
from dealerdesk.desk.panels.account_table import account_subject
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.key_bar import Hint, KeyBar
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.panels.stress_curve import StressCurve
from dealerdesk.desk.panels.stress_form import StressForm
from dealerdesk.desk.panels.stress_reasons import account_reasons, company_reasons
from dealerdesk.desk.panels.stress_rows import (
    COMPARE_COLUMNS,
    DIRECTIONS,
    EXPOSURE_COLUMNS,
    RISK_COLUMNS,
    SCENARIO_COLUMNS,
    WORST_COLUMNS,
    compare_rows,
    exposure_rows,
    risk_rows,
    scenario_rows,
    worst_rows,
)
from dealerdesk.desk.panels.stress_tiles import NOTHING, moment_words, that_fit, tiles
from dealerdesk.desk.panels.stress_work import StressWork
from dealerdesk.desk.table import Column, TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.tiles import Tile, Tiles
from dealerdesk.live.frame import Frame
from dealerdesk.live.scenarios import CATALOGUE, Scenario
from dealerdesk.live.stress import Outcome, StressResult
from dealerdesk.live.value_at_risk import LEVELS, needed

OLD_AFTER_US = 10_000_000
"""A result is old when prices have changed since and so much time has gone by."""
COMPARED_MAX = 10
"""Each result keeps the figures of every account and position: at full load some ten megabytes."""
LOOKS = (
    Option("worst", "accounts", "1"),
    Option("compare", "side by side", "2"),
    Option("exposure", "exposure", "3"),
    Option("risk", "value at risk", "4"),
)
HORIZONS = (
    Option(str(DAY_US), "over a day", ""),
    Option(str(4 * HOUR_US), "over 4 hours", ""),
    Option(str(HOUR_US), "over an hour", ""),
    Option(str(5 * MINUTE_US), "over 5 minutes", ""),
    Option(str(MINUTE_US), "over a minute", ""),
)
SIDES = tuple(Option(words, words, "") for words in DIRECTIONS)
AGAIN, OTHER, EDIT, SAVE, DELETE, HORIZON = "R", "D", "E", "S", "X", "H"
HINTS = (
    Hint(AGAIN, "run again"),
    Hint(OTHER, "other direction"),
    Hint(EDIT, "what moves"),
    Hint(SAVE, "save"),
    Hint(DELETE, "delete own"),
    Hint(HORIZON, "risk horizon"),
)
LEFT_PX, RIGHT_PX = 250, 800


class StressPanel(Panel):
    """Scenarios and their parameters at the left; what the chosen one does at the right."""

    name = "stress"
    title = "Stress"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.currency = desk.preferences().currency
        self.own = OwnScenarios(desk.memory)
        self.work = StressWork(desk, self)
        self.is_old = False
        self._quotes = self._structure = -1
        self._all_tiles = NOTHING
        self.look = Choice(self, "stress-look", LOOKS, "Shown")
        self.side = Choice(self, "stress-side", SIDES, "Direction")
        self.horizon = Choice(self, "stress-horizon", HORIZONS, "Horizon of value at risk")
        self.scenarios = self._table("scenarios", SCENARIO_COLUMNS, "scenarios")
        self.form = StressForm(desk, self)
        self.tiles = Tiles(self)
        self.worst = self._table("worst", WORST_COLUMNS, "accounts")
        self.compare = self._table("compare", COMPARE_COLUMNS, "lines")
        self.exposure = self._table("exposure", EXPOSURE_COLUMNS, "instruments")
        self.risk = self._table("risk", RISK_COLUMNS, "lines")
        self.curve = StressCurve(self)
        self.keys = KeyBar(self)
        self._build()
        self._connect()
        self._show_scenarios()
        self._show_result()

    def beat(self, frame: Frame) -> None:
        if frame.version.structure != self._structure:
            self._structure = frame.version.structure
            self.form.look_what_is_missing()
        result = self._result()
        if result is None:
            return
        moved = self.desk.state.version.quotes != self._quotes
        is_old = moved and frame.time_us - result.book.time_us > OLD_AFTER_US
        if is_old is not self.is_old:
            self.is_old = is_old
            self._show_result()
        self._tell(frame.time_us)

    def refocus(self) -> None:
        self.scenarios.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def run_chosen(self) -> None:
        """Runs the selected scenarios, or what stands in the form."""
        chosen = [each for each in self._all() if each.name in self.scenarios.selected_keys()]
        if len(chosen) > 1:
            if len(chosen) > COMPARED_MAX:
                self.desk.notify(f"The first {COMPARED_MAX} of them are compared.", Tone.ATTENTION)
            self.work.start(chosen[:COMPARED_MAX], self.form.protected.isChecked())
            self.look.choose("compare")
            return
        self.run_form()

    def run_form(self) -> None:
        """Runs what stands in the form."""
        scenario = self.form.scenario()
        if scenario is not None:
            self.work.start([scenario], self.form.protected.isChecked())

    def keep(self) -> None:
        """Keeps what stands in the form under its name, and runs it."""
        scenario = self.form.scenario()
        if scenario is None:
            return
        try:
            self.own.keep(scenario)
        except ValueError as refused:
            self.form.say(f"{refused}.")
            return
        self._show_scenarios()
        self.scenarios.select_key(scenario.name)
        self.desk.notify(f"Saved: {scenario.name}, in your settings on this machine.")
        self.run_form()

    # -- what is shown ------------------------------------------------------------------------------------------

    def _all(self) -> tuple[Scenario, ...]:
        return (*self.own.all(), *CATALOGUE)

    def _result(self) -> StressResult | None:
        return self.work.results[0][1] if self.work.results else None

    def outcome(self) -> Outcome | None:
        """The direction that is shown."""
        result = self._result()
        if result is None:
            return None
        return result.given if self.side.value == DIRECTIONS[0] else result.reversed

    def _show_scenarios(self) -> None:
        self.scenarios.show_rows(scenario_rows(self._all()))
        if self.scenarios.current_key() is None and self.scenarios.counts()[1]:
            self.scenarios.select_key(self._all()[0].name)

    def _show_result(self) -> None:
        result, outcome = self._result(), self.outcome()
        if result is None or outcome is None:
            self._show_tiles(NOTHING)
            self._tell(self.desk.frame().time_us)
            return
        self._show_tiles(tiles(result, outcome, self.is_old))
        self.worst.show_rows(worst_rows(result, outcome, self.is_old))
        self.exposure.show_rows(exposure_rows(result, outcome, self.is_old))
        self.compare.show_rows(compare_rows(self.work.results, self.is_old))
        self.curve.show_curve(self.work.curve, result.currency, self.work.results[0][0].name)
        self.curve.set_old(self.is_old)
        self._tell(self.desk.frame().time_us)

    def _show_tiles(self, found: tuple[Tile, ...]) -> None:
        self._all_tiles = found
        self.tiles.show_tiles(that_fit(found, self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_tiles(self._all_tiles)

    def _take(self) -> None:
        self._quotes = self.desk.state.version.quotes
        self.is_old = False
        self._show_result()

    def _show_risk(self) -> None:
        found = self.work.risk
        if found is not None:
            names = [self._client(client.client_id) for client in found.clients]
            self.risk.show_rows(risk_rows(found, names))
        self._tell(self.desk.frame().time_us)

    def _client(self, client_id: int) -> str:
        client = self.desk.state.clients.get(client_id)
        return client.label if client is not None else integer(client_id)

    def _tell(self, now_us: int) -> None:
        if self.look.value == "risk":
            self.set_title("Stress")
            self.set_facts(self._risk_words())
            return
        result = self._result()
        if result is None:
            self.set_title("Stress")
            self.set_facts("Enter runs the chosen scenario")
            return
        stale = stale_words(self.desk.state)
        tone = Tone.ATTENTION if self.is_old or stale else Tone.SECONDARY
        self.set_title(f"Stress · {self.work.results[0][0].name}, {self.side.value}")
        self.set_facts(" · ".join(filter(None, (stale, moment_words(result, now_us, self.is_old)))), tone)

    def _risk_words(self) -> str:
        found = self.work.risk
        if found is None:
            return "reading the recorded prices" if self.work.is_reading else "no recorded prices were read"
        lacking = [f"{level:.0%} needs {needed(level)}" for level in LEVELS if found.observations < needed(level)]
        share = f"{percent(found.left_out_share * 100)} left out" if found.left_out else ""
        return " · ".join(filter(None, (counted(found.observations, "observations"), *lacking, share)))

    # -- what a person does -------------------------------------------------------------------------------------

    def _select(self, key: Hashable) -> None:
        scenario = next((each for each in self._all() if each.name == key), None)
        if scenario is not None:
            self.form.show_scenario(scenario)

    def _look(self, look: str) -> None:
        shown = {"worst": self.worst, "compare": self.compare, "exposure": self.exposure, "risk": self.risk}[look]
        self.pages.setCurrentWidget(shown)
        self.horizon.setVisible(look == "risk")
        self.side.setVisible(look != "risk")
        if look == "risk" and self.work.risk is None:
            self._read_risk()
        self._tell(self.desk.frame().time_us)

    def _read_risk(self) -> None:
        self.work.start_risk(int(self.horizon.value))

    def _other_horizon(self) -> None:
        self.work.risk = None
        self._read_risk()

    def _do(self, key: str) -> None:
        if key == AGAIN:
            self._again()
        elif key == OTHER:
            self.side.next()
        elif key == EDIT:
            self.form.moves.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key == SAVE:
            self.form.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key == DELETE:
            self._delete()
        elif self.look.value == "risk":
            self.horizon.next()
        else:
            self.look.choose("risk")

    def _again(self) -> None:
        if self.look.value == "risk":
            self._read_risk()
        elif self.work.results:
            self.work.start([scenario for scenario, _ in self.work.results], self.form.protected.isChecked())
        else:
            self.run_chosen()

    def _delete(self) -> None:
        name = self.scenarios.current_key()
        if name not in {scenario.name for scenario in self.own.all()}:
            self.desk.notify("Only your own scenarios can be deleted.", Tone.ATTENTION)
            return
        self.own.forget(str(name))
        self._show_scenarios()

    # -- how it is put together ---------------------------------------------------------------------------------

    def _table(self, name: str, columns: tuple[Column, ...], title: str) -> TableView:
        shown = in_currency(columns, self.currency)
        return TableView(f"stress-{name}", shown, self, memory=self.desk.memory, title=title)

    def _build(self) -> None:
        self.add_control(self.side)
        self.add_control(self.look)
        self.add_control(self.horizon)
        self.horizon.hide()
        self.pages = QStackedWidget(self)
        for table in (self.worst, self.compare, self.exposure, self.risk):
            table.set_empty_text("Nothing has been run yet.", "Enter on a scenario runs it.")
            self.pages.addWidget(table)
        self.risk.set_empty_text("No figures yet.", "R reads the recorded prices again.")
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setObjectName("stress-parts")
        both.setChildrenCollapsible(False)
        both.addWidget(_column(self.scenarios, self.form))
        both.addWidget(_column(self.pages, self.curve))
        both.setStretchFactor(1, 1)
        both.setSizes([LEFT_PX, RIGHT_PX])
        self.body.addWidget(self.tiles)
        self.body.addWidget(both, 1)
        self.body.addWidget(self.keys)

    def _connect(self) -> None:
        self.menus = [
            RowMenu(self.desk, self.worst, account_subject, account_reasons(self._result, self.outcome)),
            RowMenu(self.desk, self.compare, _no_subject, company_reasons(self._results)),
            *(RowMenu(self.desk, table, _no_subject) for table in (self.scenarios, self.exposure, self.risk)),
        ]
        self.scenarios.selected.connect(self._select)
        self.scenarios.activated.connect(self._activated)
        self.worst.selected.connect(self._select_account)
        self.worst.activated.connect(self._open_account)
        self.form.run_asked.connect(self.run_form)
        self.form.keep_asked.connect(self.keep)
        self.form.left.connect(self.refocus)
        self.work.found.connect(self._take)
        self.work.curve_found.connect(self._show_result)
        self.work.risk_found.connect(self._show_risk)
        self.side.chosen.connect(self._show_result)
        self.look.chosen.connect(self._look)
        self.horizon.chosen.connect(self._other_horizon)
        self.keys.bind(HINTS, self.scenarios, self.worst, self.compare, self.exposure, self.risk)
        self.keys.pressed.connect(self._do)

    def _results(self) -> tuple[tuple[Scenario, StressResult], ...]:
        return self.work.results

    def _activated(self, _key: Hashable) -> None:
        self.run_chosen()

    def _select_account(self, key: Hashable) -> None:
        if isinstance(key, tuple):
            self.desk.selection.select_account(*key)

    def _open_account(self, key: Hashable) -> None:
        self._select_account(key)
        self.desk.open_panel("account")


def _column(*parts: QWidget) -> QWidget:
    """Parts below each other; the first takes the room there is."""
    whole = QWidget()
    inside = QVBoxLayout(whole)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(0)
    for place, part in enumerate(parts):
        inside.addWidget(part, 0 if place else 1)
    return whole


def _no_subject(_key: Hashable) -> Subject:
    """A row is about a scenario or an instrument, and no menu of accounts is for it."""
    return Subject()
