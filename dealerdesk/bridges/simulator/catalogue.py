"""The catalogue: what a retail broker offers, and how each of the three platforms lists it. No prices in time.

The facts stand in `resources/instruments.csv`, one row an instrument, the best known of each class first. The same
instrument is one symbol on each server, under that platform's name and with that platform's rules.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache

from dealerdesk.assets import asset
from dealerdesk.bridges.simulator.instrument_facts import Driver, Instrument, loadings_of
from dealerdesk.bridges.simulator.sessions import rotated_sessions
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, SwapMode, Symbol
from dealerdesk.trading import Platform

DEMO_MIX = {
    AssetClass.FX: 30,
    AssetClass.METALS: 4,
    AssetClass.INDICES: 10,
    AssetClass.ENERGIES: 3,
    AssetClass.SHARES: 15,
    AssetClass.CRYPTO: 8,
}
"""How many of each class the first 70 instruments hold; longer catalogues go on in this proportion while they can."""

CTRADER_NAMES = {
    "US500": "US 500",
    "NAS100": "US TECH 100",
    "US30": "US 30",
    "US2000": "US 2000",
    "DE40": "GERMANY 40",
    "UK100": "UK 100",
    "JP225": "JAPAN 225",
    "FRA40": "FRANCE 40",
    "EU50": "EUROPE 50",
    "AUS200": "AUSTRALIA 200",
    "HK50": "HONG KONG 50",
    "XTIUSD": "SpotCrude",
    "XBRUSD": "SpotBrent",
    "XNGUSD": "NatGas",
}
STALE_AFTER_MS = {
    AssetClass.FX: 10_000,
    AssetClass.METALS: 10_000,
    AssetClass.INDICES: 15_000,
    AssetClass.ENERGIES: 20_000,
    AssetClass.SHARES: 60_000,
    AssetClass.CRYPTO: 15_000,
}
LIVELY_WEIGHT = 1.0
"""Below this tick weight an instrument is allowed to be silent three times as long before it counts as stale."""


def available() -> int:
    """How many instruments the catalogue holds."""
    return len(_catalogue())


def instruments(count: int) -> tuple[Instrument, ...]:
    """The first `count` instruments, the best known of every class first; ValueError if the catalogue has fewer."""
    if not 1 <= count <= available():
        raise ValueError(f"instruments: expected 1 to {available()}, got {count}")
    return _catalogue()[:count]


def drivers() -> dict[str, Driver]:
    """All drivers by name, whatever instruments are in use, so that a cross needs no leg beside it."""
    return _drivers()


def symbols_of(
    platform: Platform, instruments: Sequence[Instrument], calendar_shift_days: int = 0
) -> tuple[Symbol, ...]:
    """`instruments` as a server of `platform` lists them, in their order; `index` is the position.

    `calendar_shift_days` is the market's (see `sessions.calendar_shift_days`): sessions and triple swap follow it.
    """
    return tuple(
        _symbol(platform, instrument, index, calendar_shift_days) for index, instrument in enumerate(instruments)
    )


def symbol_name(platform: Platform, instrument: Instrument) -> str:
    """The instrument's name on a server of `platform`; on MT4 at most 11 characters."""
    share = instrument.asset_class is AssetClass.SHARES
    with_country = f"{instrument.name}.US" if share and "." not in instrument.name else instrument.name
    match platform:
        case Platform.MT4:
            return f"#{instrument.name}" if share else f"{instrument.name}.m"
        case Platform.MT5:
            return with_country
        case Platform.CTRADER:
            return CTRADER_NAMES.get(instrument.name, with_country)


def _symbol(platform: Platform, instrument: Instrument, index: int, shift_days: int) -> Symbol:
    quiet = 1 if instrument.tick_weight >= LIVELY_WEIGHT else 3
    minimum, step = _volumes(platform, instrument)
    return Symbol(
        name=symbol_name(platform, instrument),
        instrument=instrument.name,
        description=instrument.description,
        asset_class=instrument.asset_class,
        base_currency=instrument.base_currency,
        profit_currency=instrument.profit_currency,
        margin_currency=instrument.margin_currency,
        calculation_mode=_mode(platform, instrument),
        contract_size=instrument.contract_size,
        digits=instrument.digits,
        tick_size=instrument.tick_size,
        tick_value=instrument.tick_size * instrument.contract_size,
        volume_min=minimum,
        volume_step=step,
        volume_max=instrument.volume_max,
        margin_rate=instrument.margin_rate,
        hedged_contract_size=_hedged(platform, instrument),
        swap_mode=instrument.swap_mode,
        swap_long=instrument.swap_long,
        swap_short=instrument.swap_short,
        triple_swap_weekday=(instrument.triple_swap_weekday - shift_days) % 7,
        sessions=rotated_sessions(instrument.market_hours, shift_days),
        stale_after_ms=STALE_AFTER_MS[instrument.asset_class] * quiet,
        index=index,
    )


def _mode(platform: Platform, instrument: Instrument) -> CalculationMode:
    # shares are exchange stocks on MT5 alone; the other two know them as CFDs only, with the same figures
    if platform is Platform.MT5 and instrument.asset_class is AssetClass.SHARES:
        return CalculationMode.EXCHANGE_STOCKS
    return instrument.calculation_mode


def _volumes(platform: Platform, instrument: Instrument) -> tuple[int, int]:
    # MT5 and cTrader offer fractions of a share, MT4 servers by custom do not
    if instrument.asset_class is AssetClass.SHARES and platform is not Platform.MT4 and instrument.contract_size == 1:
        return LOT // 10, LOT // 10
    return instrument.volume_min, instrument.volume_step


def _hedged(platform: Platform, instrument: Instrument) -> Decimal:
    """What a hedged lot carries, in MT5's meaning.

    MT4 states the number per pair of lots, so its usual half contract is a whole one here; cTrader charges the larger
    leg, which is also a whole contract.
    """
    if platform is Platform.MT5:
        return instrument.hedged_contract_size
    return instrument.hedged_contract_size * 2


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with asset("resources", "instruments.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def _drivers() -> dict[str, Driver]:
    return {driver.name: driver for driver in map(_driver, filter(_is_driven_by_itself, _rows()))}


@cache
def _catalogue() -> tuple[Instrument, ...]:
    return tuple(_interleaved(map(_instrument, _rows())))


def _interleaved(instruments: Iterable[Instrument]) -> list[Instrument]:
    seen = dict.fromkeys(DEMO_MIX, 0)
    placed: list[tuple[float, Instrument]] = []
    for instrument in instruments:
        rank = seen[instrument.asset_class]
        seen[instrument.asset_class] = rank + 1
        placed.append(((rank + 1) / DEMO_MIX[instrument.asset_class], instrument))
    placed.sort(key=lambda place: place[0])
    return [instrument for _, instrument in placed]


def _is_driven_by_itself(row: dict[str, str]) -> bool:
    return row["price"] != ""


def _legs(row: dict[str, str]) -> tuple[str, str]:
    """The drivers of an instrument's price: numerator and denominator."""
    if row["asset_class"] not in ("fx", "metals", "crypto"):
        return row["name"], ""
    return _leg(row["base"]), _leg(row["profit"])


def _leg(code: str) -> str:
    return "" if code == "USD" else code


def _driver(row: dict[str, str]) -> Driver:
    numerator, denominator = _legs(row)
    name, price = (numerator, float(row["price"])) if numerator else (denominator, 1 / float(row["price"]))
    return Driver(
        name=name,
        price=price,
        annual_volatility=float(row["volatility"]) / 100,
        market_hours=row["hours"],
        loadings=loadings_of(name, AssetClass(row["asset_class"]), row["region"]),
    )


def _price_of(legs: tuple[str, str]) -> float:
    above, below = (_drivers()[leg].price if leg else 1.0 for leg in legs)
    return above / below


def _volatility_of(legs: tuple[str, str]) -> float:
    """Annual volatility of a ratio of two drivers, by their loadings on the common factors."""
    sides = [_drivers()[leg] for leg in legs if leg]
    variance = sum(side.annual_volatility**2 for side in sides)
    if len(sides) == 2:
        correlation = sum(a * b for a, b in zip(sides[0].loadings, sides[1].loadings, strict=True))
        variance -= 2 * correlation * sides[0].annual_volatility * sides[1].annual_volatility
    return float(variance**0.5)


def _instrument(row: dict[str, str]) -> Instrument:
    legs = _legs(row)
    digits = int(row["digits"])
    mode = CalculationMode(row["mode"])
    return Instrument(
        name=row["name"],
        description=row["description"],
        asset_class=AssetClass(row["asset_class"]),
        base_currency=row["base"],
        profit_currency=row["profit"],
        margin_currency=row["base"] if mode is CalculationMode.FOREX else row["profit"],
        calculation_mode=mode,
        contract_size=Decimal(row["contract"]),
        digits=digits,
        tick_size=Decimal(1).scaleb(-digits),
        volume_min=_volume(row["volume_min"]),
        volume_step=_volume(row["volume_step"]),
        volume_max=_volume(row["volume_max"]),
        margin_rate=Decimal(row["margin_rate"]),
        hedged_contract_size=Decimal(row["hedged"]),
        swap_mode=SwapMode(row["swap_mode"]),
        swap_long=Decimal(row["swap_long"]),
        swap_short=Decimal(row["swap_short"]),
        triple_swap_weekday=int(row["triple"]),
        market_hours=row["hours"],
        typical_price=_price_of(legs),
        annual_volatility=_volatility_of(legs),
        typical_spread_points=int(row["spread"]),
        tick_weight=float(row["weight"]),
        region=row["region"],
        numerator=legs[0],
        denominator=legs[1],
    )


def _volume(lots: str) -> int:
    return int(Decimal(lots) * LOT)
