from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.dealing.symbol_map import LpSymbol, SymbolMap, UnmappedError

GOLD = LpSymbol("prime", "XAUUSD", "XAU/USD", units_per_amount=Decimal(100), amount_max=Decimal(5))


@pytest.mark.parametrize(
    ("units", "amount"), [("174", "2"), ("149", "1"), ("150", "2"), ("49.999", "0"), ("50", "1"), ("0", "0")]
)
def test_an_amount_is_rounded_to_the_nearest_smallest_amount(units: str, amount: str) -> None:
    assert GOLD.nearest(Decimal(units)) == Decimal(amount)


def test_thirty_percent_of_5_8_is_traded_as_2() -> None:
    lots = LpSymbol("prime", "EURUSD", "EUR/USD")

    assert lots.nearest(Decimal("5.8") * 30 / 100) == 2


def test_amounts_are_multiples_of_the_smallest_one() -> None:
    index = LpSymbol("prime", "US500", "SPX", units_per_amount=Decimal(10), amount_min=Decimal("0.1"))

    assert index.at_least(Decimal("10.1")) == Decimal("1.1")
    assert index.at_most(Decimal("10.9")) == Decimal("1.0")
    assert index.step_units == 1


def test_an_order_larger_than_the_lp_takes_is_split() -> None:
    assert GOLD.orders(Decimal(12)) == (5, 5, 2)
    assert GOLD.orders(Decimal(5)) == (5,)
    assert GOLD.orders(Decimal(0)) == ()


def test_an_unmapped_instrument_is_refused_by_name() -> None:
    prime = SymbolMap("prime", [GOLD])

    assert prime.of("XAUUSD") is GOLD
    assert prime.named("XAU/USD") is GOLD
    with pytest.raises(UnmappedError, match="EURUSD is not mapped to a symbol of prime"):
        prime.of("EURUSD")
    with pytest.raises(UnmappedError, match="EUR/USD of prime is not mapped"):
        prime.named("EUR/USD")


def test_two_instruments_cannot_share_an_lp_symbol() -> None:
    with pytest.raises(ValueError, match="cannot be mapped again"):
        SymbolMap("prime", [GOLD, LpSymbol("prime", "GOLD", "XAU/USD")])


def test_a_map_with_impossible_amounts_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        LpSymbol("prime", "EURUSD", "EUR/USD", units_per_amount=Decimal(0))
    with pytest.raises(ValueError, match="multiple of the smallest"):
        LpSymbol("prime", "EURUSD", "EUR/USD", amount_min=Decimal(2), amount_max=Decimal(5))
    with pytest.raises(ValueError, match="has no side"):
        GOLD.nearest(Decimal(-1))
