"""What a night costs or earns: swap of positions in the deposit currency. Books nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.pricing import lots
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.clock import DAY_US
from dealerdesk.instruments import SwapMode

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]

YEAR_DAYS = 360
THURSDAY = 3
TRIPLE = 3


def nightly_swaps(state: ServerState, symbols: Int64s, sides: Int64s, volumes: Int64s, owner: Int64s) -> Floats:
    """Minor units of currency `owner` that one plain night adds to each position at present prices; negative costs.

    Points: lots × points × value of a point. Interest: percent a year of the present value, 1/360 a night.
    """
    prices = state.prices
    rates = prices.rates_to_targets()[prices.profit_currency[symbols], owner]
    price_points = np.where(sides == BUY, prices.bid[symbols], prices.ask[symbols])
    value_of_point = lots(volumes) * prices.point_value[symbols] * rates
    long, short, yearly = _terms(state)
    amount = np.where(sides == BUY, long[symbols], short[symbols])
    in_points = np.where(yearly[symbols], amount / 100 * price_points / YEAR_DAYS, amount)
    units = 10.0 ** np.array(state.exponents, np.float64)
    swaps: Floats = np.nan_to_num(in_points * value_of_point * units[owner])
    return swaps


def nights_of(state: ServerState, rollover_us: int) -> Int64s:
    """How many nights each symbol is charged at a rollover: three on its triple day, none in the weekend."""
    weekday = (rollover_us // DAY_US + THURSDAY) % 7
    triple = np.array([symbol.triple_swap_weekday for symbol in state.symbols])
    plain = np.array([1 if _trades_at(state, index, rollover_us) else 0 for index in range(len(state.symbols))])
    return np.where(triple == weekday, TRIPLE, plain)


def _trades_at(state: ServerState, index: int, rollover_us: int) -> bool:
    """Whether the symbol trades on the day that ends at the rollover (its sessions cover some of it)."""
    minute = (rollover_us // 60_000_000 + THURSDAY * 1_440) % 10_080
    day_begins = minute - 1_440
    return any(
        session.open_minute < minute + shift and session.close_minute > day_begins + shift
        for session in state.symbols[index].sessions
        for shift in (0, 10_080)
    )


def _terms(state: ServerState) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Long and short swap of all symbols, and which are percent a year."""
    off = np.array([symbol.swap_mode is SwapMode.DISABLED for symbol in state.symbols])
    long = np.array([float(symbol.swap_long) for symbol in state.symbols])
    short = np.array([float(symbol.swap_short) for symbol in state.symbols])
    yearly = np.array([symbol.swap_mode is SwapMode.INTEREST_CURRENT for symbol in state.symbols])
    return np.where(off, 0.0, long), np.where(off, 0.0, short), yearly
