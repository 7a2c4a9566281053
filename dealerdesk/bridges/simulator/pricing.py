"""The server's own prices: the market's quotes with this server's mark-up, and conversion rates out of them.

Prices are integer points of each symbol. Rates for booking are exact decimals (the middle of the best pair, as
`formulas.conversion` finds it); rates for sizing and margin watching are floats of the same pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.formulas.conversion import NoRateError, Pair, PairBook, PairUse, PriceSide, Quote, convert
from dealerdesk.formulas.margin import open_requirement, terms_of
from dealerdesk.formulas.profit import contract_of, value_per_lot
from dealerdesk.instruments import LOT, AssetClass, Symbol
from dealerdesk.trading import Platform

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
AnyInts = NDArray[Any]

RATE_DIGITS = 10
RATE_UNIT = Decimal(1).scaleb(-RATE_DIGITS)
MARKUP = {Platform.MT4: 0.25, Platform.MT5: 0.15, Platform.CTRADER: 0.05}
"""What a server adds to the spread, in shares of the instrument's typical spread."""
PAIR_CLASSES = frozenset({AssetClass.FX, AssetClass.METALS, AssetClass.CRYPTO})
PIVOT = "USD"


class Quoting(Protocol):
    """What prices need of a market."""

    bid_points: Int64s
    ask_points: Int64s


def points_to_price(points: int, digits: int) -> Decimal:
    """An exact price from integer points."""
    return Decimal(points).scaleb(-digits)


class Prices:
    """`bid` and `ask` of all symbols in points, and per symbol, as float arrays, what a point and a lot are worth.

    `point_value` is profit currency per lot and point; `margin_per_lot` margin currency per lot before leverage where
    `margin_priced` and `margin_levered` say whether price and leverage still join in.
    """

    def __init__(self, platform: Platform, instruments: Sequence[Instrument], symbols: Sequence[Symbol]) -> None:
        self.symbols = tuple(symbols)
        self.digits = [symbol.digits for symbol in symbols]
        self.size: Floats = np.array([10.0**-symbol.digits for symbol in symbols])
        extra = [_markup_points(platform, each, symbol) for each, symbol in zip(instruments, symbols, strict=True)]
        self.bid_markup: Int64s = np.array([points // 2 for points in extra], np.int64)
        self.ask_markup: Int64s = np.array([points - points // 2 for points in extra], np.int64)
        self.bid: Int64s = np.zeros(len(symbols), np.int64)
        self.ask: Int64s = np.zeros(len(symbols), np.int64)
        self._pairs = ServerPairs(self)
        self.currencies = sorted({code for s in symbols for code in (s.profit_currency, s.margin_currency)} | {PIVOT})
        self._read_contracts()

    def follow(self, market: Quoting) -> None:
        """Takes over the market's present quotes."""
        np.subtract(market.bid_points, self.bid_markup, out=self.bid)
        np.add(market.ask_points, self.ask_markup, out=self.ask)

    def rate(self, source: str, target: str) -> Decimal:
        """1 of `source` in `target`, ten decimals; raises NoRateError where no pair leads there."""
        if source == target:
            return Decimal(1)
        exact = convert(source, target, self._pairs, PriceSide.MID).rate
        return exact.quantize(RATE_UNIT, rounding=ROUND_HALF_UP)

    def has_rate(self, source: str, target: str) -> bool:
        """Whether a pair, or two through USD, lead from `source` to `target`."""
        try:
            self.rate(source, target)
        except NoRateError:
            return False
        return True

    def plan_rates(self, targets: Sequence[str]) -> None:
        """Fixes the currencies into which `rates_to_targets` converts, and the pairs that it goes through."""
        ways = [self._way(source, target) for source in self.currencies for target in targets]
        self._rate_shape = (len(self.currencies), len(targets))
        self._rate_pairs = np.array([[index for index, _ in way] for way in ways], np.int64)
        self._rate_powers = np.array([[power for _, power in way] for way in ways], np.float64)

    def rates_to_targets(self) -> Floats:
        """Rates of all `currencies` (rows) into the planned targets (columns); nan where there is none."""
        with np.errstate(divide="ignore"):
            steps = self.mid()[self._rate_pairs] ** self._rate_powers
        rates: Floats = steps.prod(axis=1).reshape(self._rate_shape)
        return rates

    def _way(self, source: str, target: str) -> list[tuple[int, float]]:
        """Two (symbol, power) whose product is the rate; power −1 divides, 0 leaves out, nan is no way at all."""
        if source == target:
            return [(0, 0.0), (0, 0.0)]
        try:
            path = convert(source, target, self._pairs, PriceSide.MID).path
        except NoRateError:
            return [(0, np.nan), (0, 0.0)]
        names = [symbol.name for symbol in self.symbols]
        way = [(names.index(use.name), -1.0 if use.inverse else 1.0) for use in path]
        return [*way, (0, 0.0)][:2]

    def price(self, symbol: int, points: int) -> Decimal:
        """`points` of a symbol as an exact price."""
        return points_to_price(points, self.digits[symbol])

    def mid(self) -> Floats:
        """Middle prices of all symbols."""
        return (self.bid + self.ask) * (self.size / 2)

    def _read_contracts(self) -> None:
        place = {code: number for number, code in enumerate(self.currencies)}
        self.profit_currency: Int64s = np.array([place[s.profit_currency] for s in self.symbols])
        self.margin_currency: Int64s = np.array([place[s.margin_currency] for s in self.symbols])
        per_price = [float(value_per_lot(s.calculation_mode, contract_of(s))) for s in self.symbols]
        self.point_value: Floats = np.array(per_price) * self.size
        needs = [open_requirement(terms_of(s)) for s in self.symbols]
        rates = np.array([float(s.margin_rate) for s in self.symbols])
        self.margin_per_lot: Floats = np.array([float(need.amount) for need in needs]) * rates
        self.margin_priced: NDArray[np.bool_] = np.array([need.priced for need in needs])
        self.margin_levered: NDArray[np.bool_] = np.array([need.levered for need in needs])

    def margin_of_lot(self, symbols: AnyInts, points: Int64s, leverage: AnyInts) -> Floats:
        """Margin currency that a lot opened at `points` demands, parallel arrays."""
        priced = np.where(self.margin_priced[symbols], points * self.size[symbols], 1.0)
        divisor = np.where(self.margin_levered[symbols], leverage, 1)
        margin: Floats = self.margin_per_lot[symbols] * priced / divisor
        return margin

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "_pairs"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._pairs = ServerPairs(self)


class ServerPairs(PairBook):
    """The server's symbols as pairs to convert through, at their present prices."""

    def __init__(self, prices: Prices) -> None:
        super().__init__(())
        self._prices = prices
        self._index: dict[tuple[str, str], int] = {}
        for symbol in prices.symbols:
            if symbol.asset_class in PAIR_CLASSES and symbol.base_currency != symbol.profit_currency:
                self._index.setdefault((symbol.base_currency, symbol.profit_currency), symbol.index)

    def step(self, source: str, target: str, side: PriceSide) -> PairUse | None:
        """The direct pair, else the inverse one, else None."""
        here = (source, target) if (source, target) in self._index else (target, source)
        index = self._index.get(here)
        if index is None:
            return None
        prices = self._prices
        bid, ask = (prices.price(index, int(points[index])) for points in (prices.bid, prices.ask))
        return PairBook((Pair(prices.symbols[index].name, *here, Quote(bid, ask)),)).step(source, target, side)


def _markup_points(platform: Platform, instrument: Instrument, symbol: Symbol) -> int:
    tick = int(symbol.tick_size.scaleb(symbol.digits))
    wanted = MARKUP[platform] * instrument.typical_spread_points
    return max(round(wanted / tick), 1) * tick


def lots(volumes: Int64s) -> Floats:
    """Volumes in lots."""
    in_lots: Floats = volumes / LOT
    return in_lots
