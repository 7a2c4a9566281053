"""Doubles as platforms keep them, and exact figures out of them again. What an adapter must know besides a record.

A platform's money and prices are binary doubles or scaled integers; a row's are exact. The way back goes through the
shortest decimal text of the double and the known number of decimals, so that 0.1 + 0.2 never arrives as 30000000004.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dealerdesk.instruments import Symbol
from dealerdesk.money import to_minor
from dealerdesk.trading import Book

RATE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What the adapter knows when it reads a record: the symbol, the decimals of the account's money, about what time
    it is (µs UTC, to read a server's clock in the hour that it repeats), and the account's book at that time."""

    symbol: Symbol | None
    money_digits: int
    near_us: int
    book: Book = Book.B


def money_to_double(minor: int, digits: int) -> float:
    """Minor units as a platform's double of major units."""
    return float(Decimal(minor).scaleb(-digits))


def money_from_double(amount: float, digits: int) -> int:
    """A platform's double of major units as exact minor units."""
    return to_minor(Decimal(repr(amount)), digits)


def price_from_double(price: float, digits: int) -> Decimal:
    """A platform's double as an exact price with `digits` decimals."""
    return Decimal(repr(price)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def level_from_double(price: float, digits: int) -> Decimal | None:
    """A stop or target; platforms write 0 for none."""
    return price_from_double(price, digits) if price else None


def rate_from_double(rate: float) -> Decimal:
    """A conversion rate, ten decimals."""
    return Decimal(repr(rate)).quantize(Decimal(1).scaleb(-RATE_DIGITS), rounding=ROUND_HALF_UP).normalize()


def symbol_of(known: Known) -> Symbol:
    """The symbol of a record that must have one; raises ValueError otherwise."""
    if known.symbol is None:
        raise ValueError("a record with a symbol that this server does not list")
    return known.symbol
