"""What a hedging rule would have cost on a recorded path, before it is switched on. Pure; it switches nothing on.

Every moment of the path brings what clients added, and the LP's depth. The rule decides as it would live; its orders
fill at the depth found `delay_us` later, which is what a delay costs in a market that moves. Amounts are in the quote
currency of the instrument, exact; a cost is positive, a loss in P&L negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dealerdesk.dealing.coverage import HedgeOrder, after
from dealerdesk.dealing.hedging import HedgeRule, HedgeState, decide
from dealerdesk.dealing.symbol_map import ZERO, LpSymbol
from dealerdesk.trading import Side


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """So many of our units at that price."""

    price: Decimal
    units: Decimal


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of a recorded path: what was added to the uncovered since the one before, and the market then, best
    price first."""

    time_us: int
    flow_units: Decimal
    bids: tuple[DepthLevel, ...]
    asks: tuple[DepthLevel, ...]

    @property
    def mid(self) -> Decimal:
        """The middle of best bid and offer; ValueError without both."""
        if not self.bids or not self.asks:
            raise ValueError(f"no price on both sides at {self.time_us}")
        return (self.bids[0].price + self.asks[0].price) / 2

    def depth(self, side: Side) -> tuple[DepthLevel, ...]:
        """What an order of this side meets."""
        return self.asks if side is Side.BUY else self.bids


@dataclass(frozen=True, slots=True)
class DepthCost:
    """An order against a depth: Σ price × quantity ÷ Σ quantity (VWAP), what is filled, what the depth leaves, and the
    cost against the mid."""

    vwap: Decimal | None
    units: Decimal
    left: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class SimulatedHedge:
    """One order of a simulation: `slippage` is its cost by the market's move between decision and fill."""

    decided_us: int
    filled_us: int
    side: Side
    units: Decimal
    vwap: Decimal | None
    cost: Decimal
    slippage: Decimal


@dataclass(frozen=True, slots=True)
class HedgeResult:
    """A rule over a path. `carried` is the P&L of what stood uncovered, at mids; `net` is that less all costs."""

    rule: HedgeRule
    hedges: tuple[SimulatedHedge, ...]
    cost: Decimal
    slippage: Decimal
    carried: Decimal
    worst_units: Decimal
    left_units: Decimal

    @property
    def net(self) -> Decimal:
        return self.carried - self.cost - self.slippage


def cost_at_depth(depth: Sequence[DepthLevel], side: Side, units: Decimal, mid: Decimal) -> DepthCost:
    """What `units` (not negative) of `side` cost against `depth`, level by level."""
    left, value = units, ZERO
    for level in depth:
        taken = min(left, level.units)
        value += taken * level.price
        left -= taken
        if not left:
            break
    filled = units - left
    vwap = value / filled if filled else None
    return DepthCost(vwap, filled, left, side.sign * (value - filled * mid))


def simulate(rule: HedgeRule, symbol: LpSymbol, path: Sequence[Moment], delay_us: int = 0) -> HedgeResult:
    """The rule over the whole path; ValueError for a path that runs backwards or lacks a price."""
    run = _Run(rule, symbol)
    for moment in path:
        run.step(moment, delay_us)
    return run.result()


def compare(
    rules: Iterable[HedgeRule], symbol: LpSymbol, path: Sequence[Moment], delay_us: int = 0
) -> list[HedgeResult]:
    """Each rule over the same path, in the order given."""
    return [simulate(rule, symbol, path, delay_us) for rule in rules]


class _Run:
    """A simulation under way: at most one order is out, as live."""

    def __init__(self, rule: HedgeRule, symbol: LpSymbol) -> None:
        self._rule = rule
        self._symbol = symbol
        self._state = HedgeState()
        self._out: tuple[HedgeOrder, Moment] | None = None
        self._before: Moment | None = None
        self._hedges: list[SimulatedHedge] = []
        self._units = self._carried = self._worst = ZERO

    def step(self, moment: Moment, delay_us: int) -> None:
        if self._before is not None:
            if moment.time_us < self._before.time_us:
                raise ValueError(f"the path runs backwards at {moment.time_us}")
            # clients are long what is uncovered, so the broker is short of it
            self._carried -= self._units * (moment.mid - self._before.mid)
        self._before = moment
        self._units += moment.flow_units
        self._fill_if_due(moment, delay_us)
        self._worst = max(self._worst, abs(self._units))
        decision = decide(self._rule, self._symbol, self._units, self._state, moment.time_us, killed=False)
        self._state = decision.state
        if decision.order is not None:
            self._state = self._state.sent(moment.time_us)
            self._out = decision.order, moment
            self._fill_if_due(moment, delay_us)

    def result(self) -> HedgeResult:
        cost = sum((hedge.cost for hedge in self._hedges), ZERO)
        slippage = sum((hedge.slippage for hedge in self._hedges), ZERO)
        return HedgeResult(
            self._rule, tuple(self._hedges), cost, slippage, self._carried, self._worst, abs(self._units)
        )

    def _fill_if_due(self, moment: Moment, delay_us: int) -> None:
        if self._out is None or moment.time_us - self._out[1].time_us < delay_us:
            return
        order, decided = self._out
        self._out = None
        filled = cost_at_depth(moment.depth(order.side), order.side, abs(order.units), moment.mid)
        self._state = self._state.settled(filled=filled.units > 0)
        self._units = after(self._units, replace(order, units=order.side.sign * filled.units))
        slippage = order.side.sign * filled.units * (moment.mid - decided.mid)
        self._hedges.append(
            SimulatedHedge(
                decided.time_us, moment.time_us, order.side, filled.units, filled.vwap, filled.cost, slippage
            )
        )
