"""Margin of cells in float64: the same rule as `formulas.margin`, for one cell and for columns of cells.

Basic hedging: the uncovered volume at the average open price of the larger side, the covered volume at the average of
all positions. In the symbol's margin currency, before conversion and unrounded; tiers multiply later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.formulas.margin import hedged_requirement, open_requirement, terms_of
from dealerdesk.formulas.profit import contract_of, value_per_lot
from dealerdesk.instruments import LOT, Symbol
from dealerdesk.live.holdings import CellTable, PositionTable
from dealerdesk.live.tables import SymbolTable

PER_LOT = 1.0 / LOT


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """What a change of a position needs to know of its symbol: currency codes and amounts per 1e-8 lot."""

    profit_currency: int
    margin_currency: int
    value: float
    need_open: float
    need_hedged: float
    priced: bool
    levered: bool


def write_margin_columns(table: SymbolTable, slot: int, symbol: Symbol) -> None:
    """Fills the margin and value columns of a symbol's row."""
    terms = terms_of(symbol)
    uncovered, covered = open_requirement(terms), hedged_requirement(terms)
    table.lot_value[slot] = float(value_per_lot(symbol.calculation_mode, contract_of(symbol)))
    table.need_open[slot] = float(uncovered.amount * terms.rate_buy)
    table.need_hedged[slot] = float(covered.amount * (terms.rate_buy + terms.rate_sell) / 2)
    table.priced[slot] = uncovered.priced
    table.levered[slot] = uncovered.levered


def facts_of(table: SymbolTable, slot: int) -> SymbolFacts:
    """The facts of a symbol's row."""
    return SymbolFacts(
        int(table.profit_currency[slot]),
        int(table.margin_currency[slot]),
        float(table.lot_value[slot]) * PER_LOT,
        float(table.need_open[slot]) * PER_LOT,
        float(table.need_hedged[slot]) * PER_LOT,
        bool(table.priced[slot]),
        bool(table.levered[slot]),
    )


def cell_margin(
    facts: SymbolFacts, leverage: int, bought: int, sold: int, long_cost: float, short_cost: float
) -> float:
    """Margin of one cell; volumes in 1e-8 lot, costs Σ volume × open price."""
    uncovered, covered = (bought - sold, sold) if bought >= sold else (sold - bought, bought)
    if not facts.priced:
        margin = uncovered * facts.need_open + covered * facts.need_hedged
    else:
        larger = long_cost / bought if bought >= sold else short_cost / sold
        margin = uncovered * larger * facts.need_open
        if covered:
            margin += covered * ((long_cost + short_cost) / (bought + sold)) * facts.need_hedged
    return margin / leverage if facts.levered else margin


def cell_margins(
    cells: CellTable, slots: NDArray[np.int64], symbols: SymbolTable, leverage: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Margin of many cells; `leverage` is that of each cell's account."""
    bought, sold = cells.long_volume[slots], cells.short_volume[slots]
    long_cost, short_cost = cells.long_cost[slots], cells.short_cost[slots]
    symbol = cells.symbol[slots]
    priced, covered = symbols.priced[symbol], np.minimum(bought, sold)
    with np.errstate(divide="ignore", invalid="ignore"):
        larger = np.where(bought >= sold, long_cost / bought, short_cost / sold)
        middle = (long_cost + short_cost) / (bought + sold)
    open_part = np.abs(bought - sold) * np.where(priced, larger, 1.0) * symbols.need_open[symbol]
    hedged_part = covered * np.where(priced, middle, 1.0) * symbols.need_hedged[symbol]
    margin = (open_part + hedged_part) * PER_LOT
    margin = np.where(symbols.levered[symbol], margin / np.maximum(leverage, 1), margin)
    return np.where(bought + sold > 0, margin, 0.0)


def position_margins(
    positions: PositionTable, slots: NDArray[np.integer], symbols: SymbolTable, leverage: NDArray[np.int32]
) -> NDArray[np.float64]:
    """What positions demand each by itself, without a hedge; `leverage` is that of each position's account."""
    symbol = positions.symbol[slots]
    price = np.where(symbols.priced[symbol], positions.open_price[slots], 1.0)
    margin = positions.volume[slots] * PER_LOT * symbols.need_open[symbol] * price
    found: NDArray[np.float64] = np.where(symbols.levered[symbol], margin / np.maximum(leverage, 1), margin)
    return found
