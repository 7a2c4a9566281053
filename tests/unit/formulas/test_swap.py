"""Swap of one rollover, and what weekdays charge."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dealerdesk.formulas.profit import Contract
from dealerdesk.formulas.swap import WEEKDAYS, SwapKind, SwapTerms, reopened_at, swap, swap_days
from dealerdesk.instruments import CalculationMode as Mode
from dealerdesk.trading import Side


def terms(kind: SwapKind, long: str, short: str = "0", mode: Mode = Mode.FOREX, **contract: str) -> SwapTerms:
    amounts = {name: Decimal(amount) for name, amount in contract.items()}
    return SwapTerms(
        kind,
        mode,
        Contract(**({"contract_size": Decimal(100_000)} | amounts)),
        Decimal("0.00001"),
        Decimal(long),
        Decimal(short),
    )


def test_in_points_the_value_of_one_point_is_rounded_before_it_is_multiplied() -> None:
    # 0.37 lot: one point is 0.37 CHF = 0.4144 USD, so 0.41; × −7.25 is −2.97, and not −3.00
    rule = terms(SwapKind.POINTS, "-7.25")

    assert swap(rule, Side.BUY, Decimal("0.37"), Decimal(0), conversion=Decimal("1.12")).value == Decimal("-2.97")


def test_without_that_rounding_the_whole_swap_is_rounded_once() -> None:
    rule = replace(terms(SwapKind.POINTS, "-7.25"), rounds_point=False)
    found = swap(rule, Side.BUY, Decimal("0.37"), Decimal(0), conversion=Decimal("1.12"), multiplier=Decimal(3))

    # 0.4144 × −7.25 × 3 = −9.0132
    assert found.value == Decimal("-9.01")


def test_a_triple_night_charges_three_rounded_nights() -> None:
    rule = terms(SwapKind.POINTS, "0", "1.5")

    assert swap(rule, Side.SELL, Decimal("0.15"), Decimal(0), multiplier=Decimal(3)).value == Decimal("0.69")


def test_money_per_lot_is_converted() -> None:
    assert swap(
        terms(SwapKind.CURRENCY, "-3.5"), Side.BUY, Decimal(2), Decimal(0), conversion=Decimal("0.5")
    ).value == Decimal("-3.50")


def test_interest_of_a_currency_pair_is_paid_on_the_base_currency() -> None:
    assert swap(terms(SwapKind.INTEREST_CURRENT, "5"), Side.BUY, Decimal(1), Decimal("1.3")).value == Decimal("13.89")


def test_interest_of_a_cfd_is_paid_on_its_value() -> None:
    rule = terms(SwapKind.INTEREST_OPEN, "0", "-3.6", Mode.CFD, contract_size="10")

    assert swap(rule, Side.SELL, Decimal(2), Decimal(500)).value == Decimal("-1.00")


def test_interest_of_a_future_counts_its_ticks() -> None:
    rule = terms(
        SwapKind.INTEREST_CURRENT, "3.6", "0", Mode.FUTURES, contract_size="1", tick_value="5", tick_size="0.5"
    )

    assert swap(rule, Side.BUY, Decimal(3), Decimal(100)).value == Decimal("0.30")


def test_reopening_in_the_clients_favour_makes_a_purchase_cheaper_and_a_sale_dearer() -> None:
    rule = terms(SwapKind.REOPEN_CLOSE, "12", "12")

    assert reopened_at(rule, Side.BUY, Decimal("1.10000")) == Decimal("1.09988")
    assert reopened_at(rule, Side.SELL, Decimal("1.10000")) == Decimal("1.10012")
    with pytest.raises(ValueError, match="mode: reopen_close changes the open price"):
        swap(rule, Side.BUY, Decimal(1), Decimal(1))


def test_a_holiday_is_charged_on_the_last_working_day_before_it() -> None:
    week = dict(zip(WEEKDAYS, map(Decimal, (0, 1, 1, 3, 1, 1, 0)), strict=True))

    assert swap_days(week, ["thursday", "monday"], considers_holidays=True) == {
        "sunday": 0,
        "monday": 0,
        "tuesday": 1,
        "wednesday": 4,
        "thursday": 0,
        "friday": 2,
        "saturday": 0,
    }
    assert swap_days(week, ["thursday"], considers_holidays=False) == week


def test_two_holidays_in_a_row_are_both_charged_before_them() -> None:
    week = dict(zip(WEEKDAYS, map(Decimal, (0, 1, 1, 3, 1, 1, 0)), strict=True))

    found = swap_days(week, ["thursday", "friday"], considers_holidays=True)
    assert (found["wednesday"], found["thursday"], found["friday"]) == (5, 0, 0)
