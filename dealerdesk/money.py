"""Money: exact amounts with their currency. No exchange rates, no formatting for the screen, no I/O.

An amount is an integer of minor units; the currency says how many decimals those are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

DEFAULT_EXPONENT = 2
# ISO 4217 and the field's own units where they differ from two decimals
EXPONENTS = {
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "VND": 0,
    "HUF": 2,
    "BHD": 3,
    "KWD": 3,
    "OMR": 3,
    "TND": 3,
    "JOD": 3,
    "USDT": 6,
    "USDC": 6,
    "BTC": 8,
    "ETH": 8,
}


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies were added, subtracted or compared."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its code and the number of decimals of its minor unit."""

    code: str
    exponent: int

    def __str__(self) -> str:
        return self.code


@lru_cache(maxsize=512)
def currency(code: str) -> Currency:
    """The currency of a code; raises ValueError for anything that is not 3 to 5 capital letters."""
    if not (3 <= len(code) <= 5 and code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError(f"currency: expected 3 to 5 capital letters, got {code!r}")
    return Currency(code, EXPONENTS.get(code, DEFAULT_EXPONENT))


USD = currency("USD")
EUR = currency("EUR")
GBP = currency("GBP")
JPY = currency("JPY")


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` integer minor units of `currency`; may be negative."""

    minor: int
    currency: Currency

    @classmethod
    def of(cls, amount: Decimal | str, unit: Currency) -> Money:
        """`amount` in major units, rounded half away from zero to the minor unit."""
        return cls(to_minor(Decimal(amount), unit.exponent), unit)

    @property
    def amount(self) -> Decimal:
        """The exact amount in major units."""
        return Decimal(self.minor).scaleb(-self.currency.exponent)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:.{self.currency.exponent}f} {self.currency.code}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def to_minor(amount: Decimal, exponent: int) -> int:
    """`amount` major units as integer minor units, rounded half away from zero."""
    return int(amount.scaleb(exponent).quantize(Decimal(1), rounding=ROUND_HALF_UP))
