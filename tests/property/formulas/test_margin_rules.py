"""Margin, tiers and stop-out against what one would do on paper, position by position."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.formulas.margin import HedgeRule, Leg, MarginTerms
from dealerdesk.formulas.profit import Contract
from dealerdesk.formulas.stop_out import Funds, Resting, StopOutTerms, Threatened, stop_out
from dealerdesk.formulas.symbol_margin import GroupRules, Holdings, Pending, margin_parts, result_of, symbol_margin
from dealerdesk.formulas.tiers import Tier, tiered_margin
from dealerdesk.instruments import CalculationMode as Mode
from dealerdesk.trading import Accounting, OrderType, Side

LOTS = st.integers(1, 5_000).map(lambda hundredths: Decimal(hundredths) / 100)
PRICES = st.integers(1_000, 200_000).map(lambda points: Decimal(points) / 1_000)
RATES = st.integers(0, 40).map(lambda tenths: Decimal(tenths) / 10)
LEGS = st.lists(st.builds(Leg, st.sampled_from(Side), LOTS, PRICES), max_size=8)
PENDINGS = st.lists(st.builds(Pending, st.sampled_from(OrderType), LOTS, PRICES), max_size=5)
MODES = st.sampled_from([Mode.FOREX, Mode.FOREX_NO_LEVERAGE, Mode.CFD, Mode.CFD_LEVERAGE, Mode.EXCHANGE_STOCKS])
MONEY = st.integers(-200_000, 200_000).map(lambda cents: Decimal(cents) / 100)
AMOUNTS = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)
CLOSE = Decimal("1e-15")


def terms_of(mode: Mode, buy: Decimal = Decimal(1), sell: Decimal = Decimal(1)) -> MarginTerms:
    rates = {OrderType.BUY_LIMIT: Decimal("0.5"), OrderType.SELL_STOP: Decimal(2)}
    return MarginTerms(mode, Contract(Decimal(1_000)), rate_buy=buy, rate_sell=sell, order_rates=rates)


def on_paper(mode: Mode, lots: Decimal, price: Decimal, leverage: int) -> Decimal:
    amount = lots * 1_000
    if mode in {Mode.CFD, Mode.CFD_LEVERAGE, Mode.EXCHANGE_STOCKS}:
        amount *= price
    return amount / leverage if mode in {Mode.FOREX, Mode.CFD_LEVERAGE} else amount


def close(left: Decimal, right: Decimal) -> bool:
    return abs(left - right) <= CLOSE * (1 + abs(left) + abs(right))


@given(MODES, LEGS, PENDINGS, RATES, RATES, st.integers(1, 500))
def test_the_larger_side_is_a_sum_over_its_positions_and_orders(
    mode: Mode, legs: list[Leg], orders: list[Pending], buy: Decimal, sell: Decimal, leverage: int
) -> None:
    terms = terms_of(mode, buy, sell)
    rules = GroupRules(leverage, hedge_rule=HedgeRule.LARGER_LEG)
    sums = {Side.BUY: Decimal(0), Side.SELL: Decimal(0)}
    for leg in legs:
        sums[leg.side] += on_paper(mode, leg.lots, leg.price, leverage) * (buy if leg.side is Side.BUY else sell)
    for order in orders:
        side = Side.BUY if order.kind.value.startswith("buy") else Side.SELL
        sums[side] += on_paper(mode, order.lots, order.price, leverage) * terms.order_rates.get(order.kind, Decimal(0))

    assert close(result_of(margin_parts(terms, Holdings(legs, orders), rules)).unrounded, max(sums.values()))


@given(MODES, st.lists(st.tuples(LOTS, PRICES), min_size=1, max_size=6), st.sampled_from(Side), st.integers(1, 500))
def test_positions_on_one_side_cost_the_same_under_every_hedging_rule(
    mode: Mode, held: list[tuple[Decimal, Decimal]], side: Side, leverage: int
) -> None:
    legs = [Leg(side, lots, price) for lots, price in held]
    paper = sum((on_paper(mode, lots, price, leverage) for lots, price in held), Decimal(0))

    for rule in HedgeRule:
        assert close(symbol_margin(terms_of(mode), legs, leverage, rule).unrounded, paper)


@given(MODES, LEGS, PENDINGS, st.sampled_from(Accounting), st.sampled_from(HedgeRule), st.integers(1, 500))
def test_margin_does_not_depend_on_the_order_in_which_things_are_given(
    mode: Mode, legs: list[Leg], orders: list[Pending], accounting: Accounting, rule: HedgeRule, leverage: int
) -> None:
    terms, rules = terms_of(mode), GroupRules(leverage, accounting, rule)
    forth = result_of(margin_parts(terms, Holdings(legs, orders), rules)).unrounded
    back = result_of(margin_parts(terms, Holdings(legs[::-1], orders[::-1]), rules)).unrounded

    assert forth >= 0
    assert close(forth, back)


@given(AMOUNTS, LOTS, st.lists(st.tuples(st.integers(1, 20), RATES), min_size=1, max_size=5))
def test_tiers_charge_every_hundredth_of_a_lot_at_the_rate_of_where_it_lies(
    margin: Decimal, lots: Decimal, steps: list[tuple[int, Decimal]]
) -> None:
    tiers, begin = [], Decimal(0)
    for width, rate in steps:
        tiers.append(Tier(begin, begin + width, rate))
        begin += width
    tiers[-1] = Tier(tiers[-1].begin, None, tiers[-1].rate)
    hundredths = int(lots * 100)
    paper = sum(
        (next(t.rate for t in tiers if t.end is None or Decimal(at) / 100 < t.end) for at in range(hundredths)),
        Decimal(0),
    )

    assert close(tiered_margin(margin, lots, tiers).unrounded, margin * paper / hundredths)


@given(
    MONEY,
    st.lists(st.tuples(MONEY, AMOUNTS), max_size=7),
    st.lists(AMOUNTS, max_size=4),
    st.integers(0, 150),
    st.booleans(),
)
def test_a_stop_out_ends_above_its_level_or_with_nothing_left(
    balance: Decimal, held: list[tuple[Decimal, Decimal]], orders: list[Decimal], threshold: int, is_protected: bool
) -> None:
    positions = [Threatened(f"p{n}", profit, margin) for n, (profit, margin) in enumerate(held)]
    resting = [Resting(f"o{n}", margin) for n, margin in enumerate(orders)]
    terms = StopOutTerms(Decimal(threshold), negative_balance_protection=is_protected)
    found = stop_out(Funds(balance), positions, resting, terms)

    gone = [action.id for action in found.actions]
    left = [each for each in positions if each.id not in gone]
    waiting = [each for each in resting if each.id not in gone]
    equity = found.balance + sum((each.profit for each in left), Decimal(0))
    margin = sum((each.margin for each in (*left, *waiting)), Decimal(0))
    assert equity == balance + sum((each.profit for each in positions), Decimal(0))
    assert not margin or equity * 100 > threshold * margin or not (left or any(each.margin for each in waiting))
    assert len(gone) == len(set(gone))
    closed = [each.profit for name in gone for each in positions if each.id == name]
    assert closed == sorted(closed)
    assert found.compensation >= 0
    assert found.compensation == 0 or (is_protected and not left and found.compensation == -found.balance)
