"""Whatever is uncovered and whatever an LP trades: a proposed order never leaves more open than before."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.dealing.coverage import ClientHolding, CoverageHolding, after, cover, flatten_to_limit, uncovered
from dealerdesk.dealing.hedging import HedgeMode, HedgeRule, HedgeState, decide
from dealerdesk.dealing.symbol_map import LpSymbol

UNITS = st.decimals(-10_000_000, 10_000_000, places=3)
LIMITS = st.decimals(0, 5_000_000, places=3)
SYMBOLS = st.builds(
    lambda factor, smallest: LpSymbol("prime", "X", "x", factor, smallest),
    st.sampled_from([Decimal(f) for f in ("0.01", "1", "10", "100", "100000")]),
    st.sampled_from([Decimal(s) for s in ("0.01", "0.1", "1", "1000")]),
)


@given(SYMBOLS, UNITS, LIMITS)
def test_after_flattening_the_uncovered_is_within_the_limit(symbol: LpSymbol, units: Decimal, limit: Decimal) -> None:
    left = after(units, flatten_to_limit(symbol, units, limit))

    assert abs(left) <= max(limit, symbol.step_units / 2)


@given(SYMBOLS, UNITS, LIMITS)
def test_no_order_ever_increases_the_uncovered(symbol: LpSymbol, units: Decimal, limit: Decimal) -> None:
    assert abs(after(units, flatten_to_limit(symbol, units, limit))) <= abs(units)
    assert abs(after(units, cover(symbol, units))) <= abs(units)


@given(SYMBOLS, UNITS, LIMITS)
def test_no_smaller_order_would_have_kept_the_limit(symbol: LpSymbol, units: Decimal, limit: Decimal) -> None:
    order = flatten_to_limit(symbol, units, limit)
    if order is not None and limit >= symbol.step_units / 2:
        assert abs(after(units, order)) + symbol.step_units > limit


@given(SYMBOLS, st.lists(UNITS, min_size=1, max_size=30), LIMITS, LIMITS)
def test_a_filled_band_rests_within_its_inner_band(
    symbol: LpSymbol, moves: list[Decimal], one: Decimal, other: Decimal
) -> None:
    rule = HedgeRule("X", HedgeMode.BAND, max(one, other), min(one, other))
    state, open_units = HedgeState(), Decimal(0)
    for at, move in enumerate(moves):
        open_units += move
        decision = decide(rule, symbol, open_units, state, at, killed=False)
        state = decision.state
        if decision.order is not None:
            before, open_units = open_units, after(open_units, decision.order)
            state = state.sent(at).settled(filled=True)
            assert abs(open_units) <= abs(before)
        assert abs(open_units) <= max(rule.trigger_units, symbol.step_units / 2)


@given(st.lists(st.tuples(UNITS, st.integers(0, 100)), max_size=20), st.lists(UNITS, max_size=5))
def test_the_order_of_holdings_does_not_matter(clients: list[tuple[Decimal, int]], lps: list[Decimal]) -> None:
    holdings = [ClientHolding("X", units, percent) for units, percent in clients]
    covers = [CoverageHolding("prime", "X", units) for units in lps]

    assert uncovered(holdings, covers) == uncovered(holdings[::-1], covers[::-1])
