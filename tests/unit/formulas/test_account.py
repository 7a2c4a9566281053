from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.account import FreeMarginMode, equity, free_margin, margin_level


def test_equity_adds_credit_floating_and_what_is_not_booked_yet() -> None:
    assert equity(Decimal(1000), Decimal(50), Decimal("-20.50"), Decimal("-1.25")) == Decimal("1028.25")


def test_free_margin_may_be_negative() -> None:
    assert free_margin(Decimal(100), Decimal(150)) == -50


def test_the_level_is_equity_in_percent_of_the_margin() -> None:
    assert margin_level(Decimal("100.00"), Decimal("300.00")) == Decimal("33.33")


def test_there_is_no_level_without_margin() -> None:
    assert margin_level(Decimal(100), Decimal(0)) is None


@pytest.mark.parametrize(
    ("mode", "floating", "left"),
    [
        (FreeMarginMode.ALL, "200", "900"),
        (FreeMarginMode.NONE, "200", "700"),
        (FreeMarginMode.PROFIT, "200", "900"),
        (FreeMarginMode.LOSS, "200", "700"),
        (FreeMarginMode.ALL, "-200", "500"),
        (FreeMarginMode.NONE, "-200", "700"),
        (FreeMarginMode.PROFIT, "-200", "700"),
        (FreeMarginMode.LOSS, "-200", "500"),
    ],
)
def test_a_group_says_which_floating_result_new_positions_may_use(
    mode: FreeMarginMode, floating: str, left: str
) -> None:
    equity_now = Decimal(1_000) + Decimal(floating)

    assert free_margin(equity_now, Decimal(300), Decimal(floating), mode) == Decimal(left)
