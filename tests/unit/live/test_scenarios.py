"""The catalogue of scenarios."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from dealerdesk.instruments import AssetClass
from dealerdesk.live.frame import compute
from dealerdesk.live.scenarios import CATALOGUE, HAPPENED, NAME_MAX, Kind, Scenario, describe
from dealerdesk.live.shocks import Prices, Shock, Target, shocked
from live.live_rows import NOW, desk, pair, quotes, say


def test_every_scenario_has_its_own_name_that_fits_and_moves_something() -> None:
    names = [scenario.name for scenario in CATALOGUE]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= NAME_MAX
    assert all(scenario.shocks.moves for scenario in CATALOGUE)


def test_what_happened_says_when_and_between_which_prices() -> None:
    for scenario in HAPPENED:
        assert scenario.kind is Kind.HAPPENED
        assert date(1987, 1, 1) < date.fromisoformat(scenario.day) < date(2026, 1, 1)
        assert any(digit in scenario.words for digit in "0123456789")
        assert "assumption" in scenario.words


def test_classes_are_classes_that_there_are() -> None:
    moves = [move for scenario in CATALOGUE for move in scenario.shocks.moves]

    assert {move.name for move in moves if move.target is Target.ASSET_CLASS} <= set(AssetClass)


def test_the_franc_of_15_january_2015_ends_where_it_ended() -> None:
    state = desk()
    say(state, "MT5", pair("EURCHF", 3), pair("USDCHF", 4), pair("GBPCHF", 5))
    state.apply_quotes("MT5", quotes((3, 120_100, 120_100), (4, 101_900, 101_900), (5, 155_000, 155_000)), NOW)
    frame = compute(state, NOW)
    [floor] = [scenario for scenario in HAPPENED if scenario.name == "CHF floor given up, to the close"]

    calm = msgspec.structs.replace(floor.shocks, spread_factor=1.0)
    after = shocked(Prices(frame.bid, frame.ask, frame.rates), state.symbols, list(state.currencies), calm)
    assert floor.day == "2015-01-15"
    assert after.bid[[3, 4, 5]].tolist() == pytest.approx([0.975, 0.839, 1.276], abs=0.001)


def test_oil_of_20_april_2020_settles_below_nought() -> None:
    [oil] = [scenario for scenario in HAPPENED if scenario.day == "2020-04-20"]

    assert 18.27 * (1 + oil.shocks.moves[0].percent / 100) == pytest.approx(-37.63, abs=0.02)


def test_a_scenario_survives_being_kept_as_plain_values() -> None:
    for scenario in CATALOGUE:
        assert msgspec.convert(msgspec.to_builtins(scenario), Scenario) == scenario


def test_a_move_is_said_with_its_sign() -> None:
    assert describe(Shock(Target.INSTRUMENT, "EURCHF", -18.8)) == "EURCHF −18.8 %"
    assert describe(Shock(Target.EVERYTHING, "", 2.0)) == "everything +2 %"
