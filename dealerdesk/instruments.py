"""What can be traded: symbols as one trading server offers them. No prices, no formulas, no I/O.

A symbol belongs to a server: the same instrument on two servers is two symbols, with their own names,
contract sizes and sessions. `instrument` ties them together.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

LOT = 100_000_000
"""Volumes are integers of 1e-8 lot."""


class AssetClass(StrEnum):
    FX = "fx"
    METALS = "metals"
    INDICES = "indices"
    ENERGIES = "energies"
    SHARES = "shares"
    CRYPTO = "crypto"


class CalculationMode(StrEnum):
    """How profit and margin follow from price and volume (field/formulas 4.2 and 4.3)."""

    FOREX = "forex"
    FOREX_NO_LEVERAGE = "forex_no_leverage"
    CFD = "cfd"
    CFD_LEVERAGE = "cfd_leverage"
    CFD_INDEX = "cfd_index"
    EXCHANGE_STOCKS = "exchange_stocks"
    FUTURES = "futures"
    BONDS = "bonds"


class SwapMode(StrEnum):
    POINTS = "points"
    INTEREST_CURRENT = "interest_current"
    DISABLED = "disabled"


class Session(msgspec.Struct, frozen=True, array_like=True):
    """A weekly trading session in UTC minutes since Monday 00:00; `close_minute` is exclusive."""

    open_minute: int
    close_minute: int


class Symbol(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="symbol", kw_only=True):
    """One symbol of one server.

    `contract_size` is in units of the base currency (or of the thing traded) per lot; `digits` are the
    decimals of its price; volumes are integers of 1e-8 lot; swaps are per lot and night in points, or
    percent a year, as `swap_mode` says, negative when the client pays; `triple_swap_weekday` counts
    Monday as 0. `margin_rate` multiplies the mode's margin; `hedged_contract_size` is what a hedged lot
    (one side) still carries.
    """

    name: str
    instrument: str
    description: str
    asset_class: AssetClass
    base_currency: str
    profit_currency: str
    margin_currency: str
    calculation_mode: CalculationMode
    contract_size: Decimal
    digits: int
    tick_size: Decimal
    tick_value: Decimal
    volume_min: int
    volume_step: int
    volume_max: int
    margin_initial: Decimal = Decimal(0)
    margin_rate: Decimal = Decimal(1)
    hedged_contract_size: Decimal = Decimal(0)
    swap_mode: SwapMode = SwapMode.POINTS
    swap_long: Decimal = Decimal(0)
    swap_short: Decimal = Decimal(0)
    triple_swap_weekday: int = 2
    sessions: tuple[Session, ...] = ()
    stale_after_ms: int = 10_000
    index: int = 0
    """Position of the symbol in this server's quote batches."""


def is_open(symbol: Symbol, weekly_minute: int) -> bool:
    """Whether a session of `symbol` covers the minute since Monday 00:00 UTC."""
    return any(s.open_minute <= weekly_minute < s.close_minute for s in symbol.sessions)
