"""Automatic hedging: whether to hedge an instrument now, how much, and why not. Pure; it sends nothing.

Per net by threshold (all of it, once it is beyond the trigger) or by band (back to the inner band), or per client (a
named client's net, at once). Hysteresis: a rule that began to hedge goes on until the uncovered is within its inner
band, and begins again only beyond its trigger. Nothing is sent while an order's fate is open, within the cool-down
after the last one, after too many rejects in a row, or when the kill switch is on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from dealerdesk.dealing.coverage import HedgeOrder, cover, flatten_to_limit
from dealerdesk.dealing.symbol_map import ZERO, LpSymbol

REJECTS_MAX = 3


class HedgeMode(StrEnum):
    """What a rule watches and how far back it hedges."""

    THRESHOLD = "threshold"
    BAND = "band"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class HedgeRule:
    """`trigger_units` and `inner_units` are sizes, without a sign. By threshold and per client all is hedged, so
    `inner_units` is 0 there; per client `login` says whose net is watched."""

    instrument: str
    mode: HedgeMode
    trigger_units: Decimal
    inner_units: Decimal = ZERO
    cool_down_us: int = 0
    login: int = 0

    def __post_init__(self) -> None:
        if not ZERO <= self.inner_units <= self.trigger_units:
            raise ValueError(f"{self.instrument}: the inner band must lie between 0 and the trigger")
        if self.inner_units and self.mode is not HedgeMode.BAND:
            raise ValueError(f"{self.instrument}: only a band hedges back to an inner band")
        if bool(self.login) is not (self.mode is HedgeMode.CLIENT):
            raise ValueError(f"{self.instrument}: a rule per client names the client, and no other does")


@dataclass(frozen=True, slots=True)
class HedgeState:
    """What a rule remembers. `open_orders` counts orders whose fate is not known yet; `rejected` those rejected in a
    row."""

    hedging: bool = False
    last_sent_us: int | None = None
    open_orders: int = 0
    rejected: int = 0

    def sent(self, time_us: int) -> HedgeState:
        """An order went out."""
        return replace(self, last_sent_us=time_us, open_orders=self.open_orders + 1)

    def settled(self, *, filled: bool) -> HedgeState:
        """An order's fate is known: filled in part or whole, or rejected."""
        if not self.open_orders:
            raise ValueError("no hedge order is open")
        return replace(self, open_orders=self.open_orders - 1, rejected=0 if filled else self.rejected + 1)

    def released(self) -> HedgeState:
        """A dealer lets the rule go on after too many rejects."""
        return replace(self, rejected=0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: an order or none, the sentence that says why, and what the rule remembers from here on."""

    order: HedgeOrder | None
    why: str
    state: HedgeState


def decide(
    rule: HedgeRule, symbol: LpSymbol, units: Decimal, state: HedgeState, now_us: int, *, killed: bool
) -> Decision:
    """What `rule` does with `units` uncovered at `now_us`; the caller sends the order and calls `state.sent`.

    The kill switch comes before everything else, so that no state can send past it.
    """
    if killed:
        return Decision(None, "the kill switch is on", state)
    state = replace(state, hedging=_hedging(rule, units, state))
    wait = _wait(rule, state, now_us)
    if wait:
        return Decision(None, wait, state)
    order = _size(rule, symbol, units)
    if order is None:
        return Decision(None, f"{abs(units):f} is less than the LP's smallest amount can mend", state)
    return Decision(order, f"{abs(units):f} uncovered is beyond {_bound(rule):f}", state)


def _hedging(rule: HedgeRule, units: Decimal, state: HedgeState) -> bool:
    if abs(units) > rule.trigger_units:
        return True
    return state.hedging and abs(units) > rule.inner_units


def _wait(rule: HedgeRule, state: HedgeState, now_us: int) -> str:
    """Why nothing is to be sent now; empty when nothing stands against it."""
    if not state.hedging:
        return f"within {rule.trigger_units:f}"
    if state.open_orders:
        return "an order is out whose fate is not known"
    if state.rejected >= REJECTS_MAX:
        return f"{state.rejected} orders in a row were rejected: a dealer must release the rule"
    if state.last_sent_us is not None and now_us - state.last_sent_us < rule.cool_down_us:
        return "cooling down after the last order"
    return ""


def _size(rule: HedgeRule, symbol: LpSymbol, units: Decimal) -> HedgeOrder | None:
    if rule.mode is HedgeMode.BAND:
        return flatten_to_limit(symbol, units, rule.inner_units)
    return cover(symbol, units)


def _bound(rule: HedgeRule) -> Decimal:
    return rule.inner_units if rule.mode is HedgeMode.BAND else rule.trigger_units
