"""Our instruments as an LP knows them: its symbol, its unit of amount, its smallest amount. Pure; it knows no session.

Our side counts in units of what is traded (base currency, ounces, index contracts), as a signed Decimal: positive is
long. The LP counts in its own amounts. An instrument that is not mapped is refused, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)


class UnmappedError(ValueError):
    """An instrument that this LP is not known to trade; the text names both."""


@dataclass(frozen=True, slots=True)
class LpSymbol:
    """One instrument at one LP.

    `units_per_amount` is the amount factor: how many of our units are in 1 of the LP's amount. `amount_min` is the
    LP's smallest amount and the step of all others; `amount_max` is the most that it takes in one order, 0 for no
    limit. Both are in the LP's amount.
    """

    lp: str
    instrument: str
    symbol: str
    units_per_amount: Decimal = Decimal(1)
    amount_min: Decimal = Decimal(1)
    amount_max: Decimal = ZERO

    def __post_init__(self) -> None:
        if self.units_per_amount <= 0 or self.amount_min <= 0:
            raise ValueError(f"{self.lp} {self.symbol}: amount factor and smallest amount must be positive")
        if self.amount_max < 0 or self.amount_max % self.amount_min:
            raise ValueError(f"{self.lp} {self.symbol}: the largest amount must be a multiple of the smallest")

    @property
    def step_units(self) -> Decimal:
        """The smallest amount in our units."""
        return self.units_per_amount * self.amount_min

    def units(self, amount: Decimal) -> Decimal:
        """An amount of the LP's in our units."""
        return amount * self.units_per_amount

    def nearest(self, units: Decimal) -> Decimal:
        """The tradable amount nearest to `units` (not negative), halves up: 1.74 gives 2, 1.49 gives 1."""
        return self._steps(units, ROUND_HALF_UP)

    def at_least(self, units: Decimal) -> Decimal:
        """The smallest tradable amount that is not below `units`."""
        return self._steps(units, ROUND_CEILING)

    def at_most(self, units: Decimal) -> Decimal:
        """The largest tradable amount that is not above `units`."""
        return self._steps(units, ROUND_FLOOR)

    def orders(self, amount: Decimal) -> tuple[Decimal, ...]:
        """`amount` in as few orders as the LP's largest amount allows."""
        if not self.amount_max or amount <= self.amount_max:
            return (amount,) if amount else ()
        whole, rest = divmod(amount, self.amount_max)
        return (self.amount_max,) * int(whole) + ((rest,) if rest else ())

    def _steps(self, units: Decimal, rounding: str) -> Decimal:
        if units < 0:
            raise ValueError(f"{self.lp} {self.symbol}: an amount has no side, got {units}")
        steps = (units / self.step_units).quantize(Decimal(1), rounding=rounding)
        return steps * self.amount_min


class SymbolMap:
    """What one LP trades, by our instrument and by its symbol. ValueError when either stands there twice."""

    def __init__(self, lp: str, symbols: Iterable[LpSymbol]) -> None:
        self.lp = lp
        self._ours: dict[str, LpSymbol] = {}
        self._theirs: dict[str, LpSymbol] = {}
        for symbol in symbols:
            if symbol.lp != lp or symbol.instrument in self._ours or symbol.symbol in self._theirs:
                raise ValueError(f"{lp}: {symbol.instrument} = {symbol.symbol} of {symbol.lp} cannot be mapped again")
            self._ours[symbol.instrument] = symbol
            self._theirs[symbol.symbol] = symbol

    def of(self, instrument: str) -> LpSymbol:
        """The LP's symbol for our instrument; raises UnmappedError."""
        try:
            return self._ours[instrument]
        except KeyError:
            raise UnmappedError(f"{instrument} is not mapped to a symbol of {self.lp}") from None

    def named(self, symbol: str) -> LpSymbol:
        """Our instrument for the LP's symbol; raises UnmappedError."""
        try:
            return self._theirs[symbol]
        except KeyError:
            raise UnmappedError(f"{symbol} of {self.lp} is not mapped to an instrument") from None
