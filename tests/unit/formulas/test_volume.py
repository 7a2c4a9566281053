"""Lots in the platforms' own whole numbers."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.volume import platform_volumes


def test_a_lot_is_a_hundred_ten_thousand_and_ten_million_units() -> None:
    assert platform_volumes(Decimal("1.25"), Decimal(100_000)) == {
        "mt4": 125,
        "mt5": 12_500,
        "mt5_ext": 125_000_000,
        "ctrader": 12_500_000,
    }


def test_a_platform_whose_unit_is_too_coarse_has_no_number_for_it() -> None:
    assert platform_volumes(Decimal("0.001"), Decimal(1)) == {
        "mt4": None,
        "mt5": 10,
        "mt5_ext": 100_000,
        "ctrader": None,
    }
