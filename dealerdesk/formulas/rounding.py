"""Rounds amounts and prices the way trading platforms do. Decides nothing about which step is rounded.

Half away from zero on the decimal representation, never binary rounding: 0.125 is 0.13 and −0.125 is −0.13.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

PRICE_DIGITS_MAX = 11


def round_money(amount: Decimal, digits: int) -> Decimal:
    """`amount` in major units rounded half away from zero to `digits` decimals of its currency."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def round_price(price: Decimal, digits: int) -> Decimal:
    """`price` rounded half away from zero; raises ValueError beyond the 11 digits that platforms keep."""
    if not 0 <= digits <= PRICE_DIGITS_MAX:
        raise ValueError(f"digits: expected 0 to {PRICE_DIGITS_MAX}, got {digits}")
    return price.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def add_money(left: Decimal, right: Decimal, digits: int) -> Decimal:
    """The sum, rounded again as platforms do after each addition."""
    return round_money(left + right, digits)


def same_money(left: Decimal, right: Decimal, digits: int) -> bool:
    """Whether two amounts are the same money: less than a tenth of a minor unit apart."""
    return abs(left - right) < Decimal(1).scaleb(-digits - 1)
