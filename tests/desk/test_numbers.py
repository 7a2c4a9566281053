from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.desk import numbers
from dealerdesk.desk.numbers import MINUS, NONE, THIN
from dealerdesk.money import Money, currency

NOON_US = 1_773_318_127_000_000  # 2026-03-12 12:22:07 UTC


def test_thousands_are_parted_by_thin_spaces() -> None:
    assert numbers.fixed(63532.17) == f"63{THIN}532.17"
    assert numbers.integer(45112) == f"45{THIN}112"
    assert numbers.fixed(1234567.5, 0) == f"1{THIN}234{THIN}568"


def test_a_signed_figure_says_its_sign_before_anything_else() -> None:
    assert numbers.signed(36.77) == "+36.77"
    assert numbers.signed(-3240, 0) == f"{MINUS}3{THIN}240"


@pytest.mark.parametrize("value", [0, 0.0, -0.0, 0.004, -0.004, Decimal("-0.001")])
def test_what_rounds_to_nought_has_no_sign(value: float) -> None:
    assert numbers.signed(value) == "0.00"
    assert numbers.fixed(value) == "0.00"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_not_known_is_a_dash(value: float | None) -> None:
    for shape in (numbers.fixed, numbers.signed, numbers.integer, numbers.percent, numbers.share, numbers.compact):
        assert shape(value) == NONE
    assert numbers.age(value) == NONE


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_a_figure_reads_back_as_itself(value: Decimal) -> None:
    for shape in (numbers.fixed, numbers.signed):
        assert Decimal(shape(value).replace(THIN, "").replace(MINUS, "-")) == value


def test_percent_and_share_have_their_sign_written() -> None:
    assert numbers.percent(58.0) == "58%"
    assert numbers.percent(-1.43, 2) == f"{MINUS}1.43%"
    assert numbers.share(-0.57) == "57%"


def test_large_figures_shrink_to_their_unit() -> None:
    assert numbers.compact(4_100_000) == "+4.1 M"
    assert numbers.compact(-61_430_000) == f"{MINUS}61.4 M"
    assert numbers.compact(85) == "+85"
    assert numbers.compact(2_500_000_000, with_sign=False) == "2.5 bn"
    assert numbers.compact(0) == "0"


def test_a_compact_figure_never_rounds_up_to_a_thousand_of_its_unit() -> None:
    assert numbers.compact(999_949) == "+999.9 k"
    assert numbers.compact(999_951) == "+1.0 M"


def test_lots_show_two_decimals_and_more_only_where_they_have_them() -> None:
    assert numbers.lots(10_000_000) == "0.10"
    assert numbers.lots(1_250_000_000, with_sign=True) == "+12.50"
    assert numbers.lots(100_000) == "0.001"
    assert numbers.lots(120_000_000_000) == f"1{THIN}200.00"


def test_money_is_exact_and_has_its_currencys_decimals() -> None:
    assert numbers.money(Money(125000, currency("EUR"))) == f"1{THIN}250.00 EUR"
    assert numbers.money(Money(-300, currency("JPY")), with_sign=True) == f"{MINUS}300 JPY"
    assert numbers.money(Money(12345678901234567890, currency("USD"))).startswith(f"123{THIN}456{THIN}789")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (110, "110 ms"),
        (1_800, "1.8 s"),
        (45_000, "45 s"),
        (720_000, "12 min"),
        (18_000_000, "5 h"),
        (345_600_000, "4 d"),
        (-1, NONE),
    ],
)
def test_an_age_is_told_in_the_unit_a_person_would_use(milliseconds: float, text: str) -> None:
    assert numbers.age(milliseconds) == text


def test_times_are_told_in_utc() -> None:
    assert numbers.clock_time(NOON_US) == "12:22:07"
    assert numbers.moment(NOON_US) == "12 Mar 12:22:07"
    assert numbers.day(NOON_US) == "12 Mar 2026"
    assert numbers.clock_time(0) == numbers.moment(0) == numbers.day(-5) == NONE


def test_text_from_outside_cannot_turn_the_line_about_or_break_it() -> None:
    assert numbers.plain("Jürgen Weiß") == "Jürgen Weiß"
    assert numbers.plain("one\ntwo\tthree") == "one two three"
    assert numbers.plain("abc\u202edcb\u200b") == "abcdcb"
    assert numbers.plain("<b>bold</b>") == "<b>bold</b>"


@given(st.text())
def test_plain_text_is_one_line_without_control_signs(text: str) -> None:
    made = numbers.plain(text)

    assert "\n" not in made
    assert not any(ord(sign) < 32 or ord(sign) == 127 for sign in made)


def test_one_of_a_kind_is_named_in_the_singular() -> None:
    assert [numbers.counted(count, "commands") for count in (0, 1, 2)] == ["0 commands", "1 command", "2 commands"]
    assert numbers.counted(12_345, "open positions") == "12\u2009345 open positions"
    assert numbers.counted(1, "open positions") == "1 open position"


def test_an_account_is_called_by_its_server_and_its_login() -> None:
    assert numbers.account("MT5", 703_311) == "MT5 703311"


def test_amounts_in_a_sentence_are_grouped_as_in_the_tables_and_other_figures_are_not() -> None:
    assert (
        numbers.spoken("Correction of 25000.00 USD to cTrader 3300192 (BANK-20831)")
        == "Correction of 25\u2009000.00 USD to cTrader 3300192 (BANK-20831)"
    )
    assert (
        numbers.spoken("42796.15 lots are open, 1200 or more need approval")
        == "42\u2009796.15 lots are open, 1\u2009200 or more need approval"
    )
    assert numbers.spoken("7500000 JPY, 999.00 USD since 2026") == "7\u2009500\u2009000 JPY, 999.00 USD since 2026"
    assert numbers.spoken("A-12345 USD") == "A-12345 USD"
