"""Margin of an account on one symbol, by accounting and hedging rule."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.margin import HedgeRule, Leg, MarginTerms
from dealerdesk.formulas.profit import Contract
from dealerdesk.formulas.symbol_margin import (
    ConvertAt,
    GroupRules,
    Holdings,
    Pending,
    lots_charged,
    margin_parts,
    result_of,
    symbol_margin,
)
from dealerdesk.instruments import CalculationMode as Mode
from dealerdesk.trading import Accounting, OrderType, Side

FX = Contract(Decimal(100_000))
ALL = dict.fromkeys(OrderType, Decimal(1))


def buy(lots: str, price: str = "1.0") -> Leg:
    return Leg(Side.BUY, Decimal(lots), Decimal(price))


def sell(lots: str, price: str = "1.0") -> Leg:
    return Leg(Side.SELL, Decimal(lots), Decimal(price))


def pending(kind: OrderType, lots: str, price: str = "1.0") -> Pending:
    return Pending(kind, Decimal(lots), Decimal(price))


def margin(terms: MarginTerms, held: Holdings, rules: GroupRules) -> Decimal:
    return result_of(margin_parts(terms, held, rules)).value


def test_the_larger_leg_counts_its_pending_orders_too() -> None:
    terms = MarginTerms(Mode.FOREX, FX, order_rates=ALL)
    rules = GroupRules(100, hedge_rule=HedgeRule.LARGER_LEG)
    held = Holdings([buy("1"), sell("0.4")], [pending(OrderType.SELL_STOP, "0.8")])

    assert margin(terms, held, rules) == 1_200


def test_a_pending_order_without_a_rate_binds_no_margin() -> None:
    terms = MarginTerms(Mode.FOREX, FX, order_rates={OrderType.BUY_LIMIT: Decimal("0.5")})
    held = Holdings([buy("1")], [pending(OrderType.BUY_LIMIT, "2"), pending(OrderType.SELL_STOP, "5")])

    assert margin(terms, held, GroupRules(100)) == 2_000
    assert lots_charged(terms, held) == 3


def test_a_pair_on_mt4_demands_its_hedged_size_for_each_of_its_legs() -> None:
    terms = MarginTerms(Mode.FOREX, FX, hedged=Decimal(50_000))
    legs = [buy("1"), sell("1")]

    assert symbol_margin(terms, legs, 100, HedgeRule.BOTH_LEGS).value == 1_000
    assert symbol_margin(terms, legs, 100, HedgeRule.BASIC).value == 500


def test_with_a_fixed_margin_the_covered_lots_cost_an_amount_each() -> None:
    terms = MarginTerms(Mode.FUTURES, FX, initial=Decimal(2_000), hedged=Decimal(300))

    assert symbol_margin(terms, [buy("3"), sell("1")], 1).value == 4_300


def test_holding_a_future_demands_its_maintenance_margin_and_opening_one_its_initial_margin() -> None:
    terms = MarginTerms(Mode.FUTURES, FX, initial=Decimal(2_000), maintenance=Decimal(1_500))
    held = Holdings([buy("2")])

    assert margin(terms, held, GroupRules(1)) == 3_000
    assert margin(terms, Holdings([buy("2")], placing=buy("1")), GroupRules(1)) == 5_000


def test_covered_lots_take_the_mean_of_both_rates_and_the_average_price_of_all_positions() -> None:
    terms = MarginTerms(Mode.CFD, Contract(Decimal(100)), hedged=Decimal(50), rate_buy=Decimal(1), rate_sell=Decimal(2))
    # uncovered: 2 lots bought at 11 on average; covered: 1 lot at (3 × 11 + 14) / 4 = 11.75
    result = result_of(margin_parts(terms, Holdings([buy("1", "9"), buy("2", "12"), sell("1", "14")]), GroupRules(1)))

    assert [(step.name, step.rounded) for step in result.steps] == [
        ("uncovered", Decimal("2200.00")),
        ("covered", Decimal("881.25")),
        ("margin", Decimal("3081.25")),
    ]


def test_where_the_symbol_is_the_pair_each_part_converts_at_its_own_open_price() -> None:
    terms = MarginTerms(Mode.FOREX, FX, hedged=Decimal(100_000))
    rules = GroupRules(100, conversion=ConvertAt(None))
    # uncovered 1 lot at 1.20, covered 1 lot at (2 × 1.20 + 1.14) / 3 = 1.18
    assert margin(terms, Holdings([buy("2", "1.20"), sell("1", "1.14")]), rules) == 2_380


def test_netting_an_opposite_order_up_to_the_position_demands_nothing_more() -> None:
    terms = MarginTerms(Mode.FOREX, FX, order_rates=ALL)
    rules = GroupRules(100, Accounting.NETTING)

    assert margin(terms, Holdings([buy("2")], [pending(OrderType.SELL_LIMIT, "2")]), rules) == 2_000
    assert margin(terms, Holdings([buy("2")], [pending(OrderType.SELL_LIMIT, "3")]), rules) == 2_000
    assert margin(terms, Holdings([buy("2")], [pending(OrderType.SELL_LIMIT, "5")]), rules) == 3_000


def test_netting_an_order_along_the_position_adds_up() -> None:
    terms = MarginTerms(Mode.FOREX, FX, order_rates=ALL)
    rules = GroupRules(100, Accounting.NETTING)
    pending_along = Holdings([sell("2")], [pending(OrderType.SELL_STOP, "1")])

    assert margin(terms, pending_along, rules) == 3_000
    assert margin(terms, Holdings([sell("2")], placing=sell("1")), rules) == 3_000


def test_an_exchange_account_pays_for_the_dearer_of_its_two_sides() -> None:
    terms = MarginTerms(Mode.FUTURES, FX, initial=Decimal(1_000), rate_sell=Decimal(2), order_rates=ALL)
    held = Holdings([buy("3")], [pending(OrderType.BUY_LIMIT, "1"), pending(OrderType.SELL_LIMIT, "3")])

    assert margin(terms, held, GroupRules(1, Accounting.EXCHANGE)) == 4_000


def test_nothing_open_demands_nothing() -> None:
    terms = MarginTerms(Mode.CFD, FX)

    for accounting in Accounting:
        assert margin(terms, Holdings(), GroupRules(100, accounting)) == 0
