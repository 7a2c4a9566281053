from collections import Counter
from decimal import Decimal

import pytest

from dealerdesk.bridges.simulator.catalogue import available, drivers, instruments, symbol_name, symbols_of
from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Symbol
from dealerdesk.money import currency
from dealerdesk.trading import Platform

EVERYTHING = instruments(available())


def the(name: str) -> Instrument:
    return next(instrument for instrument in EVERYTHING if instrument.name == name)


def listed(platform: Platform, name: str) -> Symbol:
    return symbols_of(platform, [the(name)])[0]


def test_the_catalogue_reaches_the_full_demo_and_beyond():
    assert available() >= 400
    assert len({instrument.name for instrument in EVERYTHING}) == available()


def test_seventy_instruments_are_a_sensible_mix_of_all_six_classes():
    mix = Counter(instrument.asset_class.value for instrument in instruments(70))

    assert mix == {"fx": 30, "shares": 15, "indices": 10, "crypto": 8, "metals": 4, "energies": 3}


def test_the_best_known_of_every_class_come_first():
    first = {instrument.name for instrument in instruments(25)}

    assert first >= {"EURUSD", "USDJPY", "GBPUSD", "XAUUSD", "US500", "NAS100", "DE40", "XTIUSD", "BTCUSD", "AAPL"}
    assert instruments(1)[0].name == "EURUSD"


def test_a_shorter_catalogue_is_the_beginning_of_a_longer_one():
    assert instruments(70) == instruments(334)[:70]


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_a_count_outside_the_catalogue_is_refused_with_its_bounds(count):
    with pytest.raises(ValueError, match=f"expected 1 to {available()}, got {count}"):
        instruments(count)


@pytest.mark.parametrize(
    ("name", "contract", "digits", "profit", "margin"),
    [
        ("EURUSD", "100000", 5, "USD", "EUR"),
        ("USDJPY", "100000", 3, "JPY", "USD"),
        ("EURGBP", "100000", 5, "GBP", "EUR"),
        ("XAUUSD", "100", 2, "USD", "USD"),
        ("XAGUSD", "5000", 3, "USD", "USD"),
        ("XTIUSD", "1000", 2, "USD", "USD"),
        ("JP225", "100", 0, "JPY", "JPY"),
        ("DE40", "1", 1, "EUR", "EUR"),
        ("AAPL", "1", 2, "USD", "USD"),
        ("BTCUSD", "1", 2, "USD", "USD"),
    ],
)
def test_contract_facts_are_the_ones_brokers_use(name, contract, digits, profit, margin):
    instrument = the(name)

    assert instrument.contract_size == Decimal(contract)
    assert instrument.digits == digits
    assert (instrument.profit_currency, instrument.margin_currency) == (profit, margin)


def test_crosses_cost_what_their_legs_say():
    assert the("EURGBP").typical_price == pytest.approx(the("EURUSD").typical_price / the("GBPUSD").typical_price)
    assert the("EURJPY").typical_price == pytest.approx(the("EURUSD").typical_price * the("USDJPY").typical_price)
    assert the("XAUEUR").typical_price == pytest.approx(the("XAUUSD").typical_price / the("EURUSD").typical_price)


def test_everything_that_is_no_cross_has_a_driver_of_its_own():
    single = [i for i in EVERYTHING if not (i.numerator and i.denominator)]

    assert len({i.numerator or i.denominator for i in single}) == len(single) == len(drivers())


def test_every_driver_leaves_something_of_its_own_beside_the_common_factors():
    assert all(sum(loading**2 for loading in driver.loadings) < 1 for driver in drivers().values())


def test_every_instrument_is_whole():
    for instrument in EVERYTHING:
        for code in (instrument.base_currency, instrument.profit_currency, instrument.margin_currency):
            assert currency(code).code == code
        assert instrument.tick_size == Decimal(1).scaleb(-instrument.digits)
        assert 0 < instrument.volume_min <= instrument.volume_max
        assert instrument.volume_min % instrument.volume_step == 0
        assert instrument.volume_max % instrument.volume_step == 0
        assert instrument.margin_rate > 0
        assert 0.001 < instrument.annual_volatility < 1.5
        assert instrument.tick_weight > 0
        # a spread wider than 1.5 % or finer than a point would be a slip in the table
        assert instrument.typical_spread_points >= 1
        assert instrument.typical_spread_points / 10**instrument.digits < 0.015 * instrument.typical_price


@pytest.mark.parametrize("platform", list(Platform))
def test_symbols_keep_the_order_and_have_names_of_their_own(platform):
    symbols = symbols_of(platform, EVERYTHING)

    assert [symbol.index for symbol in symbols] == list(range(available()))
    assert [symbol.instrument for symbol in symbols] == [instrument.name for instrument in EVERYTHING]
    assert len({symbol.name for symbol in symbols}) == available()


@pytest.mark.parametrize(
    ("instrument", "mt4", "mt5", "ctrader"),
    [
        ("EURUSD", "EURUSD.m", "EURUSD", "EURUSD"),
        ("US500", "US500.m", "US500", "US 500"),
        ("XTIUSD", "XTIUSD.m", "XTIUSD", "SpotCrude"),
        ("AAPL", "#AAPL", "AAPL.US", "AAPL.US"),
        ("SAP.DE", "#SAP.DE", "SAP.DE", "SAP.DE"),
    ],
)
def test_each_platform_has_its_own_name_for_an_instrument(instrument, mt4, mt5, ctrader):
    assert symbol_name(Platform.MT4, the(instrument)) == mt4
    assert symbol_name(Platform.MT5, the(instrument)) == mt5
    assert symbol_name(Platform.CTRADER, the(instrument)) == ctrader


def test_mt4_names_fit_into_eleven_characters_and_volumes_into_hundredths_of_a_lot():
    for symbol in symbols_of(Platform.MT4, EVERYTHING):
        assert len(symbol.name) <= 11
        assert symbol.volume_min % (LOT // 100) == symbol.volume_step % (LOT // 100) == 0


def test_a_hedged_lot_of_eurusd_carries_half_a_contract_on_mt5_and_a_whole_one_elsewhere():
    assert listed(Platform.MT5, "EURUSD").hedged_contract_size == 50_000
    assert listed(Platform.MT4, "EURUSD").hedged_contract_size == 100_000
    assert listed(Platform.CTRADER, "EURUSD").hedged_contract_size == 100_000


def test_shares_are_exchange_stocks_on_mt5_alone_and_whole_on_mt4_alone():
    assert listed(Platform.MT5, "AAPL").calculation_mode is CalculationMode.EXCHANGE_STOCKS
    assert listed(Platform.MT4, "AAPL").calculation_mode is CalculationMode.CFD
    assert listed(Platform.MT4, "AAPL").volume_min == LOT
    assert listed(Platform.MT5, "AAPL").volume_min == LOT // 10


def test_a_tick_is_worth_tick_size_times_contract_so_that_index_formulas_hold():
    """Margin of a CFD index is L·CS·P·TV/TS, which is L·CS·P only where CS is 1."""
    for symbol in symbols_of(Platform.MT5, EVERYTHING):
        assert symbol.tick_value == symbol.tick_size * symbol.contract_size
        if symbol.calculation_mode is CalculationMode.CFD_INDEX:
            assert symbol.contract_size == 1


def test_a_shifted_calendar_moves_sessions_and_triple_swap_alike():
    plain, shifted = (symbols_of(Platform.MT5, [the("AAPL"), the("EURUSD")], days) for days in (0, 3))

    # three days ahead: what the market calls Thursday is on Monday by date
    assert plain[0].sessions[3].open_minute - 3 * 1_440 == shifted[0].sessions[0].open_minute
    assert plain[1].triple_swap_weekday == 2
    assert shifted[1].triple_swap_weekday == 6


def test_figures_of_forex_margin_count_in_the_base_currency():
    forex = [i for i in EVERYTHING if i.asset_class is AssetClass.FX]

    assert all(i.margin_currency == i.base_currency == i.name[:3] for i in forex)
    assert all(i.contract_size == 100_000 for i in forex)
