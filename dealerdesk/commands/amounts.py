"""Amounts as words of a sentence. No rules, no rounding."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.instruments import LOT
from dealerdesk.money import DEFAULT_EXPONENT, EXPONENTS


def money(minor: int, currency: str) -> str:
    """«100.00 USD» for 10000 minor units of USD; «10000 minor units» where the currency is not known."""
    if not currency:
        return f"{minor} minor units"
    exponent = EXPONENTS.get(currency, DEFAULT_EXPONENT)
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f} {currency}"


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end: «100», «0.5»."""
    return f"{number.normalize():f}"


def lots(volume: int) -> Decimal:
    """A volume of 1e-8 lots in lots."""
    return Decimal(volume) / LOT
