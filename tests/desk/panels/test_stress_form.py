"""The parameters of a stress test."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress_form import StressForm
from dealerdesk.live.scenarios import CATALOGUE, Kind
from dealerdesk.live.shocks import Shock, Shocks, Target


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def form(desk: Desk, parent: QWidget) -> StressForm:
    return StressForm(desk, parent)


def test_an_untouched_scenario_of_the_catalogue_is_run_as_it_is_even_where_not_all_is_traded(form: StressForm) -> None:
    form.show_scenario(CATALOGUE[0])

    assert form.moves.text() == "CHF +21.5, EURCHF -18.8, USDCHF -17.7, EURUSD -1.4"
    assert form.spread.text() == "20"
    assert form.scenario() is CATALOGUE[0]


def test_a_changed_one_is_the_persons_own(form: StressForm) -> None:
    form.show_scenario(CATALOGUE[0])
    form.moves.setText("EURUSD -2.5")
    form.spread.setText("")

    scenario = form.scenario()
    assert scenario is not None
    assert (scenario.name, scenario.kind) == ("EURUSD -2.5", Kind.OWN)
    assert scenario.shocks == Shocks((Shock(Target.INSTRUMENT, "EURUSD", -2.5),), 1.0)


def test_what_is_not_traded_is_said_until_it_is_typed_over(form: StressForm) -> None:
    form.show_scenario(CATALOGUE[0])
    assert form.answer.text() == "Not traded here: CHF, EURCHF, USDCHF."

    form.moves.setText("EURUSD -2.5")
    form.scenario()
    form.look_what_is_missing()
    assert form.answer.text() == ""
