"""Money of one server: what a deal earns, what positions are worth and demand. Books nothing.

Deals are exact to the minor unit through `formulas`; whole accounts are valued in float arrays, rounded a position at
a time to the minor unit as platforms do.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.columns import Slots
from dealerdesk.bridges.simulator.pricing import RATE_DIGITS, lots
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY, SIDES
from dealerdesk.formulas.margin import lots_of
from dealerdesk.formulas.profit import contract_of, profit_converted
from dealerdesk.money import currency, to_minor

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Booked:
    """`minor` of the deposit currency, and the rate of the profit currency into it in 1e-10."""

    minor: int
    rate: int


def deal_profit(
    state: ServerState, account: int, symbol: int, side: int, volume: int, open_points: int, close_points: int
) -> Booked:
    """What closing `volume` (1e-8 lot) of a position on `side` earns, at the present conversion rate."""
    facts = state.symbols[symbol]
    rate = state.prices.rate(facts.profit_currency, state.currency(account))
    digits = state.exponent(account)
    result = profit_converted(
        facts.calculation_mode,
        SIDES[side],
        lots_of(volume),
        state.prices.price(symbol, open_points),
        state.prices.price(symbol, close_points),
        contract_of(facts),
        rate,
        digits,
        currency(facts.profit_currency).exponent,
    )
    return Booked(to_minor(result.value, digits), scaled_rate(rate))


def scaled_rate(rate: Decimal) -> int:
    """A rate as the deal table keeps it."""
    return int(rate.scaleb(RATE_DIGITS))


def commission(state: ServerState, account: int, volume: int) -> int:
    """What one side of a deal costs, as a negative amount of minor units; 0 in groups without commission."""
    per_lot = state.terms(account).group.commission_per_lot
    if not per_lot:
        return 0
    amount = (per_lot * lots_of(volume)).scaleb(state.exponent(account))
    return -int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def part_of(amount: int, part: int, whole: int) -> int:
    """The share `part` of `whole` of an amount of minor units, rounded half away from zero."""
    share, rest = divmod(abs(amount) * part, whole)
    share += 2 * rest >= whole
    return share if amount >= 0 else -share


def floating(state: ServerState, slots: Slots) -> Int64s:
    """Price P&L of positions in minor units of their accounts' currencies; 0 where nothing converts."""
    table, prices = state.positions, state.prices
    symbols, accounts = table.symbol[slots], table.account[slots]
    buys = table.side[slots] == BUY
    close = np.where(buys, prices.bid[symbols], prices.ask[symbols])
    moved = np.where(buys, 1, -1) * (close - table.open_points[slots])
    owner = state.accounts.currency[accounts]
    rates = prices.rates_to_targets()[prices.profit_currency[symbols], owner]
    minor = moved * prices.point_value[symbols] * lots(table.volume[slots]) * rates * _minor_units(state)[owner]
    return _rounded(minor)


def margin_each(state: ServerState, slots: Slots) -> Floats:
    """Margin that each position would demand alone, in minor units of its account's currency."""
    table, prices = state.positions, state.prices
    symbols, accounts = table.symbol[slots], table.account[slots]
    owner = state.accounts.currency[accounts]
    per_lot = prices.margin_of_lot(symbols, table.open_points[slots], state.accounts.leverage[accounts])
    rates = prices.rates_to_targets()[prices.margin_currency[symbols], owner]
    margin: Floats = np.nan_to_num(per_lot * lots(table.volume[slots]) * rates * _minor_units(state)[owner])
    return margin


def account_margin(state: ServerState, slots: Slots) -> int:
    """Margin of one account's positions in minor units; of a hedged symbol the covered part at its own terms."""
    each = margin_each(state, slots)
    table = state.positions
    signs = np.where(table.side[slots] == BUY, 1, -1)
    volumes, symbols = table.volume[slots], table.symbol[slots]
    total = 0.0
    for symbol in np.unique(symbols).tolist():
        here = symbols == symbol
        total += _hedged(state, symbol, each[here], volumes[here], signs[here])
    return round(total)


def _hedged(state: ServerState, symbol: int, each: Floats, volumes: Int64s, signs: Int64s) -> float:
    """Basic hedging: the uncovered volume at the larger side's average, the covered at the hedged contract size."""
    bought, sold = int(volumes[signs > 0].sum()), int(volumes[signs < 0].sum())
    if not bought or not sold:
        return float(each.sum())
    larger = signs > 0 if bought >= sold else signs < 0
    open_part = float(each[larger].sum()) * abs(bought - sold) / max(bought, sold)
    facts = state.symbols[symbol]
    covered_share = float(facts.hedged_contract_size / facts.contract_size)
    covered = float(each.sum()) / (bought + sold) * min(bought, sold) * covered_share
    return open_part + covered


def equity(state: ServerState, account: int, slots: Slots) -> int:
    """Balance, credit, floating and accrued swap and commission of an account with the positions `slots`."""
    accounts, table = state.accounts, state.positions
    accrued = int(table.swap[slots].sum() + table.commission[slots].sum())
    return int(accounts.balance[account] + accounts.credit[account]) + int(floating(state, slots).sum()) + accrued


def positions_of(state: ServerState, account: int) -> Slots:
    """The slots of an account's open positions."""
    return state.positions.where("account", account)


def _minor_units(state: ServerState) -> Floats:
    units: Floats = 10.0 ** np.array(state.exponents, np.float64)
    return units


def _rounded(amounts: Floats) -> Int64s:
    """Half away from zero; 0 for nan."""
    known = np.nan_to_num(amounts)
    rounded: Int64s = (np.sign(known) * np.floor(np.abs(known) + 0.5)).astype(np.int64)
    return rounded
