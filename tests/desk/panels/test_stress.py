"""The Stress panel, on the small broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress import OLD_AFTER_US, StressPanel
from dealerdesk.desk.theme import Tone
from dealerdesk.live.scenarios import CATALOGUE

from .small_broker import NOW_US, FakeLibrary, Spoken, quote

FLOOR = "CHF floor given up, to the close"


async def at_once(work: Callable[..., Any], *given: Any) -> Any:
    return work(*given)


@pytest.fixture
def panel(show: Any) -> StressPanel:
    made: StressPanel = show(StressPanel, 1000, 600)
    made.work.elsewhere = at_once
    return made


def typed(panel: StressPanel, qtbot: QtBot, moves: str, spread: str = "1") -> None:
    """Runs what a person types into the form."""
    panel.form.moves.setText(moves)
    panel.form.spread.setText(spread)
    qtbot.keyClick(panel.form.moves, Qt.Key.Key_Return)


def figures(panel: StressPanel) -> dict[str, str]:
    return {tile.title: tile.figure for tile in panel.tiles.tiles}


def test_the_catalogue_stands_ready_and_nothing_has_been_run(panel: StressPanel) -> None:
    assert panel.scenarios.counts()[1] == len(CATALOGUE)
    assert panel.scenarios.current_key() == FLOOR
    assert panel.form.answer.text() == "Not traded here: CHF, EURCHF, USDCHF."
    assert set(figures(panel).values()) == {"—"}
    assert panel.header.facts.text() == "Enter runs the chosen scenario"


def test_enter_on_a_scenario_runs_it_and_the_figures_stand_in_tiles(panel: StressPanel, qtbot: QtBot) -> None:
    panel.scenarios.select_key("Metals −9 %, as in April 2013")
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_Return)

    # account 101 has sold an ounce lot of 100: at 2000.50 it falls to 1820.2275 − 0.75
    assert panel.header.title.text() == "Stress · Metals −9 %, as in April 2013, as given"
    assert panel.header.facts.text() == "as of 10:00:00 UTC"
    assert figures(panel)["Book B"] == "−18.0 k"
    # nobody loses by it; cTrader 201 is below its stop-out as it is
    assert [panel.worst.contents.rows.key(row) for row in panel.worst.visible_order().tolist()] == [("cTrader", 201)]
    assert "1 below it already" in panel.tiles.tiles[4].detail


def test_what_is_typed_is_run_with_its_worst_account_first(panel: StressPanel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "EURUSD -10")

    # 101 holds 2 lots bought: −22,000.00 and a bit of spread; 10,000 of balance less 0.5 × 950 … is gone
    assert panel.worst.contents.rows.key(int(panel.worst.visible_order()[0])) == ("MT5", 101)
    assert figures(panel)["Stopped out"] == "2"
    assert figures(panel)["Negative"] == "2"


def test_d_shows_the_other_direction(panel: StressPanel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "EURUSD -10")
    falling = figures(panel)["Book B"]
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_D)

    assert panel.side.text() == "reversed"
    assert figures(panel)["Book B"][0] != falling[0]


def test_several_selected_scenarios_stand_side_by_side(panel: StressPanel, qtbot: QtBot) -> None:
    panel.scenarios.select_key(FLOOR)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_Return)

    rows = panel.compare.contents.rows
    assert panel.pages.currentWidget() is panel.compare
    assert [rows.key(row) for row in range(rows.count())] == [
        (FLOOR, "as given"),
        (FLOOR, "reversed"),
        ("CHF floor given up, to the low", "as given"),
        ("CHF floor given up, to the low", "reversed"),
    ]


def test_of_very_many_selected_scenarios_the_first_ten_are_compared(
    panel: StressPanel, qtbot: QtBot, spoken: Spoken
) -> None:
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_Return)

    assert len(panel.work.results) == 10
    assert spoken.notes[0][0] == "The first 10 of them are compared."


def test_the_curve_is_of_the_first_scenario(panel: StressPanel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "EURUSD -10")

    assert panel.curve.curve is not None
    assert panel.curve.curve.factors[0] == -1.0
    assert not panel.curve.grab().isNull()


def test_a_result_greys_when_prices_have_moved_on_and_r_makes_a_new_one(
    panel: StressPanel, desk: Desk, qtbot: QtBot, spoken: Spoken
) -> None:
    typed(panel, qtbot, "EURUSD -10")
    spoken.now_us = NOW_US + OLD_AFTER_US + 2_000_000
    panel.beat(desk.frame())
    assert not panel.is_old

    quote(desk.state, "MT5", {0: (111_000, 111_010)}, spoken.now_us)
    panel.beat(desk.frame())
    assert panel.is_old
    assert panel.header.facts.text() == "as of 10:00:00 UTC, 12 s ago · R runs again"
    assert {tile.tone for tile in panel.tiles.tiles} == {Tone.STALE}
    stale = panel.worst.contents.rows.stale()
    assert stale is not None
    assert stale.all()

    qtbot.keyClick(panel.scenarios, Qt.Key.Key_R)
    assert not panel.is_old
    assert panel.header.facts.text() == "as of 10:00:12 UTC"


def test_a_mistake_is_said_and_nothing_is_run(panel: StressPanel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "NOTHING -10")
    assert panel.form.answer.text() == "NOTHING is no instrument, currency or class that is traded here."

    typed(panel, qtbot, "EURUSD -10", spread="wide")
    assert panel.form.answer.text() == "Spreads widen by a factor such as 3."
    typed(panel, qtbot, "EURUSD -10", spread="2000")
    assert panel.form.answer.text() == "Spreads widen by nought to 1000 times."
    assert panel.work.results == ()


def test_a_scenario_of_ones_own_is_saved_run_found_again_and_deleted(
    panel: StressPanel, desk: Desk, qtbot: QtBot, spoken: Spoken, show: Any
) -> None:
    panel.form.moves.setText("EURUSD -10")
    panel.form.name.setText("Friday night")
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_S)
    qtbot.keyClick(panel.form.name, Qt.Key.Key_Return)

    assert panel.scenarios.current_key() == "Friday night"
    assert "Friday night" in panel.header.title.text()
    again = show(StressPanel)
    assert again.scenarios.counts()[1] == len(CATALOGUE) + 1
    again.scenarios.select_key("Friday night")
    assert again.form.moves.text() == "EURUSD -10"

    qtbot.keyClick(again.scenarios, Qt.Key.Key_X)
    assert again.scenarios.counts()[1] == len(CATALOGUE)
    again.scenarios.select_key(FLOOR)
    qtbot.keyClick(again.scenarios, Qt.Key.Key_X)
    assert spoken.notes[-1][0] == "Only your own scenarios can be deleted."


def test_a_name_of_the_catalogue_is_not_saved_over(panel: StressPanel, qtbot: QtBot) -> None:
    panel.form.moves.setText("EURUSD -10")
    panel.form.name.setText(FLOOR)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_S)
    qtbot.keyClick(panel.form.name, Qt.Key.Key_Return)

    assert panel.form.answer.text() == f"{FLOOR} is in the catalogue: take another name."


def test_without_protection_nothing_is_compensated(panel: StressPanel, qtbot: QtBot) -> None:
    panel.form.protected.setChecked(False)
    typed(panel, qtbot, "EURUSD -10")

    assert panel.outcome() is not None
    assert panel.outcome().books.compensation.sum() == 0  # type: ignore[union-attr]


def test_why_on_a_row_explains_the_account_and_on_a_line_the_company(
    panel: StressPanel, qtbot: QtBot, spoken: Spoken
) -> None:
    typed(panel, qtbot, "EURUSD -10")

    worst, compare = panel.menus[0], panel.menus[1]
    worst.explain(("MT5", 101), "level")
    worst.explain(("MT5", 101), "equity")
    worst.explain(("MT5", 101), "compensation")
    compare.explain(("EURUSD -10", "as given"), "after")
    assert [each.figure for each in spoken.derivations] == [
        "margin level of MT5 101 after the shock",
        "equity of MT5 101 after the shock",
        "compensation of MT5 101",
        "P&L of the company by the shock",
    ]
    worst.explain(("MT5", 999), "level")
    assert spoken.notes[-1][0] == "Not explained: MT5 999 was not in the book"


def test_enter_on_an_account_opens_it(panel: StressPanel, desk: Desk, qtbot: QtBot, spoken: Spoken) -> None:
    typed(panel, qtbot, "EURUSD -10")
    panel.worst.select_key(("MT5", 101))
    qtbot.keyClick(panel.worst, Qt.Key.Key_Return)

    assert spoken.opened == ["account"]
    assert desk.selection.account == ("MT5", 101)


def test_without_a_database_there_is_no_value_at_risk_but_everything_else(
    panel: StressPanel, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.trouble = None
    with pytest.raises(OSError, match="there is no database here"):
        panel.work.start_risk(60_000_000)

    assert not panel.work.is_reading
    assert panel.risk.counts()[1] == 0


def test_in_a_narrow_panel_the_tiles_that_say_most_stay(panel: StressPanel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "EURUSD -10")
    panel.resize(500, 400)

    assert list(figures(panel)) == ["Company", "Stopped out", "Negative", "Triggered"]


def test_h_leads_to_value_at_risk_and_then_through_its_horizons(
    panel: StressPanel, qtbot: QtBot, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def read(_query: Any, _server: str, _symbol: str, moments: list[int]) -> list[float | None]:
        asked.append((moments[1] - moments[0]) // 60_000_000)
        return [1.0 + 0.01 * (number % 3) for number in range(len(moments))]

    monkeypatch.setattr(library, "read", read)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_H)
    assert panel.pages.currentWidget() is panel.risk
    assert panel.header.facts.text() == "750 observations"
    assert panel.risk.contents.rows.column("who")[:2] == ["All books, kept", "Book A, kept"]

    qtbot.keyClick(panel.risk, Qt.Key.Key_H)
    qtbot.keyClick(panel.risk, Qt.Key.Key_R)
    assert asked == [1440, 1440, 240, 240, 240, 240]


def test_with_too_few_observations_there_is_no_figure_and_it_says_how_many(
    panel: StressPanel, qtbot: QtBot, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(_query: Any, _server: str, symbol: str, moments: list[int]) -> list[float | None]:
        known = 121 if symbol == "EURUSD" else 0
        return [*([None] * (len(moments) - known)), *([1.1] * known)]

    monkeypatch.setattr(library, "read", read)
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_4)

    facts = panel.header.facts.text()
    assert facts.startswith("120 observations · 99% needs 500 · ")
    assert facts.endswith(" left out")


def test_a_stale_server_is_said_beside_the_moment(panel: StressPanel, desk: Desk, qtbot: QtBot) -> None:
    desk.state.set_stale("MT5", NOW_US - 30_000_000)
    typed(panel, qtbot, "EURUSD -10")

    assert panel.header.facts.text() == "MT5 as of 09:59:30 · as of 10:00:00 UTC"


def test_e_goes_into_the_form_and_esc_comes_back(panel: StressPanel, qtbot: QtBot) -> None:
    qtbot.keyClick(panel.scenarios, Qt.Key.Key_E)
    assert panel.form.moves.hasFocus()

    qtbot.keyClick(panel.form.moves, Qt.Key.Key_Escape)
    assert panel.scenarios.hasFocus()
