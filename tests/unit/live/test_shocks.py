"""How far prices jump, and what conversion rates become."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.instruments import AssetClass
from dealerdesk.live.frame import compute
from dealerdesk.live.shocks import Prices, Shock, ShockError, Shocks, Target, missing, read_shocks, shocked, written
from dealerdesk.live.state import LiveState
from live.live_rows import desk, pair, quotes, say, snapshot, thing

EURUSD, GBPUSD, USDJPY = 0, 1, 2


def jump(state: LiveState, *moves: Shock, spread_factor: float = 1.0) -> Prices:
    frame = compute(state, 0)
    prices = Prices(frame.bid, frame.ask, frame.rates)
    return shocked(prices, state.symbols, list(state.currencies), Shocks(moves, spread_factor))


def test_a_jump_of_everything_moves_every_price_and_the_rates_with_it() -> None:
    after = jump(desk(), Shock(Target.EVERYTHING, "", -10.0))

    assert after.bid.tolist() == pytest.approx([0.99, 1.125, 135.0])
    assert after.rates.rate("EUR", "USD") == pytest.approx(0.99)


def test_a_currency_that_gains_lifts_the_pairs_it_heads_and_lowers_those_quoted_in_it() -> None:
    after = jump(desk(), Shock(Target.CURRENCY, "USD", 25.0))

    assert after.bid.tolist() == pytest.approx([1.10 / 1.25, 1.25 / 1.25, 150.0 * 1.25])


def test_a_pair_of_two_currencies_that_both_gain_as_much_stays() -> None:
    moves = (Shock(Target.CURRENCY, "EUR", 10.0), Shock(Target.CURRENCY, "USD", 10.0))

    assert jump(desk(), *moves).bid[EURUSD] == pytest.approx(1.10)


def test_a_jump_of_the_dollar_leaves_an_index_quoted_in_dollars_where_it_is() -> None:
    state = desk()
    say(state, "MT5", thing("US500", 3))
    state.apply_quotes("MT5", quotes((3, 500_000, 500_000)), 0)

    assert jump(state, Shock(Target.CURRENCY, "USD", 25.0)).bid[3] == pytest.approx(5_000.0)


def test_an_instruments_own_jump_replaces_that_of_its_class() -> None:
    moves = (Shock(Target.ASSET_CLASS, "fx", -10.0), Shock(Target.INSTRUMENT, "EURUSD", -50.0))

    after = jump(desk(), *moves)
    assert after.bid[[EURUSD, GBPUSD]].tolist() == pytest.approx([0.55, 1.125])


def test_spreads_of_what_jumps_widen_about_its_new_middle_and_others_stay() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_000, 110_020), (1, 125_000, 125_010)), 0)

    after = jump(state, Shock(Target.INSTRUMENT, "EURUSD", -50.0), spread_factor=3.0)
    assert (after.bid[EURUSD], after.ask[EURUSD]) == pytest.approx((0.55005 - 0.0003, 0.55005 + 0.0003))
    assert (after.bid[GBPUSD], after.ask[GBPUSD]) == pytest.approx((1.25, 1.2501))


def test_a_price_nobody_knows_stays_unknown() -> None:
    state = desk()
    say(state, "MT5", pair("EURCHF", 3))

    assert np.isnan(jump(state, Shock(Target.EVERYTHING, "", 1.0)).bid[3])


def test_a_currency_pair_cannot_fall_to_nought_but_oil_can_fall_below_it() -> None:
    state = LiveState()
    snapshot(state, "MT5", pair("EURUSD", 0), thing("WTI", 1, kind=AssetClass.ENERGIES))
    state.apply_quotes("MT5", quotes((0, 110_000, 110_000), (1, 1_827, 1_827)), 0)

    after = jump(state, Shock(Target.EVERYTHING, "", -306.0))
    assert np.isnan(after.bid[0])
    assert after.bid[1] == pytest.approx(-37.6362)


def test_what_is_typed_is_read_and_written_the_same() -> None:
    state = desk()

    moves = read_shocks("eurusd -18, FX +2.5%, usd −3, all 5", state.symbols, state.currencies)
    assert moves == (
        Shock(Target.INSTRUMENT, "eurusd", -18.0),
        Shock(Target.ASSET_CLASS, "fx", 2.5),
        Shock(Target.CURRENCY, "USD", -3.0),
        Shock(Target.EVERYTHING, "", 5.0),
    )
    text = written(Shocks(moves))
    assert text == "eurusd -18, fx +2.5, USD -3, all +5"
    assert read_shocks(text, state.symbols, state.currencies) == moves


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type what moves"),
        ("EURUSD", "write a name and a percentage"),
        ("NOTHING -5", "no instrument, currency or class"),
        ("EURUSD -2000", "at most 1000 percent"),
        ("USD -100", "cannot lose more than all"),
    ],
)
def test_what_is_no_shock_is_refused_in_words(typed: str, said: str) -> None:
    state = desk()

    with pytest.raises(ShockError, match=said):
        read_shocks(typed, state.symbols, state.currencies)


def test_reversed_it_moves_as_far_the_other_way_with_the_same_spreads_and_halved_it_is_half_of_all() -> None:
    shocks = Shocks((Shock(Target.CURRENCY, "CHF", 20.0),), 5.0)

    assert shocks.times(-1.0) == Shocks((Shock(Target.CURRENCY, "CHF", -20.0),), 5.0)
    assert shocks.times(0.5) == Shocks((Shock(Target.CURRENCY, "CHF", 10.0),), 3.0)


def test_what_nobody_trades_here_is_named() -> None:
    state = desk()
    shocks = Shocks((Shock(Target.INSTRUMENT, "EURCHF", -18.0), Shock(Target.INSTRUMENT, "EURUSD", -1.0)))

    assert missing(state.symbols, state.currencies, shocks) == ("EURCHF",)
