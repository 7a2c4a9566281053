from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.profit import Contract, profit, profit_converted
from dealerdesk.instruments import CalculationMode as Mode
from dealerdesk.trading import Side

FX = Contract(Decimal(100_000))


def test_a_sold_pair_gains_when_it_falls() -> None:
    result = profit(Mode.FOREX, Side.SELL, Decimal("0.30"), Decimal("1.10250"), Decimal("1.10110"), FX)

    assert result.value == Decimal("42.00")


def test_forex_rounds_each_leg_and_a_cfd_only_the_result() -> None:
    sizes = Decimal("0.01"), Decimal("1.000004"), Decimal("1.000016")  # legs 1000.004 and 1000.016 in profit currency

    assert profit(Mode.FOREX, Side.BUY, *sizes, FX).value == Decimal("0.02")
    assert profit(Mode.CFD, Side.BUY, *sizes, FX).value == Decimal("0.01")


def test_the_unrounded_result_is_kept_beside_the_rounded_one() -> None:
    result = profit(Mode.FOREX, Side.BUY, Decimal("0.01"), Decimal("1.000004"), Decimal("1.000016"), FX)

    assert result.unrounded == Decimal("0.012")
    assert [(step.name, step.rounded) for step in result.steps] == [
        ("value at close", Decimal("1000.02")),
        ("value at open", Decimal("1000.00")),
        ("profit", Decimal("0.02")),
    ]


def test_futures_pay_by_tick() -> None:
    contract = Contract(Decimal(1), tick_value=Decimal("12.5"), tick_size=Decimal("0.25"))

    assert profit(
        Mode.FUTURES, Side.BUY, Decimal(2), Decimal("4000.00"), Decimal("4001.50"), contract
    ).value == Decimal("150.00")


def test_a_future_without_a_tick_size_is_refused() -> None:
    with pytest.raises(ValueError, match="tick_size"):
        profit(Mode.FUTURES, Side.BUY, Decimal(1), Decimal(1), Decimal(2), Contract(Decimal(1)))


def test_the_rounded_profit_is_what_is_converted() -> None:
    result = profit_converted(
        Mode.FOREX,
        Side.BUY,
        Decimal("0.10"),
        Decimal("150.001"),
        Decimal("150.151"),
        FX,
        rate=Decimal("0.0066"),
        profit_digits=0,
    )

    assert result.steps[2].rounded == 1500
    assert result.value == Decimal("9.90")
    assert result.steps[-1].rate == Decimal("0.0066")
