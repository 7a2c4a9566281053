from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.margin import HedgeRule, Leg, MarginTerms, lots_of, position_margin
from dealerdesk.formulas.profit import Contract
from dealerdesk.formulas.symbol_margin import symbol_margin
from dealerdesk.instruments import CalculationMode as Mode
from dealerdesk.trading import Side

FX = Contract(Decimal(100_000))


def buy(lots: str, price: str = "1.0") -> Leg:
    return Leg(Side.BUY, Decimal(lots), Decimal(price))


def sell(lots: str, price: str = "1.0") -> Leg:
    return Leg(Side.SELL, Decimal(lots), Decimal(price))


def test_the_larger_leg_of_a_hedge_carries_the_margin() -> None:
    terms = MarginTerms(Mode.FOREX_NO_LEVERAGE, FX)

    assert symbol_margin(terms, [buy("1.00"), sell("0.40")], 100, HedgeRule.LARGER_LEG).value == 100_000


def test_basic_hedging_counts_the_uncovered_and_the_covered_part() -> None:
    terms = MarginTerms(Mode.FOREX, FX, hedged=Decimal(50_000))

    result = symbol_margin(terms, [buy("2"), sell("0.5")], 200)

    assert [(step.name, step.rounded) for step in result.steps] == [
        ("uncovered", Decimal("750.00")),
        ("covered", Decimal("125.00")),
        ("margin", Decimal("875.00")),
    ]


def test_without_a_hedged_size_covered_volume_is_free() -> None:
    assert symbol_margin(MarginTerms(Mode.FOREX, FX), [buy("2"), sell("0.5")], 200).value == 750


def test_the_uncovered_part_stands_at_the_average_of_the_larger_side() -> None:
    terms = MarginTerms(Mode.CFD, Contract(Decimal(10)), hedged=Decimal(10))
    legs = [buy("1", "100"), buy("1", "200"), sell("1", "300")]

    result = symbol_margin(terms, legs, 1)

    assert result.steps[0].rounded == 1500  # 1 lot × 10 × 150
    assert result.steps[1].rounded == 2000  # 1 lot × 10 × 200, the average of all three


def test_margins_by_mode_of_one_position() -> None:
    index = Contract(Decimal(10), tick_value=Decimal("0.5"), tick_size=Decimal("0.1"))
    cases = {
        Mode.FOREX: (FX, buy("1", "1.5"), "1000.00"),
        Mode.FOREX_NO_LEVERAGE: (FX, buy("1", "1.5"), "100000.00"),
        Mode.CFD: (Contract(Decimal(10)), buy("2", "50"), "1000.00"),
        Mode.EXCHANGE_STOCKS: (Contract(Decimal(1)), buy("3", "50"), "150.00"),
        Mode.CFD_LEVERAGE: (Contract(Decimal(10)), buy("2", "50"), "10.00"),
        Mode.CFD_INDEX: (index, buy("1", "20"), "1000.00"),
    }
    for mode, (contract, leg, expected) in cases.items():
        assert position_margin(MarginTerms(mode, contract), leg, 100).value == Decimal(expected), mode


def test_a_fixed_margin_replaces_the_mode_and_only_forex_and_leveraged_cfds_divide_it() -> None:
    assert position_margin(MarginTerms(Mode.FUTURES, FX, initial=Decimal(1200)), buy("2"), 100).value == 2400
    assert position_margin(MarginTerms(Mode.CFD, FX, initial=Decimal(1200)), buy("2"), 100).value == 2400
    assert position_margin(MarginTerms(Mode.FOREX, FX, initial=Decimal(1200)), buy("2"), 100).value == 24
    assert position_margin(MarginTerms(Mode.CFD_LEVERAGE, FX, initial=Decimal(1200)), buy("2"), 100).value == 24


def test_each_side_has_its_rate_and_covered_volume_their_mean() -> None:
    terms = MarginTerms(Mode.FOREX, FX, hedged=Decimal(100_000), rate_buy=Decimal(1), rate_sell=Decimal(2))

    result = symbol_margin(terms, [buy("1"), sell("3")], 100)

    assert result.steps[0].rounded == 4000
    assert result.steps[1].rounded == 1500


def test_no_positions_need_no_margin() -> None:
    assert symbol_margin(MarginTerms(Mode.CFD, FX), [], 100).value == 0


def test_volume_is_an_integer_of_1e_8_lot() -> None:
    assert lots_of(1_000_000) == Decimal("0.01")
