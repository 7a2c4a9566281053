"""What a simulated broker knows of an instrument before any server lists it. No prices in time, no files, no I/O.

A driver is a quantity whose price moves by itself: a currency against the US dollar, an ounce of gold, a barrel, a
coin, an index, a company. An instrument's price is one driver over another (`numerator` / `denominator`; "" is the
constant 1), so that EURGBP is EURUSD over GBPUSD at every moment.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from dealerdesk.instruments import AssetClass, CalculationMode, SwapMode


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument; units as in `dealerdesk.instruments.Symbol`.

    `market_hours` names a timetable of `sessions.HOURS`; `typical_price` is in the profit currency;
    `annual_volatility` is a fraction (0.08 = 8 % a year); `tick_weight` is its share of the market's ticks relative to
    the others that are open.
    """

    name: str
    description: str
    asset_class: AssetClass
    base_currency: str
    profit_currency: str
    margin_currency: str
    calculation_mode: CalculationMode
    contract_size: Decimal
    digits: int
    tick_size: Decimal
    volume_min: int
    volume_step: int
    volume_max: int
    margin_rate: Decimal
    hedged_contract_size: Decimal
    swap_mode: SwapMode
    swap_long: Decimal
    swap_short: Decimal
    triple_swap_weekday: int
    market_hours: str
    typical_price: float
    annual_volatility: float
    typical_spread_points: int
    tick_weight: float
    region: str
    numerator: str
    denominator: str


class Driver(msgspec.Struct, frozen=True, kw_only=True):
    """One thing whose price moves: `price` in US dollars for currencies, metals and coins, else in its own currency.

    `loadings` are correlations with the common factors of `FACTORS`, in their order; what is left of 1 is its own.
    """

    name: str
    price: float
    annual_volatility: float
    market_hours: str
    loadings: tuple[float, ...]


FACTORS = ("dollar", "risk", "us", "europe", "asia", "oil", "gold", "crypto")
"""Common causes; each is a standard normal of its own. `dollar` positive = everything else dearer in dollars."""

CURRENCY_LOADINGS = {
    "EUR": {"dollar": 0.85},
    "GBP": {"dollar": 0.72, "risk": 0.15},
    "JPY": {"dollar": 0.50, "risk": -0.35},
    "CHF": {"dollar": 0.75, "risk": -0.20},
    "AUD": {"dollar": 0.65, "risk": 0.42},
    "NZD": {"dollar": 0.65, "risk": 0.38},
    "CAD": {"dollar": 0.55, "risk": 0.25, "oil": 0.30},
    "NOK": {"dollar": 0.62, "risk": 0.25, "oil": 0.35},
    "SEK": {"dollar": 0.75, "risk": 0.25},
    "DKK": {"dollar": 0.85},
    "MXN": {"dollar": 0.40, "risk": 0.45, "oil": 0.10},
    "ZAR": {"dollar": 0.45, "risk": 0.42, "gold": 0.15},
    "TRY": {"dollar": 0.20, "risk": 0.20},
    "HKD": {"dollar": 0.20},
}
OTHER_CURRENCY = {"dollar": 0.60, "risk": 0.20}

REGION_LOADINGS = {
    "us": {"risk": 0.62, "us": 0.68},
    "europe": {"risk": 0.62, "europe": 0.66},
    "asia": {"risk": 0.50, "asia": 0.72},
}
SHARE_SCALE = 0.62
"""A company follows its region's factors this much less than the index does."""

CLASS_LOADINGS = {
    AssetClass.CRYPTO: {"crypto": 0.80, "risk": 0.20},
    AssetClass.INDICES: {"risk": -0.75},
    AssetClass.ENERGIES: {"oil": 0.93, "risk": 0.15},
    AssetClass.METALS: {"gold": 0.80, "dollar": 0.30},
}
OWN_LOADINGS = {
    "XAU": {"gold": 0.90, "dollar": 0.38},
    "XPT": {"gold": 0.45, "dollar": 0.30, "risk": 0.20},
    "XPD": {"gold": 0.30, "dollar": 0.20, "risk": 0.25},
    "XCU": {"gold": 0.15, "dollar": 0.35, "risk": 0.50},
    "BTC": {"crypto": 0.90, "risk": 0.25},
    "ETH": {"crypto": 0.85, "risk": 0.22},
    "XNGUSD": {"oil": 0.20},
    "USDX": {"dollar": -0.95},
}


def loadings_of(driver: str, asset_class: AssetClass, region: str) -> tuple[float, ...]:
    """Correlations of a driver with each of FACTORS; the sum of their squares stays below 1."""
    if driver in OWN_LOADINGS:
        named = OWN_LOADINGS[driver]
    elif asset_class is AssetClass.FX:
        named = CURRENCY_LOADINGS.get(driver, OTHER_CURRENCY)
    elif region:
        named = REGION_LOADINGS[region]
    else:
        named = CLASS_LOADINGS[asset_class]
    scale = SHARE_SCALE if asset_class is AssetClass.SHARES else 1.0
    return tuple(scale * named.get(factor, 0.0) for factor in FACTORS)
