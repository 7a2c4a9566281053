from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.account import equity, free_margin, margin_level


def test_equity_adds_credit_floating_and_what_is_not_booked_yet() -> None:
    assert equity(Decimal(1000), Decimal(50), Decimal("-20.50"), Decimal("-1.25")) == Decimal("1028.25")


def test_free_margin_may_be_negative() -> None:
    assert free_margin(Decimal(100), Decimal(150)) == -50


def test_the_level_is_equity_in_percent_of_the_margin() -> None:
    assert margin_level(Decimal("100.00"), Decimal("300.00")) == Decimal("33.33")


def test_there_is_no_level_without_margin() -> None:
    assert margin_level(Decimal(100), Decimal(0)) is None
